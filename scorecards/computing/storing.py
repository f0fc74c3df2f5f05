"""Storing counted cells as scores: shares, intervals, status; only what changed is written.

The Wilson interval in SQL is ``scorecards.scoring.intervals.wilson`` term by term; the
nightly check compares the two on every cell.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from scorecards import partitions
from scorecards.computing.counting import COUNTED, Sql
from scorecards.periods import Period
from scorecards.scoring import METHOD_VERSION
from scorecards.scoring.intervals import normal_quantile
from scorecards.scoring.shares import FULL_JUDGED, LEAST_JUDGED

KEY = (
    "period",
    "indicator",
    "service",
    "provider_kind",
    "place_code",
    "provider_id",
    "self_assessment",
)
_VALUES = (
    "level",
    "province_code",
    "numerator",
    "denominator",
    "no_standard",
    "unknown_answer",
    "does_not_apply",
    "still_open",
    "share",
    "low",
    "high",
    "deff",
    "median",
    "distribution",
    "status",
    "method_version",
    "standards_version",
    "newest_observation",
)
_Z = normal_quantile(0.95)


def wilson(met: str, judged: str, deff: str) -> str:
    """A subquery of one row, share, low and high, of three SQL expressions.

    n is the number the judged cases are worth: divided by the design effect.
    """
    return f"""(
    SELECT i.p AS share,
        CASE WHEN {met} = 0 THEN 0.0 ELSE greatest(0.0, (centre - half) / scale) END AS low,
        CASE WHEN {met} = {judged} THEN 1.0 ELSE least(1.0, (centre + half) / scale) END AS high
    FROM (
        SELECT n.p, n.p + {_Z * _Z!r} / (2.0 * n.n) AS centre,
            {_Z!r} * sqrt(n.p * (1.0 - n.p) / n.n + {_Z * _Z!r} / (4.0 * n.n * n.n)) AS half,
            1.0 + {_Z * _Z!r} / n.n AS scale
        FROM (SELECT {met}::float8 / nullif({judged}, 0)::float8 AS p,
                     nullif({judged}, 0)::float8 / {deff} AS n) n
    ) i
)"""  # noqa: S608 - numbers of ours


_WITH_INTERVAL = f"""
SELECT c.*, coalesce(e.deff, 1.0) AS deff, w.share, w.low, w.high,
    CASE WHEN c.denominator = 0 THEN 'no_data' WHEN c.denominator < {LEAST_JUDGED} THEN 'too_few'
         WHEN c.denominator < {FULL_JUDGED} THEN 'pale' ELSE 'full' END AS status
FROM counted c
LEFT JOIN scorecards_designeffect e
    ON e.indicator = c.indicator AND e.self_assessment = c.self_assessment AND e.year = %s
LEFT JOIN LATERAL {wilson("c.numerator", "c.denominator", "coalesce(e.deff, 1.0)")} w
    ON c.denominator >= {LEAST_JUDGED}
"""  # noqa: S608 - numbers of ours


@dataclass(frozen=True)
class Stored:
    """How many cells there are now, and how many were written or taken away."""

    cells: int
    changed: int

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(self.cells + other.cells, self.changed + other.changed)


def store(parts: list[Sql], period: Period, covers: Sql, *, now: datetime, today: date) -> Stored:
    """Make the scores of ``period`` that ``covers`` covers (a condition on ``old``) these cells.

    Cells that say the same are left as they are, bytes and ``computed_at`` too; cells
    that are no more are taken away. In a closed period a changed count marks the score
    revised and keeps its earlier value in ``ScoreRevision``.
    """
    counted = " UNION ALL ".join(sql for sql, _ in parts)
    values = [value for _, some in parts for value in some]
    where, place = covers
    closed = today >= period.closed_from
    # Rows of one province are thousands that the planner cannot foresee: it would compare
    # each with each. NOT IN is hashed, and joins are too while loops are discouraged.
    columns = ", ".join((*KEY, *_VALUES))
    fresh = ", ".join(f"n.{name}" for name in (*KEY[1:], *_VALUES) if name != "method_version")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        cursor.execute(
            f"""
            WITH counted AS MATERIALIZED ({counted}),
            fresh AS MATERIALIZED ({_WITH_INTERVAL}),
            gone AS (
                DELETE FROM {partitions.SCORES} old
                WHERE old.period = '{period.code}' AND {where}
                    AND ({_key("old")}) NOT IN (SELECT {_key("n")} FROM fresh n)
                RETURNING old.*
            ),
            put AS (
                INSERT INTO {partitions.SCORES} AS old ({columns}, computed_at, revised)
                SELECT {_insertable(fresh, period)}, %s, false FROM fresh n
                ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET {_sets()},
                    computed_at = excluded.computed_at,
                    revised = old.revised OR ({closed} AND {_counts_differ("excluded")})
                WHERE ({_row("old")}) IS DISTINCT FROM ({_row("excluded")})
                RETURNING 1
            ){_revisions(period) if closed else ""}
            SELECT (SELECT count(*) FROM fresh),
                (SELECT count(*) FROM put) + (SELECT count(*) FROM gone)
            """,  # noqa: S608 - the pieces are ours; values are passed apart
            [*values, period.code[:4], *place, now, *([now, now] if closed else [])],
        )
        cells, changed = cursor.fetchone()
        cursor.execute("SET LOCAL enable_nestloop = on")
    return Stored(int(cells), int(changed))


def _revisions(period: Period) -> str:
    key = ", ".join(KEY)
    old_key = ", ".join(f"old.{name}" for name in KEY)
    gone_key = ", ".join(f"gone.{name}" for name in KEY)
    numbers = ("numerator", "denominator", "share", "low", "high", "computed_at")
    told = ", ".join(numbers)
    return f""", kept AS (
        INSERT INTO scorecards_scorerevision ({key}, at, {told})
        SELECT {old_key}, %s, {", ".join(f"old.{name}" for name in numbers)}
        FROM {partitions.SCORES} old JOIN fresh n
            ON old.period = '{period.code}' AND {_same_cell("n")}
        WHERE {_counts_differ("n")}
        UNION ALL
        SELECT {gone_key}, %s, {", ".join(f"gone.{name}" for name in numbers)} FROM gone
    )"""  # noqa: S608 - ours


def _insertable(fresh: str, period: Period) -> str:
    """The columns of KEY and _VALUES in order, with the two that are the same everywhere."""
    names = [name.strip() for name in fresh.split(",")]
    place = names.index("n.standards_version")
    return ", ".join([f"'{period.code}'", *names[:place], f"'{METHOD_VERSION}'", *names[place:]])


def _key(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in KEY[1:])


def _same_cell(table: str) -> str:
    return " AND ".join(f"old.{name} = {table}.{name}" for name in KEY[1:])


def _counts_differ(table: str) -> str:
    return (
        f"(old.numerator, old.denominator) IS DISTINCT FROM"
        f" ({table}.numerator, {table}.denominator)"
    )


def _sets() -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in _VALUES)


def _row(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in _VALUES)


def covering_communes(code: str) -> Sql:
    """The commune cells of one commune ("010203"), one province ("01") or the nation ("")."""
    if len(code) == 6:
        return "old.level = 'commune' AND old.place_code = %s", [code]
    if code:
        return "old.level = 'commune' AND old.province_code = %s", [code]
    return "old.level = 'commune'", []


def covering_providers(providers: list[int]) -> Sql:
    """The cells of these providers."""
    return "old.level = 'provider' AND old.provider_id = ANY(%s)", [providers]


def covering_place(code: str) -> Sql:
    """The cells of one province, or of the nation ("")."""
    level = "province" if code else "nation"
    return f"old.level = '{level}' AND old.place_code = %s", [code]


assert set(COUNTED) < {*KEY, *_VALUES}
