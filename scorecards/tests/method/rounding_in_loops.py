"""The rules of a release in dictionaries and loops: slow, and plain enough to be read as rules.

Shares with the product's two programs (``method.disclosure.rounding`` and ``verification.rounding_in_columns``) only the
keyed functions of ``record_keys``; tests hold all three to each other on generated tables.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from scorecards.method.disclosure.record_keys import draws

_WORD = 2**64


class Cell(NamedTuple):
    """One cell: its cube, place ("" is the nation) and service ("" is all)."""

    cube: tuple[object, ...]
    place: str
    service: str

    def totals(self) -> "list[Cell]":
        """Every cell that contains this one, whether or not it has a row."""
        places = [self.place[:n] for n in range(len(self.place) + 1)]
        results = [
            Cell(self.cube, place, service) for place in places for service in {*(self.service, "")}
        ]
        return [cell for cell in results if cell != self]


@dataclass
class Side:
    """Records of one side of a cell: how many, and the sum of their keys."""

    count: int = 0
    key: int = 0

    def add(self, count: int, key: int) -> None:
        """Take more records in."""
        self.count += count
        self.key = (self.key + key) % _WORD


@dataclass
class State:
    """What a release decided of a cell: true numbers, and prints (None: not printed)."""

    met: int
    not_met: int
    prints: tuple[int, int] | None


@dataclass
class Decision:
    """What this release says of a cell."""

    status: str
    prints: tuple[int, int] | None
    is_new: bool


@dataclass
class Table:
    """Cells with their two sides, and the states that earlier releases kept, oldest first."""

    sides: dict[Cell, tuple[Side, Side]]
    votes: set[Cell] = field(default_factory=set)
    states: dict[Cell, list[State]] = field(default_factory=lambda: defaultdict(list))


def decide(table: Table, secret: str) -> dict[Cell, Decision]:
    """Apply rules 2, 3, 4 and 6 to every cell that has records or states."""
    cells = {**table.sides}
    for cell in table.states:
        cells.setdefault(cell, (Side(), Side()))
    above = {cell: [total for total in cell.totals() if total in cells] for cell in cells}
    prints = [_least(cells, above, side, secret) for side in (0, 1)]
    decided: dict[Cell, Decision] = {}
    for cell in sorted(cells, key=lambda c: len(c.place) + (6 if c.service else 0)):
        met, not_met = (side.count for side in cells[cell])
        fresh = (prints[0][cell], prints[1][cell])
        old = _state_in_force(met, not_met, table.states.get(cell, []))
        if old is not None:
            decided[cell] = _repeated(met, not_met, old)
        elif _may_be_printed(
            met + not_met, fresh, _wholes(above[cell], cells, decided), _least_people(table, cell)
        ):
            decided[cell] = Decision("printed", fresh, is_new=True)
        else:
            decided[cell] = Decision("not_printed", None, is_new=True)
    return decided


def _least_people(table: Table, cell: Cell) -> float:
    """The people that a cell needs to be printed."""
    if cell in table.votes:
        communes = sum(
            len(other.place) == 6
            and other.place.startswith(cell.place)
            and (other.cube, other.service) == (cell.cube, cell.service)
            and met.count + not_met.count > 0
            for other, (met, not_met) in table.sides.items()
        )
        if communes in (2, 3, 4):
            return float("inf")
        if communes == 1 and cell.service:
            return 30
    return 30 if cell.cube[2] or len(cell.place) < 6 else 10


def _least(
    cells: dict[Cell, tuple[Side, Side]], above: dict[Cell, list[Cell]], side: int, secret: str
) -> dict[Cell, int]:
    """Rule 2, then rule 3: from the largest set down, never above a set that contains it."""
    sets: dict[tuple[object, int, int], list[Cell]] = defaultdict(list)
    for cell, sides in cells.items():
        sets[(cell.cube, sides[side].key, sides[side].count)].append(cell)
    names = list(sets)
    drawn = draws([key for _, key, _ in names], secret).tolist()
    least: dict[tuple[object, int, int], int] = {}
    for name, draw in sorted(zip(names, drawn, strict=True), key=lambda pair: -pair[0][2]):
        count = name[2]
        rest = count % 3
        value = count - rest + (3 if 3 * draw < rest * _WORD else 0)
        for cell in sets[name]:
            for total in above[cell]:
                complete = cells[total][side]
                if (complete.key, complete.count) != name[1:]:
                    value = min(value, least[(cell.cube, complete.key, complete.count)])
        least[name] = value
    return {cell: least[name] for name, members in sets.items() for cell in members}


def _changed(met: int, not_met: int, old: State) -> int:
    dm, df = met - old.met, not_met - old.not_met
    return max(abs(dm), abs(df), abs(dm + df))


def _state_in_force(met: int, not_met: int, states: Iterable[State]) -> State | None:
    near = [state for state in states if _changed(met, not_met, state) < 10]
    return near[-1] if near else None


def _repeated(met: int, not_met: int, old: State) -> Decision:
    if old.prints is None:
        return Decision("not_printed", None, is_new=False)
    changed = _changed(met, not_met, old)
    withdrawn = 5 <= changed <= 9 and changed > sum(old.prints) / 4
    return Decision("withdrawn" if withdrawn else "printed", old.prints, is_new=False)


def _wholes(
    above: list[Cell], cells: dict[Cell, tuple[Side, Side]], decided: dict[Cell, Decision]
) -> list[tuple[int, int]]:
    """Of each printed total, withdrawn ones included: people in truth and as printed."""
    return [
        (sum(side.count for side in cells[total]), sum(prints))
        for total in above
        if (prints := decided[total].prints) is not None
    ]


def _may_be_printed(
    people: int, prints: tuple[int, int], wholes: list[tuple[int, int]], least: float
) -> bool:
    """Rule 4."""
    if people < least or sum(prints) < 9:
        return False
    for total, printed in wholes:
        more = total - people
        if 1 <= more <= 9 or (more != 0 and printed - sum(prints) < 9):
            return False
    return True


def table_of(cells: pd.DataFrame, kept: pd.DataFrame) -> Table:
    """A table from cells and kept states in the columns of the first computation."""
    table = Table({})
    for cell, row in _rows(cells):
        table.sides[cell] = (
            Side(int(row["met"]), int(row["met_key"])),
            Side(int(row["not_met"]), int(row["not_met_key"])),
        )
        if row.get("is_vote"):
            table.votes.add(cell)
    add_states(table, kept)
    return table


def add_states(table: Table, kept: pd.DataFrame) -> None:
    """Add the states of earlier releases, oldest first."""
    for cell, row in _rows(kept):
        prints = _prints(row)
        table.states[cell].append(State(int(row["met"]), int(row["not_met"]), prints))


def differences(first: pd.DataFrame, again: dict[Cell, Decision]) -> pd.DataFrame:
    """Cells that the two decide otherwise: the cell, stored and recomputed, in words."""
    fields = {
        cell: Decision(row["status"], _prints(row), bool(row["is_new"]))
        for cell, row in _rows(first)
    }
    names = (*_CUBE, "place_code", "service", "stored", "recomputed")
    rows = [
        (
            *cell.cube,
            cell.place,
            cell.service,
            _in_words(fields.get(cell)),
            _in_words(again.get(cell)),
        )
        for cell in {**fields, **again}
        if fields.get(cell) != again.get(cell)
    ]
    return pd.DataFrame(rows, columns=pd.Index(names))


_CUBE = ("indicator", "provider_kind", "self_assessment")


def _rows(table: pd.DataFrame) -> Iterator[tuple[Cell, dict[Hashable, Any]]]:
    for row in table.to_dict("records"):
        cube = tuple(row[name] for name in _CUBE)
        yield Cell(cube, row["place_code"], row["service"]), row


def _prints(row: Mapping[Hashable, Any]) -> tuple[int, int] | None:
    if pd.isna(row["kept_met"]):
        return None
    return int(row["kept_met"]), int(row["kept_not_met"])


def _in_words(decision: Decision | None) -> str:
    if decision is None:
        return "no such cell"
    met, not_met = decision.prints or ("-", "-")
    return f"{decision.status} {met}/{not_met}{' new' if decision.is_new else ''}"
