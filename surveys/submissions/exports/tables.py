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
class Node:
    """The meaning of an element's name inside a table.

    One name usually means one thing. Where versions of a form disagree (a group that became a
    question), it means several, and each record's own element says which.
    """

    column: Column | None = None
    table: "Table | None" = None
    inside: "dict[str, Node]" = field(default_factory=dict)

    def at(self, path: tuple[str, ...]) -> "Node":
        """Return the node at ``path`` below this one, made where it is missing."""
        node = self
        for name in path:
            node = node.inside.setdefault(name, Node())
        return node


@dataclass
class Table:
    """The main table of a form, or one of its repeats."""

    path: tuple[str, ...]
    """names from below the root down to the repeat; () is the main table"""
    columns: list[Column] = field(default_factory=list)
    children: dict[tuple[str, ...], "Table"] = field(default_factory=dict)
    node: Node = field(default_factory=Node)
    """the tree by which the reader finds its way"""

    @property
    def name(self) -> str:
        return ".".join(("Submissions", *self.path))

    @cached_property
    def points(self) -> list[int]:
        """Return the indexes of columns with map points; valid once the table is complete."""
        return [column.index for column in self.columns if column.type == "geopoint"]

    def column(self, path: tuple[str, ...], typed: str, control: str) -> None:
        """Add a question; a question whose type changed between versions becomes text."""
        node = self.node.at(path)
        if node.column is None:
            node.column = Column(path, len(self.columns), typed, control)
            self.columns.append(node.column)
        elif node.column.type != typed:
            node.column.type = "string"

    def repeat(self, path: tuple[str, ...]) -> "Table":
        """Return the table of the repeat at ``path``, made where it is missing."""
        table = self.children.get(path)
        if table is None:
            table = Table((*self.path, *path))
            self.children[path] = table
            self.node.at(path).table = table
        return table

    def all(self) -> Iterator["Table"]:
        """Yield this table and every one below it, in order."""
        yield self
        for child in self.children.values():
            yield from child.all()

    def tell_apart(self) -> None:
        """Rename the columns whose name is also that of a group or a repeat: ``house_value``."""
        taken = {column.path for column in self.columns}
        for column in self.columns:
            node = self.node.at(column.path)
            if node.inside or node.table is not None:
                name = f"{column.path[-1]}_value"
                while (*column.path[:-1], name) in taken:
                    name += "_"
                column.path = (*column.path[:-1], name)
                taken.add(column.path)


def _split(path: str) -> tuple[str, ...]:
    return tuple(name.removeprefix("orx:") for name in path.strip("/").split("/")[1:])


def tables_of_versions(versions: list[FormVersion]) -> Table:
    """Return the tables of a form: the newest version's order first, older questions after.

    Versions may disagree about a name. What is a repeat in any version is a repeat in all, a
    name that is a question here and a group there is both, and nothing of a record is left out.
    """
    main = Table(())
    repeats = _repeats_of(versions)
    for version in versions:
        binds = version.compiled["binds"]
        controls = _controls(version.compiled["body"])
        for path in _leaves(version):
            table, rest = _placed(main, _split(path), repeats)
            if rest:
                typed = binds.get(path, {}).get("type", "string")
                table.column(rest, typed, controls.get(path, ""))
    for table in main.all():
        table.tell_apart()
    return main


def _repeats_of(versions: list[FormVersion]) -> set[tuple[str, ...]]:
    return {
        _split(path)
        for version in versions
        for path, _template in _templates(version.compiled["body"])
    }


def _placed(
    main: Table, names: tuple[str, ...], repeats: set[tuple[str, ...]]
) -> tuple[Table, tuple[str, ...]]:
    """Return the innermost repeat that holds a question, and the question's path inside it."""
    table, begins = main, 0
    for length in range(1, len(names)):
        if names[:length] in repeats:
            table = table.repeat(names[begins:length])
            begins = length
    return table, names[begins:]


def tables(form: Form) -> Table:
    """Return the tables of every published version of a form."""
    return tables_of_versions(list(form.versions.exclude(published_at=None).order_by("-id")))


def _leaves(version: FormVersion) -> list[str]:
    """Return paths of the questions of a version.

    They are the leaves of its instance that are no group or repeat.
    """
    root = etree.fromstring(version.compiled["instance"])
    paths: dict[str, None] = {}

    def walk(element: etree._Element, above: str) -> None:
        path = f"{above}/{local(element)}"
        if not len(element):
            paths[path] = None
        for child in element:
            walk(child, path)

    walk(root, "")
    for repeat, template in _templates(version.compiled["body"]):
        walk(etree.fromstring(template), repeat.rpartition("/")[0])
    # a group that holds only a repeat is empty in the instance, but is not a question
    groups = set(_groups(version.compiled["body"]))
    return [path for path in paths if path not in groups]


def _groups(items: list[Json]) -> Iterator[str]:
    """Yield paths of groups and repeats, and of everything above a question or a repeat."""
    for item in items:
        path = item.get("path") or ""
        if item["kind"] != "question":
            yield path
            yield from _groups(item["children"])
        while path := path.rpartition("/")[0]:
            yield path


def _templates(items: list[Json]) -> Iterator[tuple[str, str]]:
    for item in items:
        if item["kind"] == "repeat":
            yield item["path"], item["template"]
        if item["kind"] != "question":
            yield from _templates(item["children"])


def _controls(items: list[Json]) -> dict[str, str]:
    control_of: dict[str, str] = {}
    for item in items:
        if item["kind"] == "question":
            control_of[item["path"]] = item["control"]
        else:
            control_of |= _controls(item["children"])
    return control_of


# -- reading rows ----------------------------------------------------------------------------


@dataclass
class Turn:
    """One turn of a repeat: which table, its cells, and its own turns."""

    table: Table
    cells: Cells
    turns: list["Turn"] = field(default_factory=list)


def read_row(table: Table, element: etree._Element) -> Turn:
    """Return the cells of one record (or one turn of a repeat), missing answers as ""."""
    turn = Turn(table, [""] * len(table.columns))
    _walk(table.node.inside, element, turn)
    return turn


def _walk(inside: dict[str, Node], element: etree._Element, turn: Turn) -> None:
    for child in element:
        tag = child.tag
        node = inside.get(tag)
        if node is None:
            if not isinstance(tag, str) or tag[0] != "{":
                continue
            node = inside.get(tag.rpartition("}")[2])
            if node is None:
                continue
        column = node.column
        if column is not None and not len(child):
            turn.cells[column.index] = child.text or ""
        elif node.table is not None:
            turn.turns.append(read_row(node.table, child))
        elif node.inside:
            _walk(node.inside, child, turn)
        elif column is not None:
            turn.cells[column.index] = child.text or ""
