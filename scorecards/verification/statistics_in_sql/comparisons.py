"""Funnel, outliers, peers, change and trend of every commune, in SQL."""

from collections.abc import Iterable

import pandas as pd
from django.db import connection

from scorecards.method.estimates.shares import LEAST_JUDGED
from scorecards.periods import Period
from scorecards.pipeline import comparisons
from scorecards.pipeline.comparisons import LEAST_PEERS
from scorecards.standard_changes import Breaks
from scorecards.storage import partitions
from scorecards.verification.statistics_in_sql.funnel import ALARM, CLASS, funnelled, newcombe
from scorecards.verification.table_diff import Check, compared, read, wilson

COMPARISON = Check(
    "comparison",
    ("indicator", "provider_kind", "place_code"),
    (
        *("funnel", "outlier", "arrow", "trend"),
        *("province_alarm", "like_alarm", "change_alarm", "trend_alarm"),
    ),
    (
        *("numerator", "denominator", "deff", "places", "whole", "spread"),
        *(f"province_{name}" for name in ("places", "share", "gap", "low", "high")),
        *(f"like_{name}" for name in ("places", "share", "gap", "low", "high")),
        *("change", "change_low", "change_high", "trend_periods"),
    ),
)


def differing(period: Period) -> pd.DataFrame:
    """Return stored comparisons of one period that the second computation contradicts."""
    return compared(COMPARISON, period, _comparisons(period))


def _comparisons(period: Period) -> pd.DataFrame:
    earlier = comparisons.earlier_than(period, set(partitions.parts(partitions.SCORES)))
    row = [*earlier, period]
    breaks = _breaks(row)
    values = {
        "period": period.code,
        "codes": [one.code for one in row],
        "last": len(row) - 1,
        "indicators": [indicator for indicator, _, _ in breaks],
        "kinds": [kind for _, kind, _ in breaks],
        "since": [since for _, _, since in breaks],
    }
    names = [*COMPARISON.key, *COMPARISON.words, *COMPARISON.numbers]
    return read(f"{_SHAPES} SELECT {', '.join(names)} FROM told", values, names)  # noqa: S608


def _breaks(row: list[Period]) -> list[tuple[str, str, int]]:
    """Return per indicator and kind the first period of the row under the last one's standard."""
    breaks = Breaks()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT indicator, provider_kind FROM scorecards_score "
            "WHERE period = %s AND service = '' AND level = 'nation' AND NOT self_assessment",
            [row[-1].code],
        )
        cubes: Iterable[tuple[str, str]] = cursor.fetchall()
    starts = []
    for indicator, kind in cubes:
        newest = [breaks.newest(kind, "", indicator, one) for one in row]
        since = max((n + 1 for n, day in enumerate(newest) if day != newest[-1]), default=0)
        starts.append((indicator, kind, since))
    return starts


def _beside(kind: str) -> str:
    """Return SQL for the others of a place's group: sums over it without the place itself."""
    return f"""
    {kind}_sums AS (
        SELECT b.indicator, b.provider_kind, b.place_code, b.x, b.n, b.d,
            sum(b.x) OVER g - b.x AS ox, sum(b.n) OVER g - b.n AS o, count(*) OVER g - 1 AS places,
            greatest(1, (sum(b.n * b.d) OVER g - b.n * b.d)
                / nullif(sum(b.n) OVER g - b.n, 0)::float8) AS od
        FROM base b WHERE b.{kind} IS NOT NULL
        WINDOW g AS (PARTITION BY b.indicator, b.provider_kind, b.{kind})
    ),
    {kind}_told AS (
        SELECT s.indicator, s.provider_kind, s.place_code, s.places,
            t.share, own.share - t.share AS gap, i.low, i.high,
            abs(own.share - t.share) >= 0.05 - 1e-12 AND (far.low > 0 OR far.high < 0) AS alarm
        FROM {kind}_sums s
        LEFT JOIN LATERAL {wilson("s.x", "s.n", "s.d")} own ON true
        LEFT JOIN LATERAL {wilson("s.ox", "s.o", "s.od")} t ON s.places >= {LEAST_PEERS}
        LEFT JOIN LATERAL (SELECT {newcombe("own", "t")}) i (low, high)
            ON s.places >= {LEAST_PEERS}
        LEFT JOIN LATERAL {wilson("s.x", "s.n", "s.d", ALARM)} own_far ON true
        LEFT JOIN LATERAL {wilson("s.ox", "s.o", "s.od", ALARM)} t_far
            ON s.places >= {LEAST_PEERS}
        LEFT JOIN LATERAL (SELECT {newcombe("own_far", "t_far")}) far (low, high)
            ON s.places >= {LEAST_PEERS}
    )"""  # noqa: S608 - ours


_SHAPES = f"""
WITH base AS MATERIALIZED (
    SELECT s.indicator, s.provider_kind, s.place_code, s.numerator AS x, s.denominator AS n,
        coalesce(s.deff, 1) AS d,
        (sum(s.numerator) OVER cube)::float8 / sum(s.denominator) OVER cube AS line,
        count(*) OVER cube AS places,
        left(s.place_code, 2) AS province, p.kind AS alike
    FROM scorecards_score s LEFT JOIN places_place p ON p.code = s.place_code
    WHERE s.period = %(period)s AND s.service = '' AND s.level = 'commune'
        AND NOT s.self_assessment AND s.denominator > 0
    WINDOW cube AS (PARTITION BY s.indicator, s.provider_kind)
),
{funnelled("indicator, provider_kind")},
{_beside("province")},
{_beside("alike")},
breaks AS (
    SELECT * FROM unnest(%(indicators)s::text[], %(kinds)s::text[], %(since)s::int[])
        AS b (indicator, provider_kind, since)
),
history AS (
    SELECT b.indicator, b.provider_kind, b.place_code, c.t - 1 AS t, s.numerator AS x,
        s.denominator AS n, coalesce(s.deff, 1) AS d, k.since
    FROM base b JOIN breaks k USING (indicator, provider_kind)
    CROSS JOIN unnest(%(codes)s::text[]) WITH ORDINALITY c (code, t)
    JOIN scorecards_score s ON s.period = c.code AND s.indicator = b.indicator
        AND s.provider_kind = b.provider_kind AND s.place_code = b.place_code
    WHERE s.period = ANY(%(codes)s) AND s.service = '' AND s.level = 'commune'
        AND NOT s.self_assessment AND s.denominator >= {LEAST_JUDGED}
),
stepped AS (
    SELECT now.indicator, now.provider_kind, now.place_code,
        own.share - t.share AS change, i.low, i.high,
        abs(own.share - t.share) >= 0.05 - 1e-12 AND (far.low > 0 OR far.high < 0) AS alarm
    FROM history now JOIN history was USING (indicator, provider_kind, place_code)
    LEFT JOIN LATERAL {wilson("now.x", "now.n", "now.d")} own ON true
    LEFT JOIN LATERAL {wilson("was.x", "was.n", "was.d")} t ON true
    LEFT JOIN LATERAL (SELECT {newcombe("own", "t")}) i (low, high) ON true
    LEFT JOIN LATERAL {wilson("now.x", "now.n", "now.d", ALARM)} own_far ON true
    LEFT JOIN LATERAL {wilson("was.x", "was.n", "was.d", ALARM)} t_far ON true
    LEFT JOIN LATERAL (SELECT {newcombe("own_far", "t_far")}) far (low, high) ON true
    WHERE now.t = %(last)s AND was.t = %(last)s - 1 AND now.since < %(last)s
),
sums AS (
    SELECT indicator, provider_kind, place_code, count(*) AS many,
        max(t) AS last, max(t) - min(t) AS span, sum(x / d) / sum(n / d) AS p,
        sum(n / d * t) / sum(n / d) AS centre
    FROM history WHERE t >= since GROUP BY 1, 2, 3
),
sloped AS (
    SELECT s.indicator, s.provider_kind, s.place_code, s.many, s.last, s.span, s.p,
        sum(h.x / h.d * (h.t - s.centre)) AS rise,
        sum(h.n / h.d * (h.t - s.centre) ^ 2) AS width
    FROM sums s JOIN history h USING (indicator, provider_kind, place_code)
    WHERE h.t >= h.since GROUP BY 1, 2, 3, 4, 5, 6, 7
),
directed AS (
    SELECT *, many >= 3 AND last = %(last)s AS told, rise / nullif(width, 0) * span AS fitted,
        erfc(abs(rise) / nullif(sqrt(p * (1 - p) * width), 0) / sqrt(2)) AS p_value
    FROM sloped
),
told AS (
    SELECT f.indicator, f.provider_kind, f.place_code,
        {CLASS} AS funnel,
        coalesce(f.stands_out, false) AS outlier,
        CASE WHEN k.since = %(last)s AND %(last)s > 0 THEN 'new_standard'
            WHEN c.change IS NULL THEN 'not_comparable'
            WHEN c.low > 0 AND c.change >= 0.05 - 1e-12 THEN 'up'
            WHEN c.high < 0 AND c.change <= -0.05 + 1e-12 THEN 'down'
            ELSE 'no_clear_change' END AS arrow,
        CASE WHEN NOT coalesce(g.told, false) THEN 'not_comparable'
            WHEN coalesce(g.p_value < 0.05, false) AND g.fitted >= 0.05 - 1e-12 THEN 'up'
            WHEN coalesce(g.p_value < 0.05, false) AND g.fitted <= -0.05 + 1e-12 THEN 'down'
            ELSE 'no_clear_change' END AS trend,
        coalesce(g.told AND g.p_value < 0.002 AND abs(g.fitted) >= 0.05 - 1e-12, false)
            AS trend_alarm,
        f.x AS numerator, f.n AS denominator, f.d AS deff, f.places, f.line AS whole,
        f.tau AS spread, coalesce(c.alarm, false) AS change_alarm,
        coalesce(v.alarm, false) AS province_alarm, coalesce(a.alarm, false) AS like_alarm,
        coalesce(v.places, 0) AS province_places, v.share AS province_share,
        v.gap AS province_gap, v.low AS province_low, v.high AS province_high,
        coalesce(a.places, 0) AS like_places, a.share AS like_share, a.gap AS like_gap,
        a.low AS like_low, a.high AS like_high,
        c.change, c.low AS change_low, c.high AS change_high,
        coalesce(g.many, 0) AS trend_periods
    FROM funnelled f
    JOIN breaks k USING (indicator, provider_kind)
    LEFT JOIN province_told v USING (indicator, provider_kind, place_code)
    LEFT JOIN alike_told a USING (indicator, provider_kind, place_code)
    LEFT JOIN stepped c USING (indicator, provider_kind, place_code)
    LEFT JOIN directed g USING (indicator, provider_kind, place_code)
)"""  # noqa: S608 - numbers of ours
