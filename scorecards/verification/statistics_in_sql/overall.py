"""Overall scores in SQL, and their intervals compared with the normal approximation."""

import pandas as pd

from scorecards.indicators import KINDS, RULE_OF, family_of
from scorecards.method.estimates.intervals import normal_quantile
from scorecards.method.estimates.shares import LEAST_JUDGED
from scorecards.periods import Period
from scorecards.pipeline import comparisons
from scorecards.verification.table_diff import CLOSE, Check, Values, compared, read

NEAR = 1.0
"""Ends of an interval: so many standard errors from the normal ones."""
_WIDE = normal_quantile(0.95)

OVERALL = Check(
    "overall",
    ("provider_kind", "place_code"),
    ("level",),
    ("score", "coverage", "parts_judged", "parts_total"),
)


def differing(period: Period) -> pd.DataFrame:
    """Return stored overall scores of one period that the second computation contradicts."""
    return compared(OVERALL, period, _overalls(period))


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
    weight = comparisons.weights()
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
    return read(f"{_PARTS} SELECT {chosen} FROM told", _weights(period), names)  # noqa: S608


def intervals(period: Period) -> pd.DataFrame:
    """Return overall scores whose interval differs from the normal approximation of it."""
    names = ["provider_kind", "place_code", "low", "high", "middle", "error"]
    table = read(
        f"{_PARTS} SELECT o.provider_kind, o.place_code, o.low, o.high, t.middle, t.error "  # noqa: S608
        "FROM scorecards_overall o JOIN told t USING (provider_kind, place_code) "
        "WHERE o.period = %(period)s AND o.release_id = 0 AND o.score IS NOT NULL",
        _weights(period),
        names,
    )
    numbers = table[["low", "high", "middle", "error"]].astype("float64")
    tables = []
    for end, sign in (("low", -1), ("high", 1)):
        expected = (numbers["middle"] + sign * _WIDE * numbers["error"]).clip(0, 100)
        far = (numbers[end] - expected).abs() > NEAR * numbers["error"] + CLOSE
        rows = table.loc[far, ["provider_kind", "place_code"]].assign(
            field=end,
            stored=numbers.loc[far, end].map("{:.4g}".format),
            recomputed=expected[far].map("{:.4g}".format),
        )
        tables.append(rows)
    both = pd.concat(tables, ignore_index=True).drop_duplicates(["provider_kind", "place_code"])
    return both.assign(about="overall")
