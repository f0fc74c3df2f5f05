"""Count the cells of a quarter from its records, with the sums of record keys of both sides.

A cell is a cube (indicator, kind of provider, self-assessment or not), a place and a
service ("" for all services). Cells of votes also exist for groups of voters: their
"service" is named as ``group_name`` says. Numbers here are exact and private.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scorecards.indicators import FAMILIES, KINDS, RULE_OF, Family
from scorecards.method.arrays import Floats, floats
from scorecards.method.disclosure.record_keys import Keys, Kind, record_keys
from scorecards.method.vocabulary import Outcome
from scorecards.periods import Period
from scorecards.pipeline.vote_gaps import IS_MEMBER
from scorecards.storage import partitions
from scorecards.storage.copy_out import copied
from surveys import observations
from surveys.models import Meeting

CUBE = ["indicator", "provider_kind", "self_assessment"]
CELL = [*CUBE, "place_code", "service"]
NUMBERS = ["met", "not_met", "met_key", "not_met_key"]
COLUMNS = [*CELL, *NUMBERS, "is_vote"]
LENGTHS = (6, 2, 0)
"""Digits of the places that cells exist for: communes, provinces, the nation."""

SATISFIED = 4
"""A vote of 4 or 5 counts as met."""


def group_name(among: str, member: bool) -> str:
    """Return the "service" of cells of one group of voters, or of those known not to be of it."""
    return f"{among}:{'yes' if member else 'no'}"


def count_cells(
    period: Period, secret: str, *, settled: frozenset[tuple[str, str]] = frozenset()
) -> pd.DataFrame:
    """Return every cell of a quarter with at least one judged record: COLUMNS.

    "On time" of a kind of provider is left out while any of its requests is younger than
    its promise, unless ``settled`` (pairs of indicator and kind) says that an earlier
    release of the quarter had it.
    """
    tables = [_cases(family, period, secret, settled) for family in FAMILIES]
    tables += [_votes(period, secret), _checks(period, secret)]
    return pd.concat([table for table in tables if len(table)] or [_nothing()], ignore_index=True)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})


def _cases(
    family: Family, period: Period, secret: str, settled: frozenset[tuple[str, str]]
) -> pd.DataFrame:
    rules = ", ".join(f"f.{rule}" for rule in family.rules.values())
    months = sorted(period.months)
    cases = copied(
        f"SELECT f.case_id, f.commune_code, f.provider_kind, s.code AS service, {rules} "  # noqa: S608
        f"FROM {partitions.FACTS} f JOIN standards_service s ON s.id = f.service_id "
        "WHERE f.month = ANY(%s) AND f.provider_kind = ANY(%s)",
        [months, list(family.kinds)],
    )
    tables = []
    for kind, rows in cases.groupby("provider_kind", observed=True, sort=True):
        number, cells = _numbered(rows, ["commune_code", "service"])
        keys = record_keys(Kind.CASE, rows["case_id"].to_numpy(dtype=np.int64), secret)
        for indicator, rule in family.rules.items():
            judged = rows[rule].to_numpy(dtype=np.float64)
            waits = RULE_OF[indicator] == "time" and (judged == Outcome.STILL_OPEN).any()
            if waits and (indicator, str(kind)) not in settled:
                continue
            finest = cells.assign(**_sides(number, len(cells), judged, keys))
            finest = finest.rename(columns={"commune_code": "place_code"})
            tables.append(_in_cube(with_totals(finest), indicator, str(kind)))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _votes(period: Period, secret: str) -> pd.DataFrame:
    """Return votes of communities, all and by group, and the providers' votes about themselves."""
    days = (period.first, period.last)
    where: dict[str, Any] = {"meeting__held_on__range": days, "meeting__provider__kind__in": KINDS}
    groups, values = observations.groups_to_count(**where).query.sql_with_params()
    members = ", ".join(f"{member} AS {among}" for among, member in IS_MEMBER.items())
    community = copied(
        "SELECT q.id, q.indicator_code, q.provider_kind, q.commune_id, q.score, "  # noqa: S608
        f"{members} FROM ({groups}) q",
        list(values),
    )
    own, values = observations.votes_to_count(
        meeting__kind=Meeting.Kind.SELF_ASSESSMENT, **where
    ).query.sql_with_params()
    about_themselves = copied(
        "SELECT q.id, q.indicator_code, q.provider_kind, q.commune_id, q.score "  # noqa: S608
        f"FROM ({own}) q",
        list(values),
    )
    tables = [_scored(community, Kind.VOTE, secret), _scored(about_themselves, Kind.VOTE, secret)]
    tables[1] = tables[1].assign(self_assessment=True)
    for among in IS_MEMBER:
        for member in (True, False):
            inside = community[community[among] == float(member)]
            table = _scored(inside, Kind.VOTE, secret)
            tables.append(table.assign(service=group_name(among, member)))
    votes = pd.concat([t for t in tables if len(t)] or [_nothing()], ignore_index=True)
    return votes.assign(is_vote=True)


def _checks(period: Period, secret: str) -> pd.DataFrame:
    checks, values = observations.checks_to_count(
        seen_on__range=(period.first, period.last), provider__kind__in=KINDS
    ).query.sql_with_params()
    rows = copied(
        "SELECT q.id, q.indicator_code, q.provider_kind, q.commune_id, q.present "  # noqa: S608
        f"FROM ({checks}) q WHERE q.present IS NOT NULL",
        list(values),
    )
    return _scored(rows, Kind.CHECK, secret)


def _scored(rows: pd.DataFrame, record: Kind, secret: str) -> pd.DataFrame:
    """Return cells of votes or checks.

    ``rows`` have id, indicator, kind, commune and score or present.
    """
    if rows.empty:
        return pd.DataFrame()
    met = rows["score"] >= SATISFIED if "score" in rows.columns else rows["present"] == 1
    columns = ["indicator_code", "provider_kind", "commune_id"]
    number, cells = _numbered(rows, columns)
    keys = record_keys(record, rows["id"].to_numpy(dtype=np.int64), secret)
    finest = cells.assign(**_sides(number, len(cells), floats(met), keys))
    finest.columns = pd.Index(["indicator", "provider_kind", "place_code", *NUMBERS])
    tables = []
    for (indicator, kind), mine in finest.groupby(["indicator", "provider_kind"], sort=True):
        places = mine[["place_code", *NUMBERS]].assign(service="")
        tables.append(_in_cube(with_totals(places), str(indicator), str(kind)))
    return pd.concat(tables, ignore_index=True)


def _numbered(rows: pd.DataFrame, by: list[str]) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """For each row the number of its cell, and the cells in order of their numbers."""
    number = np.zeros(len(rows), dtype=np.int64)
    for name in by:
        codes, distinct = pd.factorize(rows[name])
        number = number * max(len(distinct), 1) + codes
    codes, first = np.unique(number, return_index=True)
    cells = rows[by].iloc[first].astype(object).reset_index(drop=True)
    return np.searchsorted(codes, number), cells


def _sides(number: NDArray[np.int64], cells: int, outcome: Floats, keys: Keys) -> dict[str, Any]:
    """Return NUMBERS of each cell from the outcomes of its records; sums of keys modulo 2**64."""
    columns: dict[str, Any] = {}
    for name, value in (("met", Outcome.MET), ("not_met", Outcome.NOT_MET)):
        mine = outcome == int(value)
        columns[name] = np.bincount(number[mine], minlength=cells)
        total = np.zeros(cells, dtype=np.uint64)
        np.add.at(total, number[mine], keys[mine])
        columns[f"{name}_key"] = total
    return {name: columns[name] for name in NUMBERS}


def with_totals(finest: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of one cube and all their totals, without cells in which nobody was judged.

    ``finest``: place_code of communes, service, NUMBERS. Services are summed where there are any.
    """
    place, places = pd.factorize(finest["place_code"])
    service, services = pd.factorize(finest["service"])
    width = len(services) + 1  # 0 is all services
    parts = [service + 1, np.zeros_like(service)] if any(services) else [np.zeros_like(service)]
    names: list[str] = []
    numbers: list[NDArray[np.int64]] = []
    counted = {name: finest[name].to_numpy() for name in NUMBERS}
    sums: dict[str, list[Any]] = {name: [] for name in NUMBERS}
    for length in LENGTHS:
        cut, shorter = pd.factorize(pd.Index([code[:length] for code in places]))
        for part in parts:
            codes, of_row = np.unique((cut[place] + len(names)) * width + part, return_inverse=True)
            numbers.append(codes)
            for name, values in sums.items():
                summed = np.zeros(len(codes), dtype=counted[name].dtype)
                np.add.at(summed, of_row, counted[name])
                values.append(summed)
        names += list(shorter)
    of_place, of_service = np.divmod(np.concatenate(numbers), width)
    table = pd.DataFrame(
        {
            "place_code": np.array(names, dtype=object)[of_place],
            "service": np.array(["", *services], dtype=object)[of_service],
            **{name: np.concatenate(values) for name, values in sums.items()},
        }
    )
    return table[table["met"] + table["not_met"] > 0]


def _in_cube(cells: pd.DataFrame, indicator: str, kind: str) -> pd.DataFrame:
    named = cells.assign(indicator=indicator, provider_kind=kind, self_assessment=False)
    return named.assign(is_vote=False)[COLUMNS]
