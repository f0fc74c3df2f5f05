"""Released figures of provinces and the nation, by quarter and summed by year.

For donors. Only printed numbers of current releases go in, so one answer serves
everybody. A year is the sum of its released quarters; it changes only where they do.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

import numpy as np
import pandas as pd
from django.db.models import Count

from scorecards import periods
from scorecards.indicators import KINDS
from scorecards.method.comparison import changes
from scorecards.method.disclosure.sums import SUMS, summed
from scorecards.models import Release, ReleasedCell
from scorecards.reading import scores
from scorecards.standard_changes import Breaks

CELL = ["place_code", "provider_kind", "indicator"]
COLUMNS = (*CELL, "level", "period", "numerator", "denominator", "share", "low", "high", "deff")
YEAR = (*CELL, "year", "quarters", *SUMS, "change", "change_low", "change_high", "arrow")


def releases() -> tuple[str, tuple[str, ...]]:
    """Return a hash of the current releases and their quarters, oldest first.

    The hash changes whenever a release is published, corrected or withdrawn.
    """
    current = Release.objects.filter(is_current=True).order_by("period")
    rows = list(current.values_list("pk", "period"))
    fingerprint = sha256(repr(rows).encode()).hexdigest()[:24]
    return fingerprint, tuple(period for _id, period in rows)


def years(quarters: Iterable[str]) -> list[int]:
    """Return the years of these quarters, newest first."""
    return sorted({int(code[:4]) for code in quarters}, reverse=True)


def quarterly(quarters: Sequence[str]) -> pd.DataFrame:
    """Return printed cells of all services together of the nation ("") and each province."""
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
    """Return the change of each year against the one before, over the quarters of both."""
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
    broken_of: dict[tuple[str, str, str, str], bool] = {}
    answer = []
    for row in pairs.to_dict("records"):
        first, last = f"{row['year'] - 1}-{row['min']}", f"{row['year']}-{row['max']}"
        key = (row["provider_kind"], row["indicator"], first, last)
        if key not in broken_of:
            ends = [periods.parse(first), periods.parse(last)]
            broken_of[key] = breaks.between(key[0], "", key[1], ends)[0]
        answer.append(broken_of[key])
    return np.array(answer, dtype=bool)


def communes_with_figures(quarter: str) -> dict[tuple[str, str], int]:
    """Count the communes with a printed figure, by (province, kind of provider)."""
    periods.parse(quarter)
    printed = ReleasedCell.objects.filter(
        release__is_current=True,
        period=quarter,
        level="commune",
        service="",
        self_assessment=False,
        share__isnull=False,
        status__in=("full", "pale"),
        provider_kind__in=KINDS,
    )
    communes = (
        printed.order_by()
        .values_list("province_code", "provider_kind")
        .annotate(communes=Count("place_code", distinct=True))
    )
    return {(province, kind): count for province, kind, count in communes}


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
    published_ones = Release.objects.filter(
        state=Release.State.PUBLISHED, published_at__isnull=False
    ).order_by("-published_at", "-pk")
    rows = published_ones.values_list("period", "published_at", "previous")[:most]
    return [(period, at, previous is not None) for period, at, previous in rows if at]
