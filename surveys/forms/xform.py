"""Reading an XForm: its instance, texts, binds and lists, for the compiler and the server."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from surveys.forms.safe_xml import local, parse

XFORMS = "{http://www.w3.org/2002/xforms}"
XHTML = "{http://www.w3.org/1999/xhtml}"
JR = "{http://openrosa.org/javarosa}"
ODK = "{http://www.opendatakit.org/xforms}"
ORX = "{http://openrosa.org/xforms}"

Parts = list[str | dict[str, str]]
Text = dict[str, Parts]
"""{language code: parts}; a part is a string or {"value": xpath}."""

_LANGUAGE = re.compile(r"\(([A-Za-z-]{2,12})\)\s*$")
_ITEXT = re.compile(r"^\s*jr:itext\(\s*'([^']*)'\s*\)\s*$")
_MEDIA = re.compile(r"^jr://([a-z-]+)/(.+)$")
NO_LANGUAGE = "default"


class XFormError(ValueError):
    """Well-formed XML that is not an XForm."""


def language_code(name: str) -> str:
    """Return ``km`` for "Khmer (km)"; the lower-cased name where no code is given."""
    match = _LANGUAGE.search(name)
    return match[1].lower() if match else name.strip().lower()


def parts_of(element: etree._Element) -> Parts:
    """Return the text of a label with its ``<output>``s; empty for a missing translation ("-")."""
    parts: Parts = [element.text or ""]
    for child in element:
        if local(child) == "output":
            parts.append({"value": (child.get("value") or child.get("ref") or "").strip()})
        parts.append(child.tail or "")
    if isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    parts = [part for part in parts if part != ""]
    return [] if parts == ["-"] else parts


@dataclass
class ItextEntry:
    """The content of one itext id: words, and media file names, per language."""

    words: Text = field(default_factory=dict)
    guidance: Text = field(default_factory=dict)
    media: dict[str, dict[str, str]] = field(default_factory=dict)


class XForm:
    """One XForm, parsed once. Raises XFormError or UnsafeXmlError for anything else."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root = parse(data)
        model = self.root.find(f".//{XFORMS}model")
        body = self.root.find(f"{XHTML}body")
        if model is None or body is None:
            raise XFormError("This XML is not an XForm: it has no model or no body.")
        self.model, self.body = model, body
        instance = model.find(f"{XFORMS}instance")
        if instance is None or len(instance) == 0:
            raise XFormError("This XForm has no primary instance.")
        self.instance = instance[0]
        self.form_id = self.instance.get("id") or ""
        self.version = self.instance.get("version") or ""
        if not self.form_id:
            raise XFormError("The primary instance has no id.")

    @cached_property
    def title(self) -> str:
        title = self.root.find(f".//{XHTML}title")
        return (title.text or "").strip() if title is not None else self.form_id

    @cached_property
    def encrypted(self) -> bool:
        submission = self.model.find(f"{XFORMS}submission")
        return submission is not None and bool(submission.get("base64RsaPublicKey"))

    @cached_property
    def _translations(self) -> list[etree._Element]:
        matches = self.model.findall(f"{XFORMS}itext/{XFORMS}translation")
        return sorted(matches, key=lambda t: t.get("default") is None)

    @cached_property
    def languages(self) -> list[dict[str, str]]:
        """The form's languages, default first."""
        names = [t.get("lang") or "" for t in self._translations]
        languages = [{"code": language_code(n), "name": n} for n in names]
        return languages or [{"code": NO_LANGUAGE, "name": ""}]

    @cached_property
    def itext(self) -> dict[str, ItextEntry]:
        """Texts of each itext id, by language."""
        statements: dict[str, ItextEntry] = {}
        for translation in self._translations:
            code = language_code(translation.get("lang") or "")
            for text in translation:
                statement = statements.setdefault(text.get("id") or "", ItextEntry())
                for value in text:
                    self._hear(statement, code, value)
        return statements

    @staticmethod
    def _hear(statement: ItextEntry, code: str, value: etree._Element) -> None:
        form = value.get("form")
        if form in {None, "long", "guidance"}:
            parts = parts_of(value)
            if parts:
                (statement.guidance if form == "guidance" else statement.words)[code] = parts
            return
        match = _MEDIA.match((value.text or "").strip())
        if match:
            statement.media.setdefault(str(form), {})[code] = match[2]

    def text(self, element: etree._Element | None) -> ItextEntry:
        """Return the text of a ``label``, ``hint`` or similar element, by language."""
        if element is None:
            return ItextEntry()
        match = _ITEXT.match(element.get("ref") or "")
        if match:
            return self.itext.get(match[1], ItextEntry())
        parts = parts_of(element)
        return ItextEntry(words={self.languages[0]["code"]: parts} if parts else {})

    def message(self, raw: str | None) -> Text:
        """Return a constraint or required message: an itext reference or the words themselves."""
        if not raw:
            return {}
        match = _ITEXT.match(raw)
        if match:
            return self.itext.get(match[1], ItextEntry()).words
        return {self.languages[0]["code"]: [raw]}

    @cached_property
    def binds(self) -> list[etree._Element]:
        return [b for b in self.model.findall(f"{XFORMS}bind") if b.get("nodeset")]

    @cached_property
    def secondary(self) -> dict[str, etree._Element]:
        """Secondary instances by id."""
        instances = self.model.findall(f"{XFORMS}instance")[1:]
        return {i.get("id") or "": i for i in instances}

    @cached_property
    def media(self) -> dict[str, str]:
        """File name to kind (audio, image, video, file) of everything the form uses."""
        kinds: dict[str, str] = {}
        for record in self.itext.values():
            for form, names in record.media.items():
                kind = "image" if form == "big-image" else form
                kinds.update(dict.fromkeys(names.values(), kind))
        for instance in self.secondary.values():
            match = _MEDIA.match(instance.get("src") or "")
            if match and match[1] in {"file", "file-csv"}:
                kinds[match[2]] = "file"
        return kinds

    @cached_property
    def default_instance(self) -> str:
        """The record to fill in: templates taken out, XForms' own namespace taken off."""
        copy = _plain(self.instance)
        for template in copy.xpath("//*[@*[local-name()='template']]"):
            template.getparent().remove(template)
        return str(etree.tostring(copy, encoding="unicode"))

    @cached_property
    def templates(self) -> dict[str, str]:
        """Path of a repeat to the XML of one empty turn."""
        xml_of: dict[str, str] = {}
        marked = [e for e in self.instance.iter() if e.get(f"{JR}template") is not None]
        for element in marked:
            copy = _plain(element)
            for inner in copy.xpath(".//*[@*[local-name()='template']]"):
                inner.getparent().remove(inner)
            xml_of[self.path(element)] = etree.tostring(copy, encoding="unicode")
        for repeat in self.body.iter("{*}repeat"):
            # a form may have no template: then its first repeat instance is one
            path = (repeat.get("nodeset") or "").strip()
            first = self._first_at(path) if path not in xml_of else None
            if first is not None:
                xml_of[path] = etree.tostring(_plain(first), encoding="unicode")
        return xml_of

    def _first_at(self, path: str) -> etree._Element | None:
        element = self.instance
        names = path.strip("/").split("/")
        if names[0] != local(element):
            return None
        for name in names[1:]:
            inside = next((c for c in element if local(c) == name), None)
            if inside is None:
                return None
            element = inside
        return element

    def path(self, element: etree._Element) -> str:
        """Return the absolute path of a node of the primary instance.

        It has prefixes as binds write them.
        """
        names = [_name(element), *(_name(a) for a in element.iterancestors())]
        depth = len(list(self.instance.iterancestors()))
        return "/" + "/".join(reversed(names[: len(names) - depth]))

    @cached_property
    def leaves(self) -> list[str]:
        """Paths of every question of the primary instance, in order, repeats once."""
        paths: dict[str, None] = {}
        for element in self.instance.iter():
            if isinstance(element.tag, str) and len(element) == 0:
                paths[self.path(element)] = None
        return list(paths)


def _name(element: etree._Element) -> str:
    tag: Any = element.tag
    return ("orx:" if tag.startswith(ORX) else "") + local(element)


def _plain(element: etree._Element, parent: etree._Element | None = None) -> etree._Element:
    """Return a copy as ODK Collect sends it.

    XForms' namespace is removed, orx is kept, and templates are still marked.
    """
    tag = element.tag if str(element.tag).startswith(ORX) else local(element)
    attributes = {k: v for k, v in element.attrib.items() if not str(k).startswith(ODK)}
    if parent is None:
        plain = etree.Element(tag, attributes, nsmap={"orx": ORX[1:-1], "jr": JR[1:-1]})
        if not element.get("id"):
            plain.attrib.pop(f"{JR}template", None)
    else:
        plain = etree.SubElement(parent, tag, attributes)
    plain.text = element.text.strip() if element.text and element.text.strip() else None
    for child in element:
        if isinstance(child.tag, str):
            _plain(child, plain)
    if parent is None and not element.get("id"):
        etree.cleanup_namespaces(plain)
    return plain
