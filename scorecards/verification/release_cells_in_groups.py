"""Count a quarter's records a second time: sums over runs of sorted records.

The companion of ``rounding_in_columns``. In one of two orders the records of a cell are adjacent.
Totals are counted from the records anew, level by level, not added up from smaller cells.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scorecards.indicators import FAMILIES, KINDS, Family
from scorecards.method.disclosure.record_keys import Kind, record_keys
from scorecards.periods import Period
from scorecards.storage import partitions
from scorecards.storage.copy_out import copied
from surveys import observations
from surveys.models import Meeting

_STILL_OPEN = -4
_GROUPS = ("women", "youth", "poor_card", "disability", "minority")
_CELL = ["indicator", "provider_kind", "self_assessment", "place_code", "service"]
_CUBE = ["indicator", "provider_kind"]
_SIDES = ["met", "not_met", "met_key", "not_met_key"]
_ORDERS = {
    ("place_code", "service"): ((6, True), (6, False), (2, False), (0, False)),
    ("service", "place_code"): ((2, True), (0, True)),
}
"""Two orders of records, and whose cells stand together in each: digits of the place, and whether
of single services."""


def count(
    period: Period, secret: str, *, settled: frozenset[tuple[str, str]] = frozenset()
) -> pd.DataFrame:
    """Return all cells of a quarter with anything judged.

    ``settled`` as in ``records.count_cells``.
    Columns: the cell, met, not_met, met_key, not_met_key (sums modulo 2**64), is_vote.
    """
    tables = [
        table
        for family in FAMILIES
        for kind in family.kinds
        for table in _of_cases(family, kind, period, secret, settled)
    ]
    tables += _of_checks(period, secret)
    tables = [table.assign(is_vote=False) for table in tables if len(table)]
    votes = [table for table in _of_votes(period, secret) if len(table)]
    tables += [table.assign(is_vote=True) for table in votes]
    if not tables:
        return pd.DataFrame(columns=[*_CELL, *_SIDES, "is_vote"])
    return pd.concat(tables, ignore_index=True)[[*_CELL, *_SIDES, "is_vote"]]


def _of_cases(
    family: Family, kind: str, period: Period, secret: str, settled: frozenset[tuple[str, str]]
) -> Iterator[pd.DataFrame]:
    columns = ", ".join(f"f.{rule}" for rule in family.rules.values())
    rows = copied(
        f"SELECT f.case_id, f.commune_code AS place_code, s.code AS service, {columns} "  # noqa: S608
        f"FROM {partitions.FACTS} f JOIN standards_service s ON s.id = f.service_id "
        "WHERE f.month BETWEEN %s AND %s AND f.provider_kind = %s",
        [min(period.months), max(period.months), kind],
    )
    rows = rows.assign(key=record_keys(Kind.CASE, rows["case_id"].to_numpy(), secret))
    sorted_twice = _sorted_twice(rows.assign(provider_kind=kind))
    for indicator, rule in family.rules.items():
        still_open = rule == "time" and (rows[rule] == _STILL_OPEN).any()
        if still_open and (indicator, kind) not in settled:
            continue
        judged = [
            table.loc[table[rule] >= 0, ["provider_kind", "place_code", "service", "key"]].assign(
                indicator=indicator, met=table.loc[table[rule] >= 0, rule] == 1
            )
            for table in sorted_twice
        ]
        yield _cells(judged, own=False)


def _sorted_twice(records: pd.DataFrame) -> list[pd.DataFrame]:
    """Return records in each of _ORDERS.

    Those of one indicator and kind of provider stand together.
    """
    for name in ("place_code", "service"):
        texts = records[name].astype("category").cat
        records = records.assign(**{name: texts.reorder_categories(sorted(texts.categories))})
    cubes = [name for name in _CUBE if name in records and records[name].nunique() > 1]
    return [records.sort_values([*cubes, *order]) for order in _ORDERS]


def _cells(judged: list[pd.DataFrame], *, own: bool) -> pd.DataFrame:
    """Count the cells of some cubes; ``judged`` has the same records in each of _ORDERS.

    Their columns: _CUBE, place_code, service, key, met. Cells of single services are left out
    where no record has a service.
    """
    if judged[0].empty:
        return pd.DataFrame()
    by_service = (judged[0]["service"] != "").any()
    tables = []
    for records, levels in zip(judged, _ORDERS.values(), strict=True):
        sides = _sides(records)
        for digits, of_service in levels:
            if by_service or not of_service:
                tables.append(_counted(records, sides, digits, of_service=of_service))
    return pd.concat(tables, ignore_index=True).assign(self_assessment=own)


def _sides(records: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """Return for each record what it adds to _SIDES of its cells."""
    met = records["met"].to_numpy(dtype=np.bool_)
    key, nothing = records["key"].to_numpy(dtype=np.uint64), np.uint64(0)
    numbers = [met.astype(np.int64), (~met).astype(np.int64)]
    numbers += [np.where(met, key, nothing), np.where(met, nothing, key)]
    return dict(zip(_SIDES, numbers, strict=True))


def _counted(
    records: pd.DataFrame, sides: dict[str, NDArray[Any]], digits: int, *, of_service: bool
) -> pd.DataFrame:
    """Sum ``sides`` over each run of one cube, place of so many digits and, perhaps, service."""
    places, services = records["place_code"].cat, records["service"].cat
    numbers, names = pd.factorize(pd.Index([str(code)[:digits] for code in places.categories]))
    place = np.asarray(numbers)[places.codes]
    parts = [place, *(records[name].to_numpy() for name in _CUBE if records[name].nunique() > 1)]
    if of_service:
        parts.append(services.codes.to_numpy())
    differs = np.zeros(len(records) - 1, dtype=np.bool_)
    for part in parts:
        differs |= part[1:] != part[:-1]
    first = np.append(0, np.flatnonzero(differs) + 1)
    cells = records[_CUBE].iloc[first].astype(object).reset_index(drop=True)
    return cells.assign(
        place_code=np.asarray(names, dtype=object)[place[first]],
        service=records["service"].iloc[first].astype(object).to_numpy() if of_service else "",
        **{name: np.add.reduceat(values, first) for name, values in sides.items()},
    )


def _of_votes(period: Period, secret: str) -> Iterator[pd.DataFrame]:
    where: dict[str, Any] = {
        "meeting__held_on__range": (period.first, period.last),
        "meeting__provider__kind__in": KINDS,
    }
    own = observations.votes_to_count(meeting__kind=Meeting.Kind.SELF_ASSESSMENT, **where)
    about_themselves = _keyed(pd.DataFrame.from_records(list(own.iterator())), Kind.VOTE, secret)
    yield from _of_questions(about_themselves, own=True)
    votes = observations.groups_to_count(**where)
    community = _keyed(pd.DataFrame.from_records(list(votes.iterator())), Kind.VOTE, secret)
    yield from _of_questions(community, own=False)
    if community.empty:
        return
    women = (community["sex"] == "female").astype(object)
    community["women"] = women.where(community["sex"] != "", None)
    for group in _GROUPS:
        members = community[community[group].notna()]
        member = np.where(members[group].astype(bool), f"{group}:yes", f"{group}:no")
        yield from _of_questions(members.assign(service=member), own=False)


def _keyed(votes: pd.DataFrame, record: Kind, secret: str) -> pd.DataFrame:
    if votes.empty:
        return votes
    keys = record_keys(record, votes["id"].to_numpy(dtype=np.int64), secret)
    met = votes["score"] >= 4 if "score" in votes else votes["present"].astype(bool)
    return votes.assign(key=keys, met=met, place_code=votes["commune_id"], service="")


def _of_questions(records: pd.DataFrame, *, own: bool) -> Iterator[pd.DataFrame]:
    """Yield cells of every indicator and kind. Groups of voters have no total of all groups."""
    if records.empty:
        return
    table = _cells(_sorted_twice(records.rename(columns={"indicator_code": "indicator"})), own=own)
    yield table[table["service"] != ""] if (records["service"] != "").any() else table


def _of_checks(period: Period, secret: str) -> Iterator[pd.DataFrame]:
    seen = observations.checks_to_count(
        seen_on__range=(period.first, period.last), provider__kind__in=KINDS
    )
    values = pd.DataFrame.from_records(list(seen.iterator()))
    if len(values):
        values = values[values["present"].notna()]
    yield from _of_questions(_keyed(values, Kind.CHECK, secret), own=False)
