"""A form's records as tables: the main one, and one for each repeat, over all its versions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from surveys.forms.safe_xml import local
from surveys.models import Form, FormVersion

Json = dict[str, Any]
Cells = list[str]


@dataclass
class Column:
    """One question in a table: its path below the table, and its type as the bind has it."""

    path: tuple[str, ...]
    index: int
    type: str = "string"
    control: str = ""


@dataclass
class Table:
    """The main table of a form, or one of its repeats."""

    path: tuple[str, ...]
    """names from below the root down to the repeat; () is the main table"""
    columns: list[Column] = field(default_factory=list)
    children: dict[tuple[str, ...], "Table"] = field(default_factory=dict)
    spec: Json = field(default_factory=dict)
    """tag to a column, an inner spec, or a Table: what the reader walks along"""

    @property
    def name(self) -> str:
        return ".".join(("Submissions", *self.path))

    @cached_property
    def points(self) -> list[int]:
        """Which columns are places on the map; asked only when the table is complete."""
        return [column.index for column in self.columns if column.type == "geopoint"]

    def column(self, path: tuple[str, ...], typed: str, control: str) -> None:
        spec = self.spec
        for name in path[:-1]:
            inner = spec.setdefault(name, {})
            if not isinstance(inner, dict):
                return  # another version had a question where this one has a group
            spec = inner
        if path[-1] not in spec:
            column = Column(path, len(self.columns), typed, control)
            self.columns.append(column)
            spec[path[-1]] = column

    def repeat(self, path: tuple[str, ...]) -> "Table":
        table = self.children.get(path)
        if table is None:
            table = Table((*self.path, *path))
            self.children[path] = table
            spec = self.spec
            for name in path[:-1]:
                spec = spec.setdefault(name, {})
            spec[path[-1]] = table
        return table

    def all(self) -> Iterator["Table"]:
        """This table and every one below it, in order."""
        yield self
        for child in self.children.values():
            yield from child.all()


def _split(path: str) -> tuple[str, ...]:
    return tuple(name.removeprefix("orx:") for name in path.strip("/").split("/")[1:])


def tables_of_versions(versions: list[FormVersion]) -> Table:
    """The tables of a form: the newest version's order first, older questions after."""
    main = Table(())
    for version in versions:
        compiled = version.compiled
        repeats = _repeats(compiled["body"])
        binds = compiled["binds"]
        controls = _controls(compiled["body"])
        for path in _leaves(version):
            table, rest = main, _split(path)
            above: tuple[str, ...] = ()
            for repeat in repeats:
                names = _split(repeat)
                if path.startswith(repeat + "/") and names[: len(above)] == above:
                    table = table.repeat(names[len(above) :])
                    rest = _split(path)[len(names) :]
                    above = names
            if rest:
                typed = binds.get(path, {}).get("type", "string")
                table.column(rest, typed, controls.get(path, ""))
    return main


def tables(form: Form) -> Table:
    """The tables of every published version of a form."""
    return tables_of_versions(list(form.versions.exclude(published_at=None).order_by("-id")))


def _leaves(version: FormVersion) -> list[str]:
    root = etree.fromstring(version.compiled["instance"])
    found: dict[str, None] = {}

    def walk(element: etree._Element, above: str) -> None:
        path = f"{above}/{local(element)}"
        if not len(element):
            found[path] = None
        for child in element:
            walk(child, path)

    walk(root, "")
    for repeat, template in _templates(version.compiled["body"]):
        walk(etree.fromstring(template), repeat.rpartition("/")[0])
    return list(found)


def _templates(items: list[Json]) -> Iterator[tuple[str, str]]:
    for item in items:
        if item["kind"] == "repeat":
            yield item["path"], item["template"]
        if item["kind"] != "question":
            yield from _templates(item["children"])


def _repeats(items: list[Json]) -> list[str]:
    return [path for path, _template in _templates(items)]


def _controls(items: list[Json]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        if item["kind"] == "question":
            found[item["path"]] = item["control"]
        else:
            found |= _controls(item["children"])
    return found


# -- reading rows ----------------------------------------------------------------------------


@dataclass
class Turn:
    """One turn of a repeat: which table, its cells, and its own turns."""

    table: Table
    cells: Cells
    turns: list["Turn"] = field(default_factory=list)


def read_row(table: Table, element: etree._Element) -> Turn:
    """The cells of one record (or one turn of a repeat), missing answers as ""."""
    turn = Turn(table, [""] * len(table.columns))
    _walk(table.spec, element, turn)
    return turn


def _walk(spec: Json, element: etree._Element, turn: Turn) -> None:
    cells = turn.cells
    for child in element:
        tag = child.tag
        found = spec.get(tag)
        if found is None:
            if not isinstance(tag, str) or tag[0] != "{":
                continue
            found = spec.get(tag.rpartition("}")[2])
        if type(found) is Column:
            cells[found.index] = child.text or ""
        elif type(found) is dict:
            _walk(found, child, turn)
        elif found is not None:
            turn.turns.append(read_row(found, child))
