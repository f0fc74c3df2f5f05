"""Comparisons computed a second time, every night, in SQL: they were made by numpy.

What has a formula (funnel, outliers, peers, change, trend, overall scores, gaps of voters)
is computed again for every period, from the stored scores, and must agree to the last
digits. What is drawn at random cannot: intervals of overall scores are compared with a
normal approximation, and ranks and means, one cube a period each night, with a prior
fitted and drawn another way (``second_draw``). A difference is a ``ScoreAlarm`` naming the
cell; nothing is overwritten. Periods whose comparisons still wait are left for the next
night.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from scorecards import comparing, partitions, periods, second_draw
from scorecards.breaks import Breaks
from scorecards.catalogue import KINDS, RULE_OF, family_of
from scorecards.comparing import LEAST_PEERS
from scorecards.computing.storing import wilson
from scorecards.models import PendingComparison
from scorecards.periods import Period
from scorecards.scoring.intervals import normal_quantile
from scorecards.scoring.shares import LEAST_JUDGED

CLOSE = 1e-9
NEAR = 1.0
"""Ends of an overall score's interval: so many standard errors from the normal ones."""

Values = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One kind of stored row: its key, and the columns that must agree, words and numbers."""

    about: str
    key: tuple[str, ...]
    words: tuple[str, ...]
    numbers: tuple[str, ...]


COMPARISON = Check(
    "comparison",
    ("indicator", "provider_kind", "place_code"),
    ("funnel", "outlier", "arrow", "trend"),
    (
        *("numerator", "denominator", "deff", "places", "whole"),
        *(f"province_{name}" for name in ("places", "share", "gap", "low", "high")),
        *(f"like_{name}" for name in ("places", "share", "gap", "low", "high")),
        *("change", "change_low", "change_high", "trend_periods"),
    ),
)
OVERALL = Check(
    "overall",
    ("provider_kind", "place_code"),
    ("level",),
    ("score", "coverage", "parts_judged", "parts_total"),
)


def periods_to_check() -> list[Period]:
    """Periods that have comparisons, none of which still wait to be computed."""
    waiting = set(PendingComparison.objects.values_list("month", flat=True))
    touched = {period.code for period in comparing.touched_by(waiting)} if waiting else set()
    codes = partitions.parts(partitions.COMPARISONS)
    known = set(partitions.parts(partitions.SCORES))
    return [periods.parse(code) for code in codes if code in known - touched]


def differing(period: Period, *, night: int) -> pd.DataFrame:
    """Stored rows of one period that the second computation contradicts.

    Columns: about, indicator, provider_kind, place_code, field, stored, recomputed.
    ``night`` (a number of days) chooses the cube whose ranks are drawn again.
    """
    found = [
        _compared(COMPARISON, _stored(COMPARISON, period), _comparisons(period)),
        _compared(OVERALL, _stored(OVERALL, period), _overalls(period)),
        _intervals(period),
        second_draw.differing(period, night=night),
    ]
    table = pd.concat(found, ignore_index=True)
    return table.assign(indicator=table["indicator"].fillna(""))


def _stored(check: Check, period: Period) -> pd.DataFrame:
    names = [*check.key, *check.words, *check.numbers]
    return _read(
        f"SELECT {', '.join(names)} FROM scorecards_{check.about} "  # noqa: S608 - ours
        "WHERE period = %(period)s AND release_id = 0",
        {"period": period.code},
        names,
    )


def _compared(check: Check, stored: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """One row a differing cell, naming the first column that differs."""
    both = stored.merge(
        fresh, how="outer", on=list(check.key), suffixes=("_old", "_new"), indicator="where"
    )
    field = np.where(both["where"] == "both", "", "cell").astype(object)
    old = both["where"].map({"both": "", "left_only": "stored", "right_only": "none"})
    new = both["where"].map({"both": "", "left_only": "none", "right_only": "recomputed"})
    told, found = old.to_numpy(dtype=object), new.to_numpy(dtype=object)
    for name in (*check.words, *check.numbers):
        before, after = both[f"{name}_old"], both[f"{name}_new"]
        if name in check.words:
            differs = (before.astype(str) != after.astype(str)).to_numpy()
        else:
            one = before.to_numpy(dtype=np.float64, na_value=np.nan)
            other = after.to_numpy(dtype=np.float64, na_value=np.nan)
            differs = ~np.isclose(one, other, rtol=0.0, atol=CLOSE, equal_nan=True)
        differs = differs & (field == "")
        field[differs] = name
        told[differs] = [str(value)[:60] for value in before[differs]]
        found[differs] = [str(value)[:60] for value in after[differs]]
    table = both[list(check.key)].assign(field=field, stored=told, recomputed=found)
    found_rows: pd.DataFrame = table.loc[field != ""]
    return found_rows.assign(about=check.about)


def _comparisons(period: Period) -> pd.DataFrame:
    earlier = comparing.earlier_than(period, set(partitions.parts(partitions.SCORES)))
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
    return _read(f"{_SHAPES} SELECT {', '.join(names)} FROM told", values, names)  # noqa: S608


def _breaks(row: list[Period]) -> list[tuple[str, str, int]]:
    """Per indicator and kind: the first period of the row under the last one's standard."""
    known = Breaks()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT indicator, provider_kind FROM scorecards_score "
            "WHERE period = %s AND service = '' AND level = 'nation' AND NOT self_assessment",
            [row[-1].code],
        )
        cubes: Iterable[tuple[str, str]] = cursor.fetchall()
    found = []
    for indicator, kind in cubes:
        newest = [known.newest(kind, "", indicator, one) for one in row]
        since = max((n + 1 for n, day in enumerate(newest) if day != newest[-1]), default=0)
        found.append((indicator, kind, since))
    return found


_WARN, _ALARM = normal_quantile(0.95), normal_quantile(0.998)


def _newcombe(one: str, other: str) -> str:
    """Low and high of a difference from the Wilson bounds of its two sides."""
    p, q = f"{one}.share", f"{other}.share"
    return (
        f"{p} - {q} - sqrt(({p} - {one}.low) ^ 2 + ({other}.high - {q}) ^ 2), "
        f"{p} - {q} + sqrt(({one}.high - {p}) ^ 2 + ({q} - {other}.low) ^ 2)"
    )


def _beside(kind: str) -> str:
    """The others of a place's group: sums over the group, itself taken away."""
    return f"""
    {kind}_sums AS (
        SELECT b.indicator, b.provider_kind, b.place_code, b.x, b.n, b.d,
            sum(b.x) OVER g - b.x AS ox, sum(b.n) OVER g - b.n AS o, count(*) OVER g - 1 AS places
        FROM base b WHERE b.{kind} IS NOT NULL
        WINDOW g AS (PARTITION BY b.indicator, b.provider_kind, b.{kind})
    ),
    {kind}_told AS (
        SELECT s.indicator, s.provider_kind, s.place_code, s.places,
            t.share, own.share - t.share AS gap, i.low, i.high
        FROM {kind}_sums s
        LEFT JOIN LATERAL {wilson("s.x", "s.n", "s.d")} own ON true
        LEFT JOIN LATERAL {wilson("s.ox", "s.o", "s.d")} t ON s.places >= {LEAST_PEERS}
        LEFT JOIN LATERAL (SELECT {_newcombe("own", "t")}) i (low, high)
            ON s.places >= {LEAST_PEERS}
    )"""  # noqa: S608 - ours


_SHAPES = f"""
WITH base AS MATERIALIZED (
    SELECT s.indicator, s.provider_kind, s.place_code, s.numerator AS x, s.denominator AS n,
        max(coalesce(s.deff, 1)) OVER cube AS d,
        (sum(s.numerator) OVER cube)::float8 / sum(s.denominator) OVER cube AS line,
        count(*) OVER cube AS places,
        left(s.place_code, 2) AS province, p.kind AS alike
    FROM scorecards_score s LEFT JOIN places_place p ON p.code = s.place_code
    WHERE s.period = %(period)s AND s.service = '' AND s.level = 'commune'
        AND NOT s.self_assessment AND s.denominator > 0
    WINDOW cube AS (PARTITION BY s.indicator, s.provider_kind)
),
scaled AS (
    SELECT b.*, b.x::float8 / b.n AS share, b.n / b.d AS size,
        2 * sqrt(b.n / b.d) * (asin(sqrt(b.x::float8 / b.n)) - asin(sqrt(b.line))) AS z
    FROM base b
),
ends AS (
    SELECT indicator, provider_kind, percentile_cont(0.1) WITHIN GROUP (ORDER BY z) AS lowest,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY z) AS highest
    FROM scaled GROUP BY 1, 2
),
spread AS (
    SELECT s.indicator, s.provider_kind, CASE WHEN count(*) < 2 THEN 0 ELSE greatest(0,
        (sum(least(greatest(s.z, e.lowest), e.highest) ^ 2) - (count(*) - 1))
        / (sum(4 * s.size) - sum((4 * s.size) ^ 2) / sum(4 * s.size))) END AS tau
    FROM scaled s JOIN ends e USING (indicator, provider_kind) GROUP BY 1, 2
),
limits AS (
    SELECT s.*, t.tau, s.size * s.line >= 5 AND s.size * (1 - s.line) >= 5 AS drawn,
        asin(sqrt(s.line)) AS angle, sqrt(0.25 / s.size + t.tau) AS wide,
        sqrt(s.line * (1 - s.line) / s.size) AS plain
    FROM scaled s JOIN spread t USING (indicator, provider_kind)
),
tested AS (
    SELECT l.*, CASE WHEN NOT drawn THEN NULL
        WHEN tau > 0 THEN erfc(abs(asin(sqrt(share)) - angle) / wide / sqrt(2))
        ELSE erfc(abs(share - line) / nullif(plain, 0) / sqrt(2)) END AS p
    FROM limits l
),
ordered AS (
    SELECT t.*, row_number() OVER (cube ORDER BY p) AS place, count(*) OVER cube AS many
    FROM tested t WINDOW cube AS (PARTITION BY indicator, provider_kind, drawn)
),
funnelled AS (
    SELECT o.*, CASE WHEN drawn THEN p <= max(p) FILTER (WHERE p <= 0.05 * place / many) OVER (
            PARTITION BY indicator, provider_kind, drawn) END AS stands_out,
        CASE WHEN tau > 0 THEN sin(least(greatest(angle - {_WARN!r} * wide, 0), pi() / 2)) ^ 2
            ELSE greatest(line - {_WARN!r} * plain, 0) END AS low_95,
        CASE WHEN tau > 0 THEN sin(least(greatest(angle + {_WARN!r} * wide, 0), pi() / 2)) ^ 2
            ELSE least(line + {_WARN!r} * plain, 1) END AS high_95,
        CASE WHEN tau > 0 THEN sin(least(greatest(angle - {_ALARM!r} * wide, 0), pi() / 2)) ^ 2
            ELSE greatest(line - {_ALARM!r} * plain, 0) END AS low_998,
        CASE WHEN tau > 0 THEN sin(least(greatest(angle + {_ALARM!r} * wide, 0), pi() / 2)) ^ 2
            ELSE least(line + {_ALARM!r} * plain, 1) END AS high_998
    FROM ordered o
),
{_beside("province")},
{_beside("alike")},
breaks AS (
    SELECT * FROM unnest(%(indicators)s::text[], %(kinds)s::text[], %(since)s::int[])
        AS b (indicator, provider_kind, since)
),
history AS (
    SELECT b.indicator, b.provider_kind, b.place_code, c.t - 1 AS t, s.numerator AS x,
        s.denominator AS n, b.d, k.since
    FROM base b JOIN breaks k USING (indicator, provider_kind)
    CROSS JOIN unnest(%(codes)s::text[]) WITH ORDINALITY c (code, t)
    JOIN scorecards_score s ON s.period = c.code AND s.indicator = b.indicator
        AND s.service = '' AND s.provider_kind = b.provider_kind
        AND s.place_code = b.place_code AND s.provider_id = 0 AND NOT s.self_assessment
        AND s.denominator >= {LEAST_JUDGED}
),
stepped AS (
    SELECT now.indicator, now.provider_kind, now.place_code,
        own.share - t.share AS change, i.low, i.high
    FROM history now JOIN history was USING (indicator, provider_kind, place_code)
    LEFT JOIN LATERAL {wilson("now.x", "now.n", "now.d")} own ON true
    LEFT JOIN LATERAL {wilson("was.x", "was.n", "was.d")} t ON true
    LEFT JOIN LATERAL (SELECT {_newcombe("own", "t")}) i (low, high) ON true
    WHERE now.t = %(last)s AND was.t = %(last)s - 1 AND now.since < %(last)s
),
sums AS (
    SELECT indicator, provider_kind, place_code, max(d) AS d, count(*) AS many,
        max(t) AS last, max(t) - min(t) AS span, sum(x)::float8 / sum(n) AS p,
        sum(n * t)::float8 / sum(n) AS centre
    FROM history WHERE t >= since GROUP BY 1, 2, 3
),
sloped AS (
    SELECT s.indicator, s.provider_kind, s.place_code, s.many, s.last, s.span, s.d, s.p,
        sum(h.x * (h.t - s.centre)) AS rise, sum(h.n * (h.t - s.centre) ^ 2) AS width
    FROM sums s JOIN history h USING (indicator, provider_kind, place_code)
    WHERE h.t >= h.since GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
directed AS (
    SELECT *, many >= 3 AND last = %(last)s AS told, rise / nullif(width, 0) * span AS fitted,
        erfc(abs(rise) / nullif(sqrt(d * p * (1 - p) * width), 0) / sqrt(2)) < 0.05 AS clear
    FROM sloped
),
told AS (
    SELECT f.indicator, f.provider_kind, f.place_code,
        CASE WHEN NOT f.drawn THEN 'not_drawn' WHEN f.share < f.low_998 THEN 'far_below'
            WHEN f.share > f.high_998 THEN 'far_above' WHEN f.share < f.low_95 THEN 'below'
            WHEN f.share > f.high_95 THEN 'above' ELSE 'as_expected' END AS funnel,
        coalesce(f.stands_out, false) AS outlier,
        CASE WHEN k.since = %(last)s AND %(last)s > 0 THEN 'new_standard'
            WHEN c.change IS NULL THEN 'not_comparable'
            WHEN c.low > 0 AND c.change >= 0.05 - 1e-12 THEN 'up'
            WHEN c.high < 0 AND c.change <= -0.05 + 1e-12 THEN 'down'
            ELSE 'no_clear_change' END AS arrow,
        CASE WHEN NOT coalesce(g.told, false) THEN 'not_comparable'
            WHEN coalesce(g.clear, false) AND g.fitted >= 0.05 - 1e-12 THEN 'up'
            WHEN coalesce(g.clear, false) AND g.fitted <= -0.05 + 1e-12 THEN 'down'
            ELSE 'no_clear_change' END AS trend,
        f.x AS numerator, f.n AS denominator, f.d AS deff, f.places, f.line AS whole,
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

_PARTS = f"""
WITH weights AS (
    SELECT * FROM unnest(%(indicators)s::text[], %(weights)s::float8[]) AS w (indicator, weight)
),
parts AS (
    SELECT s.provider_kind, s.place_code, s.level, w.weight, s.numerator AS x,
        s.denominator AS n, s.numerator / s.deff + 0.5 AS a,
        (s.denominator - s.numerator) / s.deff + 0.5 AS b,
        s.denominator >= {LEAST_JUDGED} AS used
    FROM scorecards_score s JOIN weights w USING (indicator)
    WHERE s.period = %(period)s AND s.service = '' AND s.level <> 'provider'
        AND NOT s.self_assessment AND s.denominator > 0
),
kinds AS (
    SELECT * FROM unnest(%(kinds)s::text[], %(totals)s::float8[], %(counts)s::int[])
        AS k (provider_kind, total, parts_total)
),
told AS (
    SELECT p.provider_kind, p.place_code, p.level, k.parts_total,
        coalesce(sum(weight) FILTER (WHERE used), 0) / k.total AS coverage,
        count(*) FILTER (WHERE used) AS parts_judged,
        100 * sum(weight * x / n) FILTER (WHERE used)
            / sum(weight) FILTER (WHERE used) AS all_of_it,
        100 * sum(weight * a / (a + b)) FILTER (WHERE used)
            / sum(weight) FILTER (WHERE used) AS middle,
        100 * sqrt(sum(weight ^ 2 * a * b / (a + b) ^ 2 / (a + b + 1)) FILTER (WHERE used))
            / sum(weight) FILTER (WHERE used) AS error
    FROM parts p JOIN kinds k USING (provider_kind) GROUP BY 1, 2, 3, 4, k.total
)"""  # noqa: S608 - numbers of ours


def _weights(period: Period) -> Values:
    weight = comparing.weights()
    by_kind = {
        kind: [code for code in weight.index if code in family_of(kind).rules] for kind in KINDS
    }
    return {
        "period": period.code,
        "indicators": [code for code in weight.index if code in RULE_OF],
        "weights": [float(weight[code]) for code in weight.index if code in RULE_OF],
        "kinds": list(by_kind),
        "totals": [float(weight[codes].sum()) for codes in by_kind.values()],
        "counts": [len(codes) for codes in by_kind.values()],
    }


def _overalls(period: Period) -> pd.DataFrame:
    names = [*OVERALL.key, *OVERALL.words, *OVERALL.numbers]
    score = "CASE WHEN coverage >= 0.6 - 1e-9 THEN all_of_it END AS score"
    chosen = ", ".join(score if name == "score" else name for name in names)
    return _read(f"{_PARTS} SELECT {chosen} FROM told", _weights(period), names)  # noqa: S608


def _intervals(period: Period) -> pd.DataFrame:
    """Overall scores whose interval lies elsewhere than the normal approximation of it."""
    names = ["provider_kind", "place_code", "low", "high", "middle", "error"]
    table = _read(
        f"{_PARTS} SELECT o.provider_kind, o.place_code, o.low, o.high, t.middle, t.error "  # noqa: S608
        "FROM scorecards_overall o JOIN told t USING (provider_kind, place_code) "
        "WHERE o.period = %(period)s AND o.release_id = 0 AND o.score IS NOT NULL",
        _weights(period),
        names,
    )
    numbers = table[["low", "high", "middle", "error"]].astype("float64")
    found = []
    for end, sign in (("low", -1), ("high", 1)):
        expected = (numbers["middle"] + sign * _WARN * numbers["error"]).clip(0, 100)
        far = (numbers[end] - expected).abs() > NEAR * numbers["error"] + CLOSE
        told = table.loc[far, ["provider_kind", "place_code"]].assign(
            field=end,
            stored=numbers.loc[far, end].map("{:.4g}".format),
            recomputed=expected[far].map("{:.4g}".format),
        )
        found.append(told)
    both = pd.concat(found, ignore_index=True).drop_duplicates(["provider_kind", "place_code"])
    return both.assign(about="overall")


def _read(sql: str, values: Values, names: list[str]) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return pd.DataFrame(cursor.fetchall(), columns=pd.Index(names))
