"""The second count of a quarter's records: SQL answers a line for each, groups add up the keys.

The companion of ``rounding_in_columns``. Totals are counted from the records anew, level by
level, not added up from smaller cells.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

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


def count(
    period: Period, secret: str, *, settled: frozenset[tuple[str, str]] = frozenset()
) -> pd.DataFrame:
    """All cells of a quarter with anything judged; ``settled`` as in ``records.count_cells``.

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
    for name in ("place_code", "service"):
        rows[name] = rows[name].astype("category")
    for indicator, rule in family.rules.items():
        verdicts = rows[rule].to_numpy()
        if rule == "time" and (verdicts == _STILL_OPEN).any() and (indicator, kind) not in settled:
            continue
        judged = rows.loc[verdicts >= 0, ["place_code", "service", "key"]]
        sides = judged.assign(met=verdicts[verdicts >= 0] == 1)
        yield _cells(sides.assign(indicator=indicator, provider_kind=kind), own=False)


def _cells(judged: pd.DataFrame, *, own: bool) -> pd.DataFrame:
    """Cells of some cubes: ``judged`` has _CUBE, place_code, service, key, met of each record."""
    met = judged["met"].to_numpy(dtype=np.bool_)
    nothing = np.uint64(0)
    key = judged["key"].to_numpy(dtype=np.uint64)
    sums = judged[[*_CUBE, "place_code", "service"]].assign(
        met=met.astype(np.int64),
        not_met=(~met).astype(np.int64),
        met_key=np.where(met, key, nothing),
        not_met_key=np.where(met, nothing, key),
    )
    tables = [_added(sums, part) for part in ("service", "")]
    if not (judged["service"].astype(str) != "").any():
        del tables[0]
    every = pd.concat([table for three in tables for table in three], ignore_index=True)
    return every.assign(self_assessment=own)


def _added(sums: pd.DataFrame, part: str) -> list[pd.DataFrame]:
    """Communes, provinces and the nation, by service or ("") of all of them."""
    by = [part] if part else []
    cubes = [sums[name].astype("category") for name in _CUBE]
    tables = []
    for digits in (6, 2, 0):
        codes = sums["place_code"].astype("category").cat
        shorter = pd.Index([str(code)[:digits] for code in codes.categories])
        numbers, names = pd.factorize(shorter)
        place = pd.Series(np.asarray(numbers)[codes.codes], index=sums.index, name="place_code")
        keys = [place, *cubes, *(sums[name] for name in by)]
        table = sums.groupby(keys, observed=True, sort=False)[_SIDES].sum().reset_index()
        table["place_code"] = np.asarray(names, dtype=object)[table["place_code"]]
        table["service"] = table["service"].astype(object) if by else ""
        table = table.astype(dict.fromkeys(_CUBE, object))
        tables.append(table)
    return tables


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
    """Cells of every indicator and kind. Groups of voters have no total of all groups."""
    if records.empty:
        return
    table = _cells(records.rename(columns={"indicator_code": "indicator"}), own=own)
    yield table[table["service"] != ""] if (records["service"] != "").any() else table


def _of_checks(period: Period, secret: str) -> Iterator[pd.DataFrame]:
    seen = observations.checks_to_count(
        seen_on__range=(period.first, period.last), provider__kind__in=KINDS
    )
    values = pd.DataFrame.from_records(list(seen.iterator()))
    if len(values):
        values = values[values["present"].notna()]
    yield from _of_questions(_keyed(values, Kind.CHECK, secret), own=False)
