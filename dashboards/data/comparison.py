"""Places compared: standing, order, page and takeaway, from the suppressed table alone.

The table has one row per place with the columns ``COLUMNS``, as a ``Table`` or a DataFrame. What a
reader may not see is missing in it (NaN), with the reason in ``status``; every drawing, file and
sentence is made from this table, so nothing can bring it back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboards.data.table import Rows, Table
from dashboards.query import Query
from scorecards.reading.vocabulary import FunnelClass, five_like

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
    "funnel",
    "size",
    "arrow",
    "rules",
)
ROUNDED, EARLIER = "rounded", "earlier"
"""The rules that made a released figure safe; "rules" is empty for a working figure."""
ROWS_A_PAGE = 25
STANDING_OF_CLASS: dict[str, str] = {
    FunnelClass.FAR_ABOVE: "better",
    FunnelClass.ABOVE: "as_expected",
    FunnelClass.AS_EXPECTED: "as_expected",
    FunnelClass.BELOW: "as_expected",
    FunnelClass.FAR_BELOW: "worse",
    FunnelClass.NOT_DRAWN: "few",
}
"""Only the outer classes are named: at 95 % the nation would give 83 false alarms."""


@dataclass(frozen=True)
class NationalFigure:
    """The nation's own figure: the line that each place is compared with."""

    met: float
    judged: float
    share: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        return not np.isnan(self.share)


NOTHING = NationalFigure(*[float("nan")] * 5)


def is_shown(table: Table | pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the rows whose figure may be shown."""
    values: NDArray[np.bool_] = ~np.isnan(_column(table, "share"))
    return values


def standings(table: Table | pd.DataFrame) -> NDArray[np.object_]:
    """Return how each place compares with the national line: one word per row.

    Read from the stored class (column "funnel"): "better" and "worse" are the outer classes
    of the funnel (99.8% limits with room for over-dispersion; method, 4): of a thousand
    perfectly average places two are wrongly named. Places too small to compare are "few",
    shown ones without a class "waiting"; places without a figure say why.
    """
    answer = np.array(table["status"], dtype=object)
    shown = is_shown(table)
    classes = np.asarray(table["funnel"], dtype=object)[shown]
    answer[shown] = [STANDING_OF_CLASS.get(one, "waiting") for one in classes]
    return answer


def ordered(table: Rows, query: Query) -> Rows:
    """Return the rows in the order asked for; without a figure always last; ties by code."""
    codes = table["code"].tolist()
    rows = sorted(range(len(codes)), key=codes.__getitem__)
    if query.sort_column in ("share", "judged"):
        numbers = _column(table, query.sort_column)[rows]
        # NaN sorts last whichever sign it has.
        turned = -numbers if query.sort_is_descending else numbers
        return table.take(np.array(rows)[np.argsort(turned, kind="stable")])
    words = table[query.sort_column].tolist()
    return table.take(sorted(rows, key=words.__getitem__, reverse=query.sort_is_descending))


def _column(table: Table | pd.DataFrame, name: str) -> NDArray[Any]:
    """Return a column of numbers."""
    return np.asarray(table[name], dtype=float)


@dataclass(frozen=True)
class Page(Generic[Rows]):
    """One page of the rows, and its position among the others."""

    rows: Rows
    number: int
    pages: int
    total: int

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


def page_of(table: Rows, number: int) -> Page[Rows]:
    """Return page ``number`` (from 1); beyond the end, the last one."""
    total = len(table)
    pages = max(1, ceil(total / ROWS_A_PAGE))
    number = min(number, pages)
    start = (number - 1) * ROWS_A_PAGE
    rows = table.take(np.arange(start, min(start + ROWS_A_PAGE, total)))
    return Page(rows, number, pages, total)


def peers_of(table: Rows, code: str) -> Rows:
    """Return the place ``code`` and five like it that have a figure: never a league table.

    Alike in province and in kind (khum or sangkat), then in the number of cases; never
    chosen by their share. Empty where ``code`` is not in the table.
    """
    codes = table["code"].tolist()
    if code not in codes:
        return table.take([])
    asked = {name: np.asarray(table[name]) for name in ("province", "kind", "judged")}
    alike = pd.DataFrame(asked, index=pd.Index(codes))
    alike["judged"] = alike["judged"].fillna(0)
    shown = alike[is_shown(table) | (alike.index == code)]
    others: list[str] = five_like(shown, code, ["province", "kind"]).tolist()
    return table.take([codes.index(place) for place in (code, *others)])


def median_share(table: Table | pd.DataFrame) -> float:
    """Return the share that half the shown places reach; NaN where none is shown."""
    shown = is_shown(table)
    return float(np.median(_column(table, "share")[shown])) if shown.any() else float("nan")


def tally(standing: Sequence[str]) -> dict[str, int]:
    """Count the places by how they compare with the national line, most frequent first."""
    return dict(Counter(standing).most_common())
