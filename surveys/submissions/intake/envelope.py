"""The envelope of a record: its form, version and id, and the id it replaces."""

import re
from dataclasses import dataclass

from surveys.forms.safe_xml import UnsafeXmlError, local, parse

_MAX_ID = 255
_BARE = re.compile(rb"&(?!#[0-9]{1,7};|#x[0-9a-fA-F]{1,6};|[A-Za-z_][\w.-]{0,63};)")
"""An ampersand that begins no reference."""


class UnreadableError(ValueError):
    """The bytes are not a record; the message says why."""


@dataclass(frozen=True)
class Envelope:
    """The outside of one record."""

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str


def open_envelope(xml: bytes) -> Envelope:
    """Read the outside of a record. Raises UnreadableError.

    ``meta`` and its members come with or without the ``orx`` namespace; an
    instanceID is any text, not always a UUID.
    """
    try:
        root = parse(xml)
    except UnsafeXmlError as trouble:
        raise UnreadableError(str(trouble)) from trouble
    form_id = root.get("id") or ""
    if not form_id:
        raise UnreadableError("The record does not say which form it belongs to.")
    instance_id = deprecated_id = ""
    # meta is last in nearly every form
    for child in reversed(root):
        if local(child) == "meta":
            for entry in child:
                name = local(entry)
                if name == "instanceID":
                    instance_id = (entry.text or "").strip()
                elif name == "deprecatedID":
                    deprecated_id = (entry.text or "").strip()
            break
    instance_id = instance_id or (root.get("instanceID") or "").strip()
    if not instance_id:
        raise UnreadableError("The record has no instanceID.")
    if max(len(instance_id), len(deprecated_id)) > _MAX_ID:
        raise UnreadableError("The instanceID is too long.")
    return Envelope(form_id, root.get("version") or "", instance_id, deprecated_id)


def opened(xml: bytes) -> tuple[bytes, Envelope]:
    """Read the outside of a record, and return the bytes to keep. Raises UnreadableError.

    Scripts that write answers into XML often forget to escape ``&``. Central takes such a record;
    here it is stored with its signs escaped, because everything that reads it later needs XML.
    Every other record is stored byte for byte.
    """
    try:
        return xml, open_envelope(xml)
    except UnreadableError:
        mended = _BARE.sub(b"&amp;", xml)
        if mended == xml:
            raise
        return mended, open_envelope(mended)
