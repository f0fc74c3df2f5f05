"""Gaps between groups of voters: computed for every place, and what of them may be released.

The sums of each meeting are made in SQL, the arithmetic is ``scoring.votes``'. A release
treats them as it treats cases, and more strictly (docs/decisions/gaps-of-voters.md):
both sides five voters or more, five meetings or more, and whatever can be subtracted
from what is shown is fit to be shown itself. ``unfit`` and ``leaks`` look at the stored
rows of a release once more before it is published.
"""

from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from scorecards import partitions
from scorecards.auditing import FEW_DIMS, attacked
from scorecards.catalogue import KINDS
from scorecards.models import VoteGap
from scorecards.periods import Period
from scorecards.scoring.lattice import ALL
from scorecards.scoring.shares import LEAST_JUDGED
from scorecards.scoring.vocabulary import Status
from scorecards.scoring.votes import LEAST_GROUP, TOTALS, gaps_of_meetings
from surveys import observations

LEAST_MEETINGS = 5
"""In a release: the interval of two meetings would tell the gap of each."""

DECIMALS = 1
"""In a release: finer figures would tell the sums that they were made of."""

CUBE = ["indicator", "provider_kind", "among"]
LEVELS = {"commune": 6, "province": 2, "nation": 0}
NUMBERS = ["voters", "others", "mean", "others_mean", "gap", "low", "high"]
ROUNDED = NUMBERS[2:]
_KEYS = [*CUBE, "place_code"]
_IS_MEMBER: dict[VoteGap.Among, str] = {
    VoteGap.Among.WOMEN: "CASE q.sex WHEN 'female' THEN true WHEN '' THEN NULL ELSE false END",
    VoteGap.Among.YOUTH: "q.youth",
    VoteGap.Among.POOR_CARD: "q.poor_card",
    VoteGap.Among.DISABILITY: "q.disability",
    VoteGap.Among.MINORITY: "q.minority",
}


def of_period(period: Period) -> pd.DataFrame:
    """Every group in every commune, province and the nation, however few: never to be shown.

    Columns: indicator, provider_kind, among, place_code, level, NUMBERS, status, meetings.
    """
    meetings = _meetings(period)
    if meetings.empty:
        return pd.DataFrame()
    tables = [
        gaps_of_meetings(
            meetings.assign(place_code=meetings["place_code"].str[:length]), _KEYS
        ).assign(level=level)
        for level, length in LEVELS.items()
    ]
    return pd.concat(tables, ignore_index=True)


def working(nodes: pd.DataFrame) -> pd.DataFrame:
    """The columns of ``VoteGap`` for people who see working figures."""
    if nodes.empty:
        return nodes
    shown = nodes[nodes["status"] == Status.SHOWN]
    return shown.assign(status=str(Status.SHOWN))[[*_KEYS, "level", "status", *NUMBERS]]


def safe(nodes: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """The columns of ``VoteGap`` for a release; ``before`` are those of the one it corrects."""
    if nodes.empty:
        return nodes
    known = nodes[(nodes["voters"] > 0) | (nodes["others"] > 0)]
    found = [_safe_cube(cube, before) for _key, cube in known.groupby(CUBE, sort=True)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def stored(release_id: int, period: str) -> pd.DataFrame:
    """The stored rows of a release."""
    names = [*_KEYS, "level", "status", *NUMBERS]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(names)} FROM {partitions.GAPS} "  # noqa: S608 - ours
            "WHERE period = %s AND release_id = %s",
            [period, release_id],
        )
        table = pd.DataFrame(cursor.fetchall(), columns=pd.Index(names))
    return table.astype(dict.fromkeys(NUMBERS, "float64"))


def leaks(table: pd.DataFrame, before: pd.DataFrame | None) -> int:
    """Stored rows that may not go out, or that hide what can be worked out."""
    found = int((~_fit(table) & (table["status"] == Status.SHOWN)).sum())
    for key, cube in table.groupby(CUBE, sort=True):
        counts, previous = _counts(cube), _previous(before, key)
        step = None if previous is None else previous[_ATTACKED]
        found += attacked(counts[_ATTACKED], step, met="voters")
        found += int((_leftovers(counts) > 0).sum())
        if previous is not None:
            found += int(_small_steps(counts, previous).sum())
    return found


def _meetings(period: Period) -> pd.DataFrame:
    """The sums of each meeting: one row an indicator, group and meeting, in order."""
    votes, values = observations.groups_to_count(
        meeting__held_on__range=(period.first, period.last), meeting__provider__kind__in=KINDS
    ).query.sql_with_params()
    groups = ", ".join(f"('{among.value}', {member})" for among, member in _IS_MEMBER.items())
    names = ["indicator", "provider_kind", "among", "place_code", "meeting", *TOTALS]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT q.indicator_code, q.provider_kind, g.among, q.commune_id, q.meeting_id,
                coalesce(sum(q.score) FILTER (WHERE g.is_in), 0),
                count(*) FILTER (WHERE g.is_in),
                coalesce(sum(q.score) FILTER (WHERE NOT g.is_in), 0),
                count(*) FILTER (WHERE NOT g.is_in)
            FROM ({votes}) q CROSS JOIN LATERAL (VALUES {groups}) g (among, is_in)
            GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 5""",  # noqa: S608 - ours
            list(values),
        )
        rows: list[Any] = cursor.fetchall()
    return pd.DataFrame(rows, columns=pd.Index(names)).astype(dict.fromkeys(TOTALS, "int64"))


def _fit(table: pd.DataFrame) -> "pd.Series[bool]":
    """Five voters or more on both sides: what may be told of a place by itself."""
    return (table["voters"] >= LEAST_GROUP) & (table["others"] >= LEAST_GROUP)


def _counts(cube: pd.DataFrame) -> pd.DataFrame:
    """One cube in the form of ``scoring.disclosure``: people, and on which side they are."""
    level = cube["level"]
    return pd.DataFrame(
        {
            "province": cube["place_code"].str[:2].where(level != "nation", ALL),
            "commune": cube["place_code"].where(level == "commune", ALL),
            "status": cube["status"].astype(str),
            "judged": cube["voters"] + cube["others"],
            "voters": cube["voters"],
            "mean": cube["mean"],
            "others_mean": cube["others_mean"],
            "share_low": np.nan,
        }
    ).reset_index(drop=True)


def _previous(before: pd.DataFrame | None, key: Any) -> pd.DataFrame | None:
    if before is None or before.empty:
        return None
    mine = np.logical_and.reduce([before[n] == v for n, v in zip(CUBE, key, strict=True)])
    return _counts(before[mine]) if mine.any() else None


def _safe_cube(cube: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """One indicator, kind and group: hidden until nothing small can be seen or subtracted."""
    from scorecards.scoring.disclosure import suppress

    cube = cube.reset_index(drop=True)
    counts = _counts(cube.assign(**{name: cube[name].round(DECIMALS) for name in ROUNDED}))
    previous = _previous(before, tuple(cube.loc[0, CUBE]))
    shut = ~_fit(cube) | (cube["meetings"] < LEAST_MEETINGS)
    if previous is not None:
        shut = shut | _small_steps(counts, previous)
    communes = counts["commune"] != ALL
    while True:
        released = suppress(
            counts.loc[communes, [*FEW_DIMS, "judged", "voters"]],
            [("province",), ()],
            dims=FEW_DIMS,
            met="voters",
            previous=None if previous is None else previous[_ATTACKED],
            hide=counts.loc[shut, FEW_DIMS],
        )
        told = released[[*FEW_DIMS, "status"]].astype(dict.fromkeys(FEW_DIMS, object))
        status = counts[FEW_DIMS].astype(object).merge(told, how="left", on=FEW_DIMS)["status"]
        shut = status != Status.SHOWN
        now = counts.assign(status=np.where(shut, str(Status.HIDDEN), str(Status.SHOWN)))
        wrong = _leftovers(now)
        if not (wrong > 0).any():
            break
        shut = shut | _next_to_hide(now, wrong)
    told = cube.assign(status=np.where(shut, str(Status.HIDDEN), str(Status.SHOWN)))
    told[ROUNDED] = told[ROUNDED].round(DECIMALS)
    told.loc[shut, NUMBERS] = np.nan
    return told[[*_KEYS, "level", "status", *NUMBERS]]


_ATTACKED = [*FEW_DIMS, "status", "judged", "voters", "share_low"]


def _small_steps(counts: pd.DataFrame, previous: pd.DataFrame) -> "pd.Series[bool]":
    """Shown before, and changed by so little that the step would speak of a few voters."""
    both = counts.merge(previous, how="left", on=FEW_DIMS, suffixes=("", "_old"))
    shown = both["status_old"] == Status.SHOWN
    women = (both["voters"] - both["voters_old"]).abs()
    people = (both["judged"] - both["judged_old"]).abs()
    others = (both["judged"] - both["voters"] - both["judged_old"] + both["voters_old"]).abs()
    few = people.between(1, LEAST_JUDGED - 1)
    few |= women.between(1, LEAST_GROUP - 1) | others.between(1, LEAST_GROUP - 1)
    moved = (both["mean"] != both["mean_old"]) | (both["others_mean"] != both["others_mean_old"])
    told = both["judged"].notna() & (both.get("status") != Status.HIDDEN)
    return shown & told & (few | (moved & (people == 0)))


def _leftovers(counts: pd.DataFrame) -> "pd.Series[int]":
    """Per shown cell: how many sides (0 to 2) are too small once what is shown below is gone.

    The rest of a province is what its communes that are shown leave of it; whoever can
    subtract sees the rest as if it were printed.
    """
    shown = counts[counts["status"] == Status.SHOWN]
    rest = {}
    for number, row in shown.iterrows():
        people = row["judged"]
        inside = row["voters"]
        for _, part in _shown_below(row, shown).iterrows():
            people, inside = people - part["judged"], inside - part["voters"]
        sides = (inside, people - inside)
        rest[number] = sum(side < LEAST_GROUP for side in sides) if people > 0 else 0
    return pd.Series(rest, dtype="int64").reindex(counts.index, fill_value=0)


def _shown_below(row: Any, shown: pd.DataFrame) -> pd.DataFrame:
    """The uppermost shown cells below one: provinces, and communes of provinces not shown."""
    province, commune = shown["province"], shown["commune"]
    if row["commune"] != ALL:
        return shown.iloc[:0]
    if row["province"] != ALL:
        communes: pd.DataFrame = shown.loc[(province == row["province"]) & (commune != ALL)]
        return communes
    provinces = (province != ALL) & (commune == ALL)
    loose = (commune != ALL) & ~province.isin(province[provinces])
    found: pd.DataFrame = shown.loc[provinces | loose]
    return found


def _next_to_hide(counts: pd.DataFrame, wrong: "pd.Series[int]") -> "pd.Series[bool]":
    """The smallest shown part below each cell that leaves too little, or that cell itself."""
    rows = counts.index.to_series()
    found: set[Any] = set()
    shown = counts[counts["status"] == Status.SHOWN]
    for number in counts.index[wrong > 0]:
        below = _shown_below(counts.loc[number], shown)
        found.add(number if below.empty else below["judged"].idxmin())
    return rows.isin(found)
