"""Places side by side: standing, order, page and takeaway, from the suppressed table alone.

The table is one row a place with the columns ``COLUMNS``. What a reader may not see
is already missing in it (NaN), with the reason in ``status``; nothing here can bring
it back, and every drawing, file and sentence is made from this table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd

from dashboards.query import Query
from scorecards.scoring.vocabulary import Status

COLUMNS = (
    "code",
    "name_km",
    "name_latin",
    "kind",
    "longitude",
    "latitude",
    "met",
    "judged",
    "share",
    "low",
    "high",
    "status",
)
ROWS_A_PAGE = 25
ALARM_LEVEL = 0.998
LEAST_EXPECTED = 5
"""A place is compared only where met and not met are each expected this often."""

PEERS = 5
SHOWN = (Status.FULL, Status.PALE, Status.SHOWN)


@dataclass(frozen=True)
class Whole:
    """All places of the selection together: the line that each is compared with."""

    met: float
    judged: float
    share: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        return not np.isnan(self.share)


NOTHING = Whole(*[float("nan")] * 5)


def is_shown(table: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows carry a figure that may be shown."""
    return table["share"].notna()


def standings(table: pd.DataFrame, whole: Whole) -> "pd.Series[str]":
    """How each place stands against all places together; the index of ``table``.

    "better" and "worse" are outside the 99.8 % limits p0 -+ z sqrt(p0 q0 / n) around the
    common share (method, 4): of a thousand perfectly average places, two are wrongly
    named. Places too small to compare are "few"; places without a figure say why.
    """
    judged = table["judged"].to_numpy(dtype=float)
    share = table["share"].to_numpy(dtype=float)
    status = table["status"].astype(str).to_numpy(dtype=object)
    shown = ~np.isnan(share)
    answer = np.where(shown, "as_expected", status).astype(object)
    if not whole.is_known:
        return pd.Series(answer, index=table.index, name="standing")
    centre = whole.share
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = NormalDist().inv_cdf(0.5 + ALARM_LEVEL / 2) * sqrt(centre * (1 - centre))
        limit = reach / np.sqrt(judged)
        small = np.minimum(judged * centre, judged * (1 - centre)) < LEAST_EXPECTED
        answer[shown & (share > centre + limit)] = "better"
        answer[shown & (share < centre - limit)] = "worse"
        answer[shown & small] = "few"
    return pd.Series(answer, index=table.index, name="standing")


def ordered(table: pd.DataFrame, query: Query) -> pd.DataFrame:
    """The rows in the order asked for; without a figure always last; ties by code."""
    column = {"name": "name", "code": "code"}.get(query.sort_column, query.sort_column)
    return table.sort_values(
        [column, "code"],
        ascending=[not query.sort_is_descending, True],
        na_position="last",
        kind="stable",
        ignore_index=True,
    )


@dataclass(frozen=True)
class Page:
    """One page of the rows, and where it lies among the others."""

    rows: pd.DataFrame
    number: int
    pages: int
    total: int

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


def page_of(table: pd.DataFrame, number: int) -> Page:
    """Page ``number`` (from 1); beyond the end, the last one."""
    pages = max(1, ceil(len(table) / ROWS_A_PAGE))
    number = min(number, pages)
    start = (number - 1) * ROWS_A_PAGE
    return Page(table.iloc[start : start + ROWS_A_PAGE], number, pages, len(table))


def peers_of(table: pd.DataFrame, code: str) -> pd.DataFrame:
    """The place ``code`` and the five nearest of its kind that have a figure; not a league.

    Nearest by the map where both have a point, else by official code (which follows the
    districts). Empty where ``code`` is not in the table.
    """
    own = table[table["code"] == code]
    if own.empty:
        return own
    me = own.iloc[0]
    others = table[is_shown(table) & (table["code"] != code) & (table["kind"] == me["kind"])]
    if pd.isna(me["longitude"]):
        rank = (others["code"].astype(int) - int(code)).abs().astype(float)
    else:
        east = (others["longitude"] - me["longitude"]) * 0.976  # cos 12.5 degrees north
        rank = np.hypot(east, others["latitude"] - me["latitude"])
    near = others.assign(rank=rank).sort_values(["rank", "code"]).head(PEERS)
    return pd.concat([own, near.drop(columns="rank")], ignore_index=True)


def median_share(table: pd.DataFrame) -> float:
    """The share that half the shown places reach; NaN where none is shown."""
    return float(table["share"].median()) if is_shown(table).any() else float("nan")


def tally(standing: Sequence[str]) -> dict[str, int]:
    """How many places stand where."""
    return {str(k): int(v) for k, v in pd.Series(list(standing)).value_counts().items()}
