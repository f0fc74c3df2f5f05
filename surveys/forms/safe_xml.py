"""The parser of all foreign XML: no DTD, no entities, no network, bounded size."""

from lxml import etree


class UnsafeXmlError(ValueError):
    """The bytes are not XML that we read: broken, or with a document type of its own."""


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse(data: bytes) -> etree._Element:
    """Return the root element of ``data``.

    A DOCTYPE is refused before anything in it can be expanded: neither forms nor
    records need one, and every XML bomb and external entity does. Raises
    UnsafeXmlError with libxml2's sentence.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnsafeXmlError("A document type declaration is not accepted.")
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as trouble:
        raise UnsafeXmlError(str(trouble)) from trouble
    # another encoding may have hidden the letters looked for above
    if root.getroottree().docinfo.doctype:
        raise UnsafeXmlError("A document type declaration is not accepted.")
    return root


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace; "" for what is not an element."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2]
