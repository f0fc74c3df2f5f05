"""The funnel in SQL: limits, over-dispersion, classes and outliers of any cubes."""

from scorecards.method.estimates.intervals import normal_quantile

WARN, ALARM = normal_quantile(0.95), normal_quantile(0.998)

CLASS = """
        CASE WHEN f.drawn IS NOT TRUE THEN 'not_drawn' WHEN f.share < f.low_998 THEN 'far_below'
            WHEN f.share > f.high_998 THEN 'far_above' WHEN f.share < f.low_95 THEN 'below'
            WHEN f.share > f.high_95 THEN 'above' ELSE 'as_expected' END"""
"""The class of a row ``f`` of ``funnelled``."""


def newcombe(one: str, other: str) -> str:
    """Return SQL for low and high of a difference, from the Wilson bounds of its two sides."""
    p, q = f"{one}.share", f"{other}.share"
    return (
        f"{p} - {q} - sqrt(({p} - {one}.low) ^ 2 + ({other}.high - {q}) ^ 2), "
        f"{p} - {q} + sqrt(({one}.high - {p}) ^ 2 + ({q} - {other}.low) ^ 2)"
    )


def funnelled(cube: str) -> str:
    """Return the CTEs from ``base`` (columns of ``cube``, x, n, d, line) to ``funnelled``.

    ``cube`` lists the columns within which places are compared. A row keeps all of its columns and
    gets tau, drawn, the limits and whether it is an outlier.
    """
    return f"""
scaled AS (
    SELECT b.*, b.x::float8 / b.n AS share, b.n / b.d AS size,
        2 * sqrt(b.n / b.d) * (asin(sqrt(b.x::float8 / b.n)) - asin(sqrt(b.line))) AS z
    FROM base b
),
ends AS (
    SELECT {cube}, percentile_cont(0.1) WITHIN GROUP (ORDER BY z) AS lowest,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY z) AS highest
    FROM scaled GROUP BY {cube}
),
spread AS (
    SELECT {cube}, CASE WHEN count(*) < 2 THEN 0 ELSE greatest(0,
        (sum(least(greatest(s.z, e.lowest), e.highest) ^ 2) - (count(*) - 1))
        / (sum(4 * s.size) - sum((4 * s.size) ^ 2) / sum(4 * s.size))) END AS tau
    FROM scaled s JOIN ends e USING ({cube}) GROUP BY {cube}
),
limits AS (
    SELECT s.*, t.tau, s.size * s.line >= 5 AND s.size * (1 - s.line) >= 5 AS drawn,
        asin(sqrt(s.line)) AS angle, sqrt(0.25 / s.size + t.tau) AS wide,
        sqrt(s.line * (1 - s.line) / s.size) AS plain
    FROM scaled s JOIN spread t USING ({cube})
),
tested AS (
    SELECT l.*, CASE WHEN NOT drawn THEN NULL
        WHEN tau > 0 THEN erfc(abs(asin(sqrt(share)) - angle) / wide / sqrt(2))
        ELSE erfc(abs(share - line) / nullif(plain, 0) / sqrt(2)) END AS p
    FROM limits l
),
ordered AS (
    SELECT t.*, row_number() OVER (cube ORDER BY p) AS place, count(*) OVER cube AS many
    FROM tested t WINDOW cube AS (PARTITION BY {cube}, drawn)
),
funnelled AS (
    SELECT o.*, CASE WHEN drawn THEN p <= max(p) FILTER (WHERE p <= 0.05 * place / many) OVER (
            PARTITION BY {cube}, drawn) END AS stands_out,
        CASE WHEN tau > 0 THEN sin(least(greatest(angle - {WARN!r} * wide, 0), pi() / 2)) ^ 2
            ELSE greatest(line - {WARN!r} * plain, 0) END AS low_95,
        CASE WHEN tau > 0 THEN sin(least(greatest(angle + {WARN!r} * wide, 0), pi() / 2)) ^ 2
            ELSE least(line + {WARN!r} * plain, 1) END AS high_95,
        CASE WHEN tau > 0 THEN sin(least(greatest(angle - {ALARM!r} * wide, 0), pi() / 2)) ^ 2
            ELSE greatest(line - {ALARM!r} * plain, 0) END AS low_998,
        CASE WHEN tau > 0 THEN sin(least(greatest(angle + {ALARM!r} * wide, 0), pi() / 2)) ^ 2
            ELSE least(line + {ALARM!r} * plain, 1) END AS high_998
    FROM ordered o
)"""  # noqa: S608 - names and numbers of ours
