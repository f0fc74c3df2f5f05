"""XForm to ``tablet.json``; docs/forms.md describes the shape and the words used below."""

import hashlib
import re
from typing import Any

from lxml import etree

from surveys.forms.lists import HOUSE_LISTS
from surveys.forms.safe_xml import local
from surveys.forms.xform import JR, NO_LANGUAGE, Text, XForm

SCHEMA = 1
Json = dict[str, Any]

_ITEMSET = re.compile(
    r"^\s*(?P<random>randomize\(\s*)?instance\(\s*'(?P<list>[^']+)'\s*\)/root/item"
    r"\s*(?:\[(?P<filter>.*)\])?\s*(?(random)(?:,\s*(?P<seed>[^)]+))?\))\s*$",
    re.DOTALL,
)
_EQUALS = re.compile(r"^\s*(?P<column>[A-Za-z_][\w.-]*)\s*=\s*(?P<value>[^=<>!]+?)\s*$")
_SELECTED = re.compile(
    r"^\s*selected\(\s*(?P<column>[A-Za-z_][\w.-]*)\s*,\s*(?P<value>[^,()]+(?:\(\))?[^,()]*?)\s*\)\s*$"
)
_INPUTS = {
    "": "text",
    "string": "text",
    "int": "integer",
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "geopoint": "geopoint",
}
_UPLOADS = {"image/*": "image", "audio/*": "audio"}
_SIMPLE = {"select1": "select_one", "select": "select_multiple", "trigger": "acknowledge"}
_NOT_ON_TABLET = {"draw", "signature", "annotate", "printer", "map", "image-map"}
_EXPRESSIONS = ("required", "relevant", "constraint", "calculate", "readonly")
_ITEXT_IN = {*_EXPRESSIONS, "value", "nodeset"}
"""attributes that hold expressions; a label's ``ref`` is a reference and not an expression"""
PRELOADS = {"timestamp", "date", "property", "uid", "audit"}


class Compiler:
    """One compilation; ``outside`` collects what the tablet cannot do, by path."""

    def __init__(self, form: XForm) -> None:
        self.form = form
        self.outside: list[Json] = []
        self.binds = {b.get("nodeset") or "": b for b in form.binds}
        self.lists: dict[str, list[Json]] = {}
        self.secondary: dict[str, list[Json]] = {}
        """lists that only expressions ask for"""
        self.house: set[str] = set()

    def refuse(self, path: str, why: str, **about: str) -> None:
        """Note a refusal: a key of ``problems.OUTSIDE``, with values for its sentence."""
        self.outside.append({"path": path, "why": why, "about": about})

    def compile(self) -> Json:
        form = self.form
        if form.encrypted:
            self.refuse("", "encrypted")
        body = self.items(form.body)
        binds = {path: self.bind(path, bind) for path, bind in self.binds.items()}
        actions = self.actions()
        self.take_secondary()
        return {
            "schema": SCHEMA,
            "formId": form.form_id,
            "version": form.version,
            "title": form.title,
            "hash": "md5:" + hashlib.md5(form.data, usedforsecurity=False).hexdigest(),
            "languages": form.languages,
            "root": "/" + local(form.instance),
            "instance": form.default_instance,
            "meta": self.meta(),
            "preloads": self.preloads(),
            "binds": binds,
            "actions": actions,
            "body": body,
            "lists": self.lists,
            "secondary": self.secondary,
            "houseLists": sorted(self.house),
            **self.translations(),
        }

    # -- the model ---------------------------------------------------------------

    def bind(self, path: str, bind: etree._Element) -> Json:
        compiled: Json = {"type": bind.get("type") or "string"}
        for name in _EXPRESSIONS:
            if expression := bind.get(name):
                compiled[name] = expression.strip()
        for key, attribute in (("constraintMsg", "constraintMsg"), ("requiredMsg", "requiredMsg")):
            if words := self.form.message(bind.get(f"{JR}{attribute}")):
                compiled[key] = words
        return compiled

    def translations(self) -> Json:
        """Return every translation by its id, for a form whose expressions call jr:itext()."""
        asked = any(
            "jr:itext" in value
            for element in self.form.root.iter()
            for name, value in element.attrib.items()
            if name in _ITEXT_IN
        )
        return {"itext": {i: entry.words for i, entry in self.form.itext.items()}} if asked else {}

    def meta(self) -> Json:
        compiled: Json = {}
        for path in self.form.leaves:
            name = path.rpartition("/")[2].removeprefix("orx:")
            if name in {"instanceID", "instanceName"} and "meta" in path:
                compiled[name] = path
        return compiled

    def preloads(self) -> list[Json]:
        entries = []
        for path, bind in self.binds.items():
            preload = bind.get(f"{JR}preload")
            if preload is None or preload == "uid":
                continue
            if preload not in PRELOADS or preload == "audit":
                self.refuse(path, "metadata", name=preload)
            params = bind.get(f"{JR}preloadParams") or ""
            entries.append({"path": path, "preload": preload, "params": params})
        return entries

    def actions(self) -> list[Json]:
        """Compile dynamic defaults and values set when another question changes."""
        entries = []
        for action in self.form.root.iter("{*}setvalue", "{*}setgeopoint", "{*}recordaudio"):
            path = (action.get("ref") or "").strip()
            if local(action) != "setvalue":
                self.refuse(path, "type", name=local(action))
                continue
            parent = action.getparent()
            trigger = parent.get("ref") if parent is not None else None
            value = (action.get("value") or "").strip() or _literal(action.text or "")
            entries.append(
                {
                    "path": path,
                    "value": value,
                    "events": (action.get("event") or "").split(),
                    "trigger": trigger,
                }
            )
        return entries

    # -- the body ----------------------------------------------------------------

    def items(self, parent: etree._Element) -> list[Json]:
        return [item for child in parent for item in self.item(child)]

    def item(self, element: etree._Element) -> list[Json]:
        kind = local(element)
        if kind == "group":
            return [self.group(element)]
        if kind in {"label", "hint", "setvalue", "itemset", "item", "value", ""}:
            return []
        return [self.question(element, kind)]

    def group(self, element: etree._Element) -> Json:
        text = self.form.text(_child(element, "label"))
        repeat = _child(element, "repeat")
        if repeat is None:
            return {
                "kind": "group",
                "path": element.get("ref"),
                "label": text.words,
                "appearance": element.get("appearance") or "",
                "children": self.items(element),
            }
        path = (repeat.get("nodeset") or "").strip()
        count = (repeat.get(f"{JR}count") or "").strip() or None
        return {
            "kind": "repeat",
            "path": path,
            "label": text.words,
            "appearance": repeat.get("appearance") or element.get("appearance") or "",
            "count": count,
            "template": self.form.templates.get(path, f"<{path.rpartition('/')[2]}/>"),
            "children": self.items(repeat),
        }

    def question(self, element: etree._Element, kind: str) -> Json:
        path = (element.get("ref") or "").strip()
        appearance = (element.get("appearance") or "").strip()
        label = self.form.text(_child(element, "label"))
        hint = self.form.text(_child(element, "hint"))
        compiled: Json = {
            "kind": "question",
            "path": path,
            "control": self.control(element, kind, path, appearance),
            "appearance": appearance,
            "label": label.words,
            "hint": hint.words,
            "guidance": hint.guidance,
            "audio": label.media.get("audio", {}),
            "image": label.media.get("image", {}),
        }
        if "video" in label.media:
            self.refuse(path, "video")
        for word in set(appearance.split()) & _NOT_ON_TABLET:
            self.refuse(path, "appearance", name=word)
        if kind in {"select", "select1", "rank"}:
            compiled["items"] = self.choices(element, path)
        return compiled

    def control(self, element: etree._Element, kind: str, path: str, appearance: str) -> str:
        bind = self.binds.get(path)
        typed = (bind.get("type") if bind is not None else None) or ""
        text: str | None = None
        if kind in _SIMPLE:
            faces = kind == "select1" and "faces" in appearance.split()
            text = "faces" if faces else _SIMPLE[kind]
        elif kind == "upload":
            text = _UPLOADS.get(element.get("mediatype") or "")
        elif kind == "input":
            text = "note" if _only_read(bind) and typed in _INPUTS else _INPUTS.get(typed)
        if text is None:
            self.refuse(path, "type", name=typed if kind == "input" else kind)
        return text or "unsupported"

    def choices(self, element: etree._Element, path: str) -> Json:
        itemset = _child(element, "itemset")
        if itemset is None:
            name = path.replace("/", "_").strip("_")
            inline = [i for i in element if local(i) == "item"]
            self.lists[name] = [self._inline(i) for i in inline]
            return {"list": name, "filter": None, "filterOn": [], "random": False}
        match = _ITEMSET.match(itemset.get("nodeset") or "")
        if match is None:
            self.refuse(path, "choices", name=(itemset.get("nodeset") or "")[:80])
            return {"list": "", "filter": None, "filterOn": [], "random": False}
        self.take_list(match["list"], path, itemset)
        where = match["filter"].strip() if match["filter"] else None
        return {
            "list": match["list"],
            "filter": where,
            "filterOn": filter_on(where),
            "random": match["random"] is not None,
            "seed": match["seed"].strip() if match["seed"] else None,
        }

    def take_list(self, name: str, path: str, itemset: etree._Element) -> None:
        instance = self.form.secondary.get(name)
        source = instance.get("src") if instance is not None else None
        if instance is None or source:
            value = _child(itemset, "value")
            if name in HOUSE_LISTS and value is not None and value.get("ref") == "name":
                self.house.add(name)
            else:
                self.refuse(path, "choices", name=(source or name).rpartition("/")[2])
        elif not self._plain_list(instance, itemset):
            self.refuse(path, "choices", name=name)
        elif name not in self.lists:
            self.lists[name] = [self._item(i) for i in instance.iter("{*}item")]

    @staticmethod
    def _plain_list(instance: etree._Element, itemset: etree._Element | None = None) -> bool:
        """Return whether this is a list ``root/item`` with one text for each column, chosen by
        ``name``.
        """
        root = _child(instance, "root")
        if root is None or len(instance) != 1:
            return False
        items = [i for i in root if isinstance(i.tag, str)]
        if any(local(i) != "item" or any(len(column) for column in i) for i in items):
            return False
        value = _child(itemset, "value") if itemset is not None else None
        return value is None or (value.get("ref") or "").strip() == "name"

    def take_secondary(self) -> None:
        """Take the lists that no question offers but expressions ask for."""
        for name, instance in self.form.secondary.items():
            if name in self.lists or name in self.house:
                continue
            source = instance.get("src")
            if source is not None and name in HOUSE_LISTS:
                self.house.add(name)
            elif source is not None:
                self.refuse("", "choices", name=source.rpartition("/")[2])
            elif self._plain_list(instance):
                self.secondary[name] = [self._item(i) for i in instance.iter("{*}item")]
            else:
                self.refuse("", "choices", name=name)

    def _item(self, item: etree._Element) -> Json:
        columns = _columns(item)
        text = self.form.itext.get(columns.get("itextId", ""))
        words: Text = text.words if text else {}
        if not words and columns.get("label"):
            words = {self.form.languages[0]["code"]: [columns["label"]]}
        media = text.media if text else {}
        return {
            "name": columns.pop("name", ""),
            "label": words,
            "audio": media.get("audio", {}),
            "image": media.get("image", {}),
            "columns": columns,
        }

    def _inline(self, item: etree._Element) -> Json:
        value = _child(item, "value")
        text = self.form.text(_child(item, "label"))
        return {
            "name": (value.text or "").strip() if value is not None else "",
            "label": text.words,
            "audio": text.media.get("audio", {}),
            "image": text.media.get("image", {}),
            "columns": {},
        }


def filter_on(where: str | None) -> list[Json]:
    """Return ``where`` as tests that an index can answer; empty when it is more than equalities."""
    if not where:
        return []
    tests = []
    for clause in re.split(r"\band\b", where):
        for test, pattern in (("=", _EQUALS), ("selected", _SELECTED)):
            if match := pattern.match(clause):
                tests.append(
                    {"column": match["column"], "test": test, "value": match["value"].strip()}
                )
                break
        else:
            return []
    return tests


def _only_read(bind: etree._Element | None) -> bool:
    if bind is None or bind.get("calculate"):
        return False
    return bool(bind.get("readonly") == "true()")


def _columns(item: etree._Element) -> dict[str, str]:
    return {local(c): (c.text or "").strip() for c in item if isinstance(c.tag, str)}


def _literal(text: str) -> str:
    """Return the expression of a text that an action sets; "" for none."""
    if not text.strip():
        return ""
    return f"'{text}'" if "'" not in text else f'"{text}"'


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((c for c in element if local(c) == name), None)


def compile_form(form: XForm) -> tuple[Json, list[Json]]:
    """Compile a form to ``tablet.json`` (without media and observes).

    Return also what is outside the subset.
    """
    compiler = Compiler(form)
    compiled = compiler.compile()
    if form.languages[0]["code"] != NO_LANGUAGE and not compiled["body"]:
        compiler.refuse("", "empty")
    return compiled, compiler.outside
