"""The second count of a quarter's records, record by record, with their keys.

The companion of ``second.rounding``: SQL answers one line for each record, and everything
after that is dictionaries and loops.
"""

from collections.abc import Iterable
from typing import Any

from scorecards.indicators import FAMILIES, KINDS, Family
from scorecards.method.disclosure.record_keys import Kind, record_keys
from scorecards.periods import Period
from scorecards.storage import partitions
from scorecards.storage.copy_out import copied
from scorecards.verification.rounding_in_loops import Cell, Side, Table
from surveys import observations
from surveys.models import Meeting

_STILL_OPEN = -4
_GROUPS = ("women", "youth", "poor_card", "disability", "minority")
Sides = dict[Cell, tuple[Side, Side]]


def count(
    period: Period, secret: str, *, settled: frozenset[tuple[str, str]] = frozenset()
) -> Table:
    """All cells of a quarter with anything judged; ``settled`` as in ``records.count_cells``."""
    finest: Sides = {}
    for family in FAMILIES:
        for kind in family.kinds:
            _count_cases(finest, family, kind, period, secret=secret, settled=settled)
    sides: Sides = {}
    for cell, (met, not_met) in finest.items():
        for whole in _containing(cell):
            both = sides.setdefault(whole, (Side(), Side()))
            both[0].add(met.count, met.key)
            both[1].add(not_met.count, not_met.key)
    _count_votes(sides, period, secret)
    _count_checks(sides, period, secret)
    return Table(sides)


def _containing(cell: Cell) -> list[Cell]:
    """The cell and its totals: commune, province, nation; its service and all services."""
    places = [cell.place, cell.place[:2], ""]
    return [Cell(cell.cube, place, part) for place in places for part in {cell.service, ""}]


def _count_cases(
    sides: Sides,
    family: Family,
    kind: str,
    period: Period,
    *,
    secret: str,
    settled: frozenset[tuple[str, str]],
) -> None:
    columns = ", ".join(f"f.{rule}" for rule in family.rules.values())
    rows = copied(
        f"SELECT f.case_id, f.commune_code, s.code AS service, {columns} "  # noqa: S608 - ours
        f"FROM {partitions.FACTS} f JOIN standards_service s ON s.id = f.service_id "
        "WHERE f.month BETWEEN %s AND %s AND f.provider_kind = %s",
        [min(period.months), max(period.months), kind],
    )
    keys = record_keys(Kind.CASE, rows["case_id"].to_numpy(), secret).tolist()
    where = list(zip(rows["commune_code"], rows["service"], strict=True))
    for indicator, rule in family.rules.items():
        outcomes = rows[rule].tolist()
        if rule == "time" and _STILL_OPEN in outcomes and (indicator, kind) not in settled:
            continue
        cube = (indicator, kind, False)
        mine: dict[tuple[Any, Any], list[int]] = {}
        for place, outcome, key in zip(where, outcomes, keys, strict=True):
            if outcome >= 0:
                four = mine.get(place)
                if four is None:
                    four = mine[place] = [0, 0, 0, 0]
                side = 0 if outcome == 1 else 2
                four[side] += 1
                four[side + 1] += key
        for (commune, service), (met, met_key, not_met, not_met_key) in mine.items():
            cell = Cell(cube, str(commune), str(service))
            both = sides.setdefault(cell, (Side(), Side()))
            both[0].add(met, met_key)
            both[1].add(not_met, not_met_key)


def _add(sides: Sides, cells: Iterable[Cell], key: int, *, met: bool) -> None:
    for cell in cells:
        sides.setdefault(cell, (Side(), Side()))[0 if met else 1].add(1, key)


def _count_votes(sides: Sides, period: Period, secret: str) -> None:
    where = {
        "meeting__held_on__range": (period.first, period.last),
        "meeting__provider__kind__in": KINDS,
    }
    own = observations.votes_to_count(meeting__kind=Meeting.Kind.SELF_ASSESSMENT, **where)
    for vote in own.iterator():
        cell = _of_vote(vote, "", own=True)
        _add(sides, _containing(cell), _key(Kind.VOTE, vote, secret), met=vote["score"] >= 4)
    for vote in observations.groups_to_count(**where).iterator():
        member = {**vote, "women": {"": None, "female": True}.get(vote["sex"], False)}
        parts = [""]
        for group in _GROUPS:
            if member[group] is not None:
                parts.append(f"{group}:{'yes' if member[group] else 'no'}")
        key, met = _key(Kind.VOTE, vote, secret), vote["score"] >= 4
        for part in parts:
            cell = _of_vote(vote, part, own=False)
            places = [cell.place, cell.place[:2], ""]
            _add(sides, [Cell(cell.cube, place, part) for place in places], key, met=met)


def _count_checks(sides: Sides, period: Period, secret: str) -> None:
    seen = observations.checks_to_count(
        seen_on__range=(period.first, period.last), provider__kind__in=KINDS
    )
    for check in seen.iterator():
        if check["present"] is not None:
            cube = (check["indicator_code"], check["provider_kind"], False)
            cells = _containing(Cell(cube, check["commune_id"], ""))
            _add(sides, cells, _key(Kind.CHECK, check, secret), met=check["present"])


def _of_vote(vote: dict[str, Any], part: str, *, own: bool) -> Cell:
    return Cell((vote["indicator_code"], vote["provider_kind"], own), vote["commune_id"], part)


def _key(kind: Kind, row: dict[str, Any], secret: str) -> int:
    return int(record_keys(kind, [row["id"]], secret)[0])
