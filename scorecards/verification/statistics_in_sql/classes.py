"""Class, line and change of single services and provinces, in SQL."""

from typing import Any

import pandas as pd
from django.db import connection

from scorecards.method.estimates.shares import LEAST_JUDGED
from scorecards.periods import Period
from scorecards.standard_changes import Breaks
from scorecards.storage import partitions
from scorecards.verification.statistics_in_sql.funnel import ALARM, CLASS, funnelled, newcombe
from scorecards.verification.table_diff import Check, compared, read, wilson

PLACE_CLASS = Check(
    "placeclass",
    ("indicator", "provider_kind", "service", "place_code"),
    ("level", "funnel", "outlier", "arrow", "change_alarm"),
    (
        *("numerator", "denominator", "deff", "places", "whole", "spread"),
        *("change", "change_low", "change_high"),
    ),
)


def differing(period: Period) -> pd.DataFrame:
    """Return stored classes of one period that the second computation contradicts.

    None by month.
    """
    if period.length == "month" or period.code not in partitions.parts(partitions.CLASSES):
        return pd.DataFrame(columns=pd.Index(["service"]))
    return compared(PLACE_CLASS, period, _classes(period))


def _classes(period: Period) -> pd.DataFrame:
    broken = _broken(period)
    values = {
        "period": period.code,
        "before": period.previous.code,
        "indicators": [indicator for indicator, _, _ in broken],
        "kinds": [kind for _, kind, _ in broken],
        "services": [service for _, _, service in broken],
    }
    names = [*PLACE_CLASS.key, *PLACE_CLASS.words, *PLACE_CLASS.numbers]
    return read(f"{_SHAPES} SELECT {', '.join(names)} FROM told", values, names)  # noqa: S608


def _broken(period: Period) -> list[tuple[str, str, str]]:
    """Return indicator, kind and service of cubes with a new standard since the period before."""
    breaks = Breaks()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT indicator, provider_kind, service FROM scorecards_score "
            "WHERE period = %s AND level = 'nation' AND NOT self_assessment",
            [period.code],
        )
        cubes: list[Any] = cursor.fetchall()
    return [
        (indicator, kind, service)
        for indicator, kind, service in cubes
        if breaks.newest(kind, service, indicator, period)
        != breaks.newest(kind, service, indicator, period.previous)
    ]


_CUBE = "level, indicator, provider_kind, service"
_SHAPES = f"""
WITH base AS MATERIALIZED (
    SELECT s.level, s.indicator, s.provider_kind, s.service, s.place_code, s.numerator AS x,
        s.denominator AS n, s.deff AS d, nation.numerator::float8 / nation.denominator AS line,
        count(*) OVER (PARTITION BY s.level, s.indicator, s.provider_kind, s.service) AS places
    FROM scorecards_score s
    LEFT JOIN scorecards_score nation ON nation.period = s.period AND nation.level = 'nation'
        AND nation.indicator = s.indicator AND nation.provider_kind = s.provider_kind
        AND nation.service = s.service AND nation.denominator >= {LEAST_JUDGED}
        AND NOT nation.self_assessment
    WHERE s.period = %(period)s AND NOT s.self_assessment AND s.denominator >= {LEAST_JUDGED}
        AND (s.level = 'commune' AND s.service <> '' OR s.level = 'province')
),
{funnelled(_CUBE)},
broken AS (
    SELECT DISTINCT * FROM unnest(%(indicators)s::text[], %(kinds)s::text[], %(services)s::text[])
        AS b (indicator, provider_kind, service)
),
stepped AS (
    SELECT b.level, b.indicator, b.provider_kind, b.service, b.place_code,
        own.share - t.share AS change, i.low, i.high,
        abs(own.share - t.share) >= 0.05 - 1e-12 AND (far.low > 0 OR far.high < 0) AS alarm
    FROM base b
    JOIN scorecards_score was ON was.period = %(before)s AND was.level = b.level
        AND was.indicator = b.indicator AND was.provider_kind = b.provider_kind
        AND was.service = b.service AND was.place_code = b.place_code
        AND NOT was.self_assessment AND was.denominator >= {LEAST_JUDGED}
    LEFT JOIN LATERAL {wilson("b.x", "b.n", "b.d")} own ON true
    LEFT JOIN LATERAL {wilson("was.numerator", "was.denominator", "was.deff")} t ON true
    LEFT JOIN LATERAL (SELECT {newcombe("own", "t")}) i (low, high) ON true
    LEFT JOIN LATERAL {wilson("b.x", "b.n", "b.d", ALARM)} own_far ON true
    LEFT JOIN LATERAL {wilson("was.numerator", "was.denominator", "was.deff", ALARM)} t_far
        ON true
    LEFT JOIN LATERAL (SELECT {newcombe("own_far", "t_far")}) far (low, high) ON true
),
told AS (
    SELECT f.level, f.indicator, f.provider_kind, f.service, f.place_code,
        {CLASS} AS funnel,
        coalesce(f.stands_out, false) AS outlier,
        CASE WHEN k.indicator IS NOT NULL THEN 'new_standard'
            WHEN c.change IS NULL THEN 'not_comparable'
            WHEN c.low > 0 AND c.change >= 0.05 - 1e-12 THEN 'up'
            WHEN c.high < 0 AND c.change <= -0.05 + 1e-12 THEN 'down'
            ELSE 'no_clear_change' END AS arrow,
        k.indicator IS NULL AND coalesce(c.alarm, false) AS change_alarm,
        f.x AS numerator, f.n AS denominator, f.d AS deff, f.places, f.line AS whole,
        f.tau AS spread,
        CASE WHEN k.indicator IS NULL THEN c.change END AS change,
        CASE WHEN k.indicator IS NULL THEN c.low END AS change_low,
        CASE WHEN k.indicator IS NULL THEN c.high END AS change_high
    FROM funnelled f
    LEFT JOIN broken k USING (indicator, provider_kind, service)
    LEFT JOIN stepped c USING (level, indicator, provider_kind, service, place_code)
)"""  # noqa: S608 - numbers of ours
