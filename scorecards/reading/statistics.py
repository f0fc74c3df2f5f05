"""Read stored comparisons, with the same access as the figures that they compare.

The companion of ``scorecards.reading.scores``, under the same rule: people with ``scores.working``
for a place read what was computed from working figures, everybody else what was computed
from the current release and from nothing beyond it.

    comparisons(user, period, place=, indicator=) -> DataFrame, the columns of ``Comparison``
    classes(user, period, place=, indicator=, provider_kind=, service=, level=) -> DataFrame:
        class, line and change of every cell that has one, ``CLASS``
    overall(user, period, place=) -> DataFrame, the columns of ``Overall``
    on_time(user, period, place=) -> DataFrame, the columns of ``OnTime``; working figures only
    gaps(user, period, place=, indicator=) -> DataFrame, the columns of ``VoteGap``
"""

from typing import Any

import pandas as pd

from replicas import connection_for_reading
from scorecards import periods
from scorecards.reading.scores import Reader
from scorecards.storage import partitions

COMPARISON = (
    "period",
    "indicator",
    "provider_kind",
    "place_code",
    "province_code",
    "numerator",
    "denominator",
    "deff",
    "places",
    "mean",
    "rank_low",
    "rank_high",
    "whole",
    "spread",
    "funnel",
    "outlier",
    "province_places",
    "province_share",
    "province_gap",
    "province_low",
    "province_high",
    "province_alarm",
    "like_places",
    "like_share",
    "like_gap",
    "like_low",
    "like_high",
    "like_alarm",
    "change",
    "change_low",
    "change_high",
    "arrow",
    "change_alarm",
    "trend",
    "trend_periods",
    "trend_alarm",
    "method_version",
    "data_until",
    "computed_at",
)
CLASS = (
    "period",
    "level",
    "indicator",
    "provider_kind",
    "service",
    "place_code",
    "province_code",
    "numerator",
    "denominator",
    "deff",
    "places",
    "whole",
    "spread",
    "funnel",
    "outlier",
    "change",
    "change_low",
    "change_high",
    "arrow",
    "change_alarm",
    "method_version",
    "data_until",
    "computed_at",
)
"""One row per cell, from whichever table stores it.

``Comparison`` for ranked communes, else ``PlaceClass``.
"""
OVERALL = (
    "period",
    "level",
    "provider_kind",
    "place_code",
    "province_code",
    "score",
    "low",
    "high",
    "coverage",
    "parts_judged",
    "parts_total",
    "method_version",
    "data_until",
    "computed_at",
)
ON_TIME = (
    "period",
    "level",
    "provider_kind",
    "service",
    "place_code",
    "share",
    "low",
    "high",
    "median_days",
    "cases",
    "still_open",
    "method_version",
    "data_until",
    "computed_at",
)
GAPS = (
    "period",
    "level",
    "indicator",
    "provider_kind",
    "among",
    "place_code",
    "province_code",
    "voters",
    "others",
    "satisfied",
    "others_satisfied",
    "share",
    "others_share",
    "share_gap",
    "share_low",
    "share_high",
    "mean",
    "others_mean",
    "gap",
    "low",
    "high",
    "method_version",
    "data_until",
    "computed_at",
)
_NUMBERS = (
    {"share", "median_days", "mean", "others_mean", "gap", "whole", "spread", "deff"}
    | {"score", "low", "high", "change", "change_low", "change_high"}
    | {"others_share", "share_gap", "share_low", "share_high"}
    | {
        f"{kind}_{name}"
        for kind in ("province", "like")
        for name in ("share", "gap", "low", "high")
    }
)


_WHOLE = {"voters", "others", "satisfied", "others_satisfied"}
"""Whole numbers that may be missing."""


def comparisons(
    user: object, period: str, *, place: str | None = None, indicator: str = ""
) -> pd.DataFrame:
    """Read the comparisons of communes on indicators in one period, as ``user`` may see them.

    ``place`` limits to one commune, ``indicator`` to one indicator. A commune with fewer
    than ten judged cases has no row. Of working figures nobody sees totals over places
    that they may not see: the shares of the nation, of other places of the kind and of
    the province are NaN then. Raises ``ValueError`` for a period that cannot be.
    """
    where, values = "(s.release_id > 0 OR s.denominator >= 10)", []
    if place is not None:
        where, values = f"{where} AND s.place_code = %s", [place]
    if indicator:
        where, values = f"{where} AND s.indicator = %s", [*values, indicator]
    order = "s.indicator, s.provider_kind, s.place_code"
    rows = _read(user, period, ("scorecards_comparison", COMPARISON), where, values, order=order)
    return _without_totals(rows, Reader.of(user))


def _without_totals(rows: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Return working comparisons without the shares of places that this person may not see."""
    if reader.everything or rows.empty:
        return rows
    sees_province = rows["province_code"].map(lambda code: code.startswith(reader.working))
    away = {"whole": rows["working"]}
    for name in ("share", "gap", "low", "high"):
        away[f"like_{name}"] = rows["working"]
        away[f"province_{name}"] = rows["working"] & ~sees_province.astype(bool)
    return rows.assign(**{name: rows[name].mask(hidden) for name, hidden in away.items()})


_SHARED = ", ".join(name for name in (*CLASS, "release_id") if name not in ("level", "service"))
_BOTH_TABLES = f"""(
    SELECT {_SHARED}, 'commune' AS level, '' AS service FROM scorecards_comparison
    UNION ALL SELECT {_SHARED}, level, service FROM scorecards_placeclass
)"""  # noqa: S608 - names of ours


def classes(
    user: object,
    period: str,
    *,
    place: str | None = None,
    indicator: str = "",
    provider_kind: str = "",
    service: str | None = None,
    level: str = "",
    within: str = "",
    columns: tuple[str, ...] = CLASS,
) -> pd.DataFrame:
    """Return class, line and change of cells in one period, as this person may see them.

    Each argument limits to one place, indicator, kind, service ("" is all of them together) or
    level, ``within`` to places whose code begins so, ``columns`` to what a page needs. Working
    cells of fewer than ten judged cases have no row. Of working figures the line is NaN for people
    who may not see all of the nation's.
    """
    where = "(s.release_id > 0 OR s.denominator >= 10)"
    values: list[str] = []
    asked = {
        "place_code": place,
        "indicator": indicator or None,
        "provider_kind": provider_kind or None,
        "service": service,
        "level": level or None,
    }
    for name, value in asked.items():
        if value is not None:
            where, values = f"{where} AND s.{name} = %s", [*values, value]
    if within:
        where, values = f"{where} AND starts_with(s.place_code, %s)", [*values, within]
    order = "s.indicator, s.provider_kind, s.service, s.place_code"
    table = _read(user, period, (_BOTH_TABLES, columns), where, values, order=order)
    if "whole" in columns and not Reader.of(user).everything:
        table = table.assign(whole=table["whole"].mask(table["working"].astype(bool)))
    return table


def overall(user: object, period: str, *, place: str | None = None) -> pd.DataFrame:
    """Return the overall scores of one period, with their coverage, as this person may see them."""
    where, values = ("true", []) if place is None else ("s.place_code = %s", [place])
    order = "s.provider_kind, s.place_code"
    return _read(user, period, ("scorecards_overall", OVERALL), where, values, order=order)


def on_time(user: object, period: str, *, place: str) -> pd.DataFrame:
    """Return on-time shares of a place where requests are still open, for readers of working
    figures.

    A row below ten cases is left out; a missing share is "not yet known".
    """
    source = ("scorecards_ontime", ON_TIME)
    where = "s.place_code = %s AND s.cases >= 10"
    return _read(user, period, source, where, [place], order="s.provider_kind, s.service")


def gaps(
    user: object, period: str, *, place: str | None = None, indicator: str = ""
) -> pd.DataFrame:
    """Return gaps between groups of voters that may be shown; withdrawn ones without numbers.

    Working figures compare means, released ones the shares of satisfied voters.
    """
    where, values = "s.status IN ('shown', 'withdrawn')", []
    if place is not None:
        where, values = f"{where} AND s.place_code = %s", [place]
    if indicator:
        where, values = f"{where} AND s.indicator = %s", [*values, indicator]
    order = "s.indicator, s.provider_kind, s.place_code, s.among"
    return _read(user, period, (partitions.GAPS, GAPS), where, values, order=order)


def _read(
    user: object,
    period: str,
    source: tuple[str, tuple[str, ...]],
    where: str,
    values: list[str],
    *,
    order: str,
) -> pd.DataFrame:
    periods.parse(period)
    table, columns = source
    reader = Reader.of(user)
    mine, prefixes = reader.condition()
    sql = f"""
        SELECT {", ".join(f"s.{name}" for name in columns)}, s.release_id = 0 AS working
        FROM {table} s
        LEFT JOIN scorecards_release r ON r.id = s.release_id AND r.is_current
        WHERE s.period = %s AND {where}
            AND CASE WHEN {mine} THEN s.release_id = 0 ELSE r.id IS NOT NULL END
        ORDER BY {order}"""  # noqa: S608 - names of ours; values are passed apart
    with connection_for_reading().cursor() as cursor:
        cursor.execute(sql, [period, *values, *prefixes])
        rows: list[Any] = cursor.fetchall()
    table_read = pd.DataFrame(rows, columns=pd.Index([*columns, "working"]))
    numbers = {name: "float64" for name in columns if name in _NUMBERS}
    integer_columns = {name: "Int64" for name in columns if name in _WHOLE}
    return table_read.astype({**numbers, **integer_columns})
