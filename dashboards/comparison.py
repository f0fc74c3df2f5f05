"""Places side by side: standing, order, page and takeaway, from the suppressed table alone.

The table is one row a place with the columns ``COLUMNS``. What a reader may not see
is already missing in it (NaN), with the reason in ``status``; nothing here can bring
it back, and every drawing, file and sentence is made from this table.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from dashboards.query import Query
from scorecards.scoring.comparison import five_like, funnel, overdispersion
from scorecards.scoring.vocabulary import FunnelClass

COLUMNS = (
    "code",
    "name_km",
    "name_latin",
    "kind",
    "province",
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
STANDING_OF_CLASS = {
    FunnelClass.FAR_ABOVE: "better",
    FunnelClass.ABOVE: "as_expected",
    FunnelClass.AS_EXPECTED: "as_expected",
    FunnelClass.BELOW: "as_expected",
    FunnelClass.FAR_BELOW: "worse",
    FunnelClass.NOT_DRAWN: "few",
}
"""Only the outer classes are told apart: at 95 % the nation would give 83 false alarms."""


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


def standings(table: pd.DataFrame, whole: Whole, deff: float = 1.0) -> "pd.Series[str]":
    """How each place stands against all places together; the index of ``table``.

    "better" and "worse" are the outer classes of the funnel (99.8 % limits with room for
    over-dispersion; method, 4): of a thousand perfectly average places two are wrongly
    named. Places too small to compare are "few"; places without a figure say why.
    """
    answer = table["status"].to_numpy(dtype=object, copy=True)
    shown = is_shown(table).to_numpy()
    if shown.any() and whole.is_known:
        met, judged = table["met"].to_numpy()[shown], table["judged"].to_numpy()[shown]
        classes = funnel(met, judged, deff=deff, centre=whole.share)["place"]
        answer[shown] = [STANDING_OF_CLASS[found] for found in classes.tolist()]
    else:
        answer[shown] = "as_expected"
    return pd.Series(answer, index=table.index, name="standing", dtype=object)


def spread_of(table: pd.DataFrame, deff: float = 1.0) -> float:
    """How much more the shown places differ than chance allows: tau squared, 0 or more."""
    rows = table[is_shown(table)]
    return overdispersion(rows["met"] / deff, rows["judged"] / deff)[1]


def ordered(table: pd.DataFrame, query: Query) -> pd.DataFrame:
    """The rows in the order asked for; without a figure always last; ties by code."""
    by_code = table if table["code"].is_monotonic_increasing else table.sort_values("code")
    return by_code.sort_values(
        query.sort_column,
        ascending=not query.sort_is_descending,
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
    """The place ``code`` and five like it that have a figure: never a league table.

    Alike in province and in kind (khum or sangkat), then in the number of cases; never
    chosen by their share. Empty where ``code`` is not in the table.
    """
    labelled = table.set_index("code", drop=False)
    if code not in labelled.index:
        return table.iloc[:0]
    shown = labelled[is_shown(labelled) | (labelled["code"] == code)]
    shown = shown.assign(judged=shown["judged"].fillna(0))
    alike = five_like(shown, code, ["province", "kind"])
    return labelled.loc[[code, *alike]].reset_index(drop=True)


def median_share(table: pd.DataFrame) -> float:
    """The share that half the shown places reach; NaN where none is shown."""
    return float(table["share"].median()) if is_shown(table).any() else float("nan")


def tally(standing: Sequence[str]) -> dict[str, int]:
    """How many places stand where."""
    return dict(Counter(map(str, standing)).most_common())
