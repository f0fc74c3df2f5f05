"""Released figures of provinces and the nation, by quarter and summed by year.

For donors: whoever asks, only printed numbers of current releases go in, so one answer serves
everybody. A year is the sum of its released quarters; it changes only where they do.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

import numpy as np
import pandas as pd
from django.db import connection

from scorecards import periods
from scorecards.indicators import KINDS
from scorecards.method.comparison import changes
from scorecards.method.disclosure.sums import SUMS, summed
from scorecards.reading import scores
from scorecards.standard_changes import Breaks

CELL = ["place_code", "provider_kind", "indicator"]
COLUMNS = (*CELL, "level", "period", "numerator", "denominator", "share", "low", "high", "deff")
YEAR = (*CELL, "year", "quarters", *SUMS, "change", "change_low", "change_high", "arrow")

_RELEASES = "SELECT id, period FROM scorecards_release WHERE is_current ORDER BY period"
_PUBLISHED = """
SELECT period, published_at, previous_id IS NOT NULL FROM scorecards_release
WHERE state = 'published' AND published_at IS NOT NULL ORDER BY published_at DESC, id DESC LIMIT %s
"""
_COMMUNES = """
SELECT c.province_code, c.provider_kind, count(DISTINCT c.place_code)
FROM scorecards_releasedcell c JOIN scorecards_release r ON r.id = c.release_id AND r.is_current
WHERE c.period = %s AND c.level = 'commune' AND c.service = '' AND NOT c.self_assessment
    AND c.share IS NOT NULL AND c.status IN ('full', 'pale')
GROUP BY 1, 2
"""


def releases() -> tuple[str, tuple[str, ...]]:
    """A word that changes with every release, and the released quarters, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASES)
        rows = cursor.fetchall()
    word = sha256(repr(rows).encode()).hexdigest()[:24]
    return word, tuple(period for _id, period in rows)


def years(quarters: Iterable[str]) -> list[int]:
    """The years of these quarters, newest first."""
    return sorted({int(code[:4]) for code in quarters}, reverse=True)


def quarterly(quarters: Sequence[str]) -> pd.DataFrame:
    """Printed cells of all services together of the nation ("") and each province."""
    totals = scores.totals(None, quarters, columns=COLUMNS)
    return totals[totals["share"].notna()].reset_index(drop=True)


def yearly(cells: pd.DataFrame) -> pd.DataFrame:
    """Sum rows of ``quarterly`` by year; the columns ``YEAR``, one row a cell and year.

    The change compares the quarters that both years have: a year with one quarter is compared
    with the same quarter of the year before. It is NaN and the arrow "" where none is in both;
    "new_standard" where another standard came into force in between.
    """
    rows = cells.assign(year=cells["period"].str[:4].astype(int), quarter=cells["period"].str[5:])
    keys = [*CELL, "year"]
    table = summed(rows, keys)
    names = rows.groupby(keys, sort=True)["quarter"].agg(lambda q: " ".join(sorted(q)))
    table = table.merge(names.rename("quarters").reset_index(), on=keys)
    return table.merge(_changed(rows), on=keys, how="left").fillna({"arrow": ""})[list(YEAR)]


def _changed(rows: pd.DataFrame) -> pd.DataFrame:
    """The change of each year against the one before, over the quarters of both."""
    same = [*CELL, "year", "quarter"]
    both = rows[same].merge(rows[same].assign(year=rows["year"] + 1), on=same)
    now = summed(rows.merge(both, on=same), [*CELL, "year"])
    earlier = rows.assign(year=rows["year"] + 1).merge(both, on=same)
    before = summed(earlier, [*CELL, "year"])
    pairs = now.merge(before, on=[*CELL, "year"], suffixes=("", "_before"))
    ends = both.groupby([*CELL, "year"])["quarter"].agg(["min", "max"]).reset_index()
    pairs = pairs.merge(ends, on=[*CELL, "year"])
    table = changes(
        pairs["met_before"],
        pairs["judged_before"],
        pairs["met"],
        pairs["judged"],
        new_standard=_broken(pairs),
        deff=pairs["effect"],
        deff_before=pairs["effect_before"],
    )
    table = table.rename(columns={"low": "change_low", "high": "change_high"})
    return pairs[[*CELL, "year"]].join(table[["change", "change_low", "change_high", "arrow"]])


def _broken(pairs: pd.DataFrame) -> np.ndarray:
    """Mark the pairs with a new standard between the first and the last quarter compared."""
    breaks = Breaks()
    existing: dict[tuple[str, str, str, str], bool] = {}
    answer = []
    for row in pairs.to_dict("records"):
        first, last = f"{row['year'] - 1}-{row['min']}", f"{row['year']}-{row['max']}"
        key = (row["provider_kind"], row["indicator"], first, last)
        if key not in existing:
            ends = [periods.parse(first), periods.parse(last)]
            existing[key] = breaks.between(key[0], "", key[1], ends)[0]
        answer.append(existing[key])
    return np.array(answer, dtype=bool)


def communes_with_figures(quarter: str) -> dict[tuple[str, str], int]:
    """Count the communes with a printed figure, by (province, kind of provider)."""
    periods.parse(quarter)
    with connection.cursor() as cursor:
        cursor.execute(_COMMUNES, [quarter])
        return {(province, kind): n for province, kind, n in cursor.fetchall() if kind in KINDS}


def together(cells: pd.DataFrame, provinces: Sequence[str]) -> pd.DataFrame:
    """Sum rows of ``quarterly`` by year over some provinces; none named: the nation's own cells.

    One row a kind of provider, indicator and year: those, ``SUMS`` and "places", of how many
    provinces a figure is printed. What is printed nowhere has no row.
    """
    rows = cells[cells["place_code"].isin(provinces or [""])]
    rows = rows.assign(year=rows["period"].str[:4].astype(int))
    keys = ["provider_kind", "indicator", "year"]
    places = rows.groupby(keys)["place_code"].nunique().rename("places").reset_index()
    return summed(rows, keys).merge(places, on=keys)


def published(most: int = 40) -> list[tuple[str, datetime, bool]]:
    """List published releases, newest first: (quarter, moment, whether it corrects another)."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED, [most])
        return [(period, at, corrects) for period, at, corrects in cursor.fetchall()]
