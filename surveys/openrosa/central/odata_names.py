"""Names of tables and questions in OData, where only letters, digits and underscores may stand.

Central writes an underscore for every other character. Khmer letters are letters to OData too
and stay; two names that would become one differ by an underscore at the end.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from surveys.submissions.exports.tables import Table

Path = tuple[str, ...]
_STARTS = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Pc"}
_GOES_ON = _STARTS | {"Nd", "Mn", "Mc", "Cf"}
_LONGEST = 128


def identifier(name: str) -> str:
    """Return ``name`` as an OData identifier: ``house-size`` becomes ``house_size``."""
    if name and unicodedata.category(name[0]) not in _STARTS:
        name = f"_{name}"
    kept = "".join(c if unicodedata.category(c) in _GOES_ON else "\0" for c in name)
    return re.sub("\0+", "_", kept)[:_LONGEST]


@dataclass
class Named:
    """One table with the names that OData shows: of itself, its questions and its repeats."""

    table: Table
    path: Path
    columns: list[Path] = field(default_factory=list)
    """one for each column of the table, below the table"""
    repeats: list[tuple[Path, "Named"]] = field(default_factory=list)
    """where each repeat hangs, below the table"""
    parent_id_name: str = ""
    """under what name the rows of a repeat point to the row they belong to"""

    @property
    def name(self) -> str:
        """The name of the entity set: ``Submissions.house.child``."""
        return ".".join(("Submissions", *self.path))

    @property
    def id_name(self) -> str:
        """The name under which the rows of a repeat point to a row of this table."""
        return f"__{self.name.replace('.', '-')}-id"

    def all(self) -> "list[Named]":
        """Return this table and every one below it, in order."""
        return [self, *(one for _path, child in self.repeats for one in child.all())]

    def groups(self) -> list[Path]:
        """Return paths of the groups, each before those inside it."""
        paths: dict[Path, None] = {}
        for path in [*self.columns, *(path for path, _child in self.repeats)]:
            for depth in range(1, len(path)):
                paths[path[:depth]] = None
        return sorted(paths, key=len)


def named(table: Table, path: Path = (), parent_id_name: str = "") -> Named:
    """Give names to a table and to everything below it."""
    mine = Named(table, path, parent_id_name=parent_id_name)
    names = _Names()
    mine.columns = [names.of(column.path) for column in table.columns]
    for where, child in table.children.items():
        place = names.of(where)
        mine.repeats.append((place, named(child, (*path, *place), mine.id_name)))
    return mine


class _Names:
    """Identifiers inside one table: one for each path, none twice in the same group."""

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}
        self._taken: dict[Path, set[str]] = {}

    def of(self, path: Path) -> Path:
        return tuple(self._one(path[:depth]) for depth in range(1, len(path) + 1))

    def _one(self, path: Path) -> str:
        if path not in self._known:
            taken = self._taken.setdefault(path[:-1], {"__id", "__system"})
            name = identifier(path[-1])
            while name in taken:
                name += "_"
            taken.add(name)
            self._known[path] = name
        return self._known[path]
