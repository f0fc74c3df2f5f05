"""Fields that would change their kind from one version of a form to the next.

The rules are ODK Central's (getodk/central-backend, lib/model/query/forms.js): a field keeps its
type in every version; only a question may become text; a group or repeat stays what it is.
Otherwise the records of both versions have no common table.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from surveys.forms.problems import FormProblems, Problem
from surveys.forms.safe_xml import local
from surveys.models import Form

Json = Mapping[str, Any]
STRUCTURE, REPEAT, TEXT = "structure", "repeat", "string"
_SAME = {"": TEXT, "text": TEXT, "select1": TEXT, "select": TEXT, "integer": "int"}
"""Names of types that mean the same."""

WORDS = {
    STRUCTURE: gettext_lazy("group"),
    REPEAT: gettext_lazy("repeat"),
    TEXT: gettext_lazy("text or choice"),
    "int": gettext_lazy("whole number"),
    "decimal": gettext_lazy("number with decimals"),
    "date": gettext_lazy("date"),
    "dateTime": gettext_lazy("date and time"),
    "time": gettext_lazy("time"),
    "geopoint": gettext_lazy("place on the map"),
    "binary": gettext_lazy("photo or recording"),
}
"""Kinds as people call them; others are named as in the form."""


class FieldConflict(FormProblems):
    """A field of another kind than in an earlier version: its path, and the kind it had."""

    def __init__(self, path: str, kind: str, problem: Problem) -> None:
        super().__init__([problem])
        self.path, self.kind = path, kind


def kinds(compiled: Json) -> dict[str, str]:
    """Return the kind of each path below the root (``/house/child``).

    A kind is ``structure``, ``repeat`` or the bind's type.
    """
    binds = {path.replace("orx:", ""): bind for path, bind in compiled["binds"].items()}
    repeats = {path.replace("orx:", ""): xml for path, xml in _templates(compiled["body"])}
    kind_of: dict[str, str] = {}

    def walk(element: etree._Element, above: str, root: str) -> None:
        for child in element:
            path = f"{above}/{local(child)}"
            if root + path in repeats:
                kind_of[path] = REPEAT
            elif len(child):
                kind_of[path] = STRUCTURE
            else:
                typed = str(binds.get(root + path, {}).get("type", ""))
                kind_of.setdefault(path, _SAME.get(typed, typed))
            walk(child, path, root)

    instance = etree.fromstring(compiled["instance"])
    root = "/" + local(instance)
    walk(instance, "", root)
    for repeat, template in repeats.items():
        path = repeat.removeprefix(root)
        kind_of[path] = REPEAT
        walk(etree.fromstring(template), path, root)
    return kind_of


def _templates(items: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for item in items:
        if item["kind"] == "repeat":
            yield item["path"], item["template"]
        if item["kind"] != "question":
            yield from _templates(item["children"])


def check(form: Form, compiled: Json, rows: Mapping[str, str] | None = None) -> None:
    """Raise FieldConflict when a published version has a field of another kind at its path."""
    versions = form.versions.exclude(published_at=None).order_by("id")
    earlier: dict[str, str] = {}
    for before in versions.values_list("compiled", flat=True).iterator(chunk_size=1):
        earlier |= kinds(before)
    root = str(compiled["root"])
    for path, kind in kinds(compiled).items():
        had = earlier.get(path, kind)
        if kind == had or (kind == TEXT and had not in {STRUCTURE, REPEAT}):
            continue
        sentence = _(
            "“%(name)s” was a field of the kind “%(before)s” in an earlier version and cannot "
            "become “%(now)s”. Give it another name."
        ) % {
            "name": path.lstrip("/"),
            "before": WORDS.get(had, had),
            "now": WORDS.get(kind, kind),
        }
        sheet, _mark, cell = (rows or {}).get(root + path, "").partition("!")
        raise FieldConflict(path, had, Problem(sheet, cell or path, sentence))
