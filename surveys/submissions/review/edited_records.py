"""A record under a new id, saying which wording it replaces."""

from uuid import uuid4

from lxml import etree

from surveys.forms.safe_xml import local, parse


def reworded(xml: bytes, *, replaces: str, instance_id: str = "") -> bytes:
    """Return the same answers as an edit of ``replaces``, with a new instanceID."""
    root = parse(xml)
    meta = next((c for c in root if local(c) == "meta"), None)
    if meta is None:
        meta = etree.SubElement(root, "{http://openrosa.org/xforms}meta")
    namespace = etree.QName(meta).namespace
    prefix = f"{{{namespace}}}" if namespace else ""
    for entry in list(meta):
        if local(entry) in {"instanceID", "deprecatedID"}:
            meta.remove(entry)
    etree.SubElement(meta, f"{prefix}instanceID").text = instance_id or f"uuid:{uuid4()}"
    etree.SubElement(meta, f"{prefix}deprecatedID").text = replaces
    return bytes(etree.tostring(root, encoding="utf-8"))
