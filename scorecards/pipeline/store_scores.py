"""Store counted cells as scores: shares, intervals, status; only what changed is written.

The Wilson interval in SQL is ``scorecards.method.estimates.intervals.wilson`` term by term; the
nightly check compares the two on every cell.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from scorecards import columns
from scorecards.indicators import RULE_OF
from scorecards.method import METHOD_VERSION
from scorecards.method.estimates.clustering import RHO_UNKNOWN
from scorecards.method.estimates.intervals import normal_quantile
from scorecards.method.estimates.shares import FULL_JUDGED, LEAST_JUDGED
from scorecards.models import Source
from scorecards.periods import Period
from scorecards.pipeline.count_cells import COUNTED, Sql
from scorecards.storage import partitions, prepared_statements
from scorecards.storage.replace_rows import Stored

KEY = columns.names(*columns.KEY)
_WRITTEN_LAST = ("computed_at", "revised")
_VALUES = tuple(
    name for name in columns.names(*columns.STORED) if name not in KEY and name not in _WRITTEN_LAST
)
_Z = normal_quantile(0.95)


def wilson(met: str, judged: str, deff: str) -> dict[str, str]:
    """Return SQL for share, low and high of three SQL expressions; null below ten judged cases.

    n is the number the judged cases are worth: divided by the design effect. Plain
    expressions, worked out only where there is a value: most cells are too small for one,
    and a subquery for each costs more than the arithmetic.
    """
    p, n = f"({met}::float8 / {judged}::float8)", f"({judged}::float8 / {deff})"
    centre = f"({p} + {_Z * _Z!r} / (2.0 * {n}))"
    half = f"({_Z!r} * sqrt({p} * (1.0 - {p}) / {n} + {_Z * _Z!r} / (4.0 * {n} * {n})))"
    scale = f"(1.0 + {_Z * _Z!r} / {n})"
    few = f"{judged} < {LEAST_JUDGED} THEN NULL"
    return {
        "share": f"CASE WHEN {few} ELSE {p} END",
        "low": f"CASE WHEN {few} WHEN {met} = 0 THEN 0.0"
        f" ELSE greatest(0.0, ({centre} - {half}) / {scale}) END",
        "high": f"CASE WHEN {few} WHEN {met} = {judged} THEN 1.0"
        f" ELSE least(1.0, ({centre} + {half}) / {scale}) END",
    }


def effect(cell: str) -> str:
    """Return SQL for the design effect of a cell joined with ``EFFECTS``.

    The formula is that of ``clustering.cell_effect``.
    """
    return (
        f"CASE WHEN {cell}.denominator > 0 THEN 1.0 + "
        f"({cell}.cluster_pairs * coalesce(e.rho, {RHO_UNKNOWN})"
        f" + {cell}.register_pairs * coalesce(e.register_rho, {RHO_UNKNOWN})) / {cell}.denominator"
        " ELSE 1.0 END::float8"
    )


EFFECTS = f"""(
    SELECT indicator, self_assessment,
        max(rho_used) FILTER (WHERE source = '{Source.GATHERED}') AS rho,
        max(rho_used) FILTER (WHERE source = '{Source.REGISTER}') AS register_rho
    FROM scorecards_designeffect WHERE year = %s GROUP BY indicator, self_assessment
)"""  # noqa: S608 - names of ours
"""Rho of every indicator in a year, by source."""

_INTERVAL = wilson("c.numerator", "c.denominator", "c.deff")
# OFFSET 0: the effect is computed once, not wherever the interval names it.
_WITH_INTERVAL = f"""
SELECT c.*,
    {", ".join(f"{value} AS {name}" for name, value in _INTERVAL.items())},
    CASE WHEN c.denominator = 0 THEN 'no_data' WHEN c.denominator < {LEAST_JUDGED} THEN 'too_few'
         WHEN c.denominator < {FULL_JUDGED} THEN 'pale' ELSE 'full' END AS status
FROM (
    SELECT c.*, {effect("c")} AS deff FROM counted c
    LEFT JOIN {EFFECTS} e
        ON e.indicator = c.indicator AND e.self_assessment = c.self_assessment
    OFFSET 0
) c
"""  # noqa: S608 - numbers of ours


def store(
    parts: list[Sql], held: Sequence[Period], covers: list[Sql], *, now: datetime, today: date
) -> Stored:
    """Replace the scores of these periods that ``covers`` selects (conditions on ``old``) by these
    cells.

    The periods are of one year, whose design effects are used. Equal cells are left as they are,
    bytes and ``computed_at`` too; cells that are no longer there are deleted. In a closed period a
    changed count marks the score revised and keeps its earlier value in ``ScoreRevision``. Nobody
    else may write what ``covers`` selects meanwhile, and no row may be selected twice: callers hold
    the locks of ``incremental.recompute``.
    """
    counted = " UNION ALL ".join(sql for sql, _ in parts)
    values = [value for _, some in parts for value in some]
    (year,) = {period.code[:4] for period in held}
    codes = [period.code for period in held]
    # One by one: with a list of values PostgreSQL does not see which partitions hold them.
    within = f"({' OR '.join(['old.period = %s'] * len(held))})"
    wheres = [f"{within} AND {where}" for where, _ in covers]
    places = [value for _, some in covers for value in (*codes, *some)]
    if len(held) == 1 and _holds_none(wheres, places):
        return put_first((counted, values), held[0], now=now)
    closed = [period.code for period in held if today >= period.closed_from]
    # Periods together are a commune's, small and always alike; a province's are planned for.
    with connection.cursor() if len(held) == 1 else prepared_statements.cursor() as cursor:
        cursor.execute(
            _merged(counted, wheres, within, one_period=len(held) == 1),
            [*values, year, *places, *codes, now, closed, now, closed],
        )
        cells, changed = cursor.fetchone()
    return Stored(int(cells), int(changed))


def _holds_none(wheres: list[str], places: list[Any]) -> bool:
    text = " OR ".join(
        f"EXISTS (SELECT FROM {partitions.SCORES} old WHERE {where})" for where in wheres
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {text}", places)
        return bool(cursor.fetchone() == (False,))


_COLUMNS = ", ".join((*KEY, *_VALUES))


def put_first(counted: Sql, period: Period, *, now: datetime) -> Stored:
    """Insert the scores of a period into its empty partition: a plain INSERT, twice as fast."""
    sql, values = counted
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH counted AS ({sql} OFFSET 0)
            INSERT INTO {partitions.part_of(partitions.SCORES, period.code)}
                ({_COLUMNS}, computed_at, revised)
            SELECT {_insertable("n")}, %s, false FROM ({_WITH_INTERVAL}) n""",  # noqa: S608
            [*values, now, period.code[:4]],
        )
        return Stored(cursor.rowcount, cursor.rowcount)


def _merged(counted: str, wheres: list[str], within: str, *, one_period: bool) -> str:
    """Return the statement that writes only what differs.

    Stored and fresh cells are joined in full, which the planner can only do by hashing
    or sorting: thousands of rows that it cannot foresee are never compared each with each.
    """
    was = " UNION ALL ".join(
        f"SELECT old.ctid AS place_on_disk, old.* FROM {partitions.SCORES} old WHERE {where}"  # noqa: S608
        for where in wheres
    )
    return f"""
        WITH counted AS MATERIALIZED ({counted}),
        fresh AS MATERIALIZED (SELECT {_insertable("f")} FROM ({_WITH_INTERVAL}) f),
        was AS MATERIALIZED ({was}),
        differing AS MATERIALIZED (
            SELECT n, old, n.indicator IS NULL AS is_gone, old.indicator IS NULL AS is_new
            FROM was old
            FULL JOIN fresh n ON ({_key("old", one_period)}) = ({_key("n", one_period)})
            WHERE n.indicator IS NULL OR old.indicator IS NULL
                OR ({_row("old")}) IS DISTINCT FROM ({_row("n")})
        ),
        gone AS (
            DELETE FROM {partitions.SCORES} old WHERE {within} AND old.ctid = ANY(ARRAY(
                    SELECT (d.old).place_on_disk FROM differing d WHERE d.is_gone))
                AND (old.period, old.ctid) IN (
                    SELECT (d.old).period, (d.old).place_on_disk FROM differing d WHERE d.is_gone)
        ),
        put AS (
            INSERT INTO {partitions.SCORES} AS old ({_COLUMNS}, computed_at, revised)
            SELECT {", ".join(f"(d.n).{name}" for name in (*KEY, *_VALUES))}, %s, false
            FROM differing d WHERE NOT d.is_gone
            ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET {_sets()},
                computed_at = excluded.computed_at,
                revised = old.revised OR (excluded.period = ANY(%s::text[])
                    AND {_counts_differ("old", "excluded")}
                    AND NOT {_was_unfinished("old", "excluded")})
        ), kept AS ({_revisions()})
        SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM differing)
        """  # noqa: S608 - the pieces are ours; values are passed apart


def _revisions() -> str:
    """Return SQL that keeps earlier values of closed periods where counts differ or cells go."""
    numbers = ("numerator", "denominator", "share", "low", "high", "computed_at")
    kept = ", ".join(f"(d.old).{name}" for name in KEY)
    text = ", ".join(f"(d.old).{name}" for name in numbers)
    return f"""
        INSERT INTO scorecards_scorerevision ({", ".join(KEY)}, at, {", ".join(numbers)})
        SELECT {kept}, %s, {text} FROM differing d
        WHERE NOT d.is_new AND (d.old).period = ANY(%s::text[])
            AND (d.is_gone OR {_counts_differ("(d.old)", "(d.n)")}
                AND NOT {_was_unfinished("(d.old)", "(d.n)")})"""  # noqa: S608 - ours


def _insertable(table: str) -> str:
    """Return the columns of KEY and _VALUES in order, with the one that is the same everywhere."""
    fixed = {"method_version": f"'{METHOD_VERSION}' AS method_version"}
    return ", ".join(fixed.get(name, f"{table}.{name}") for name in (*KEY, *_VALUES))


def _key(table: str, one_period: bool) -> str:
    """Return the key; of one period alone, the period need not be compared."""
    return ", ".join(f"{table}.{name}" for name in KEY[one_period:])


def _counts_differ(old: str, new: str) -> str:
    return (
        f"({old}.numerator, {old}.denominator) IS DISTINCT FROM"
        f" ({new}.numerator, {new}.denominator)"
    )


def _was_unfinished(old: str, new: str) -> str:
    """Build the SQL condition that the earlier count of cases stopped half-way.

    A health centre of two provinces, or the sum of a province, is counted while others of its cases
    still wait to be judged. The difference was observed before the earlier count, so it is neither
    a late report nor a correction.
    """
    counted = ("denominator", "no_standard", "unknown_answer", "does_not_apply", "still_open")
    before, after = (" + ".join(f"{row}.{name}" for name in counted) for row in (old, new))
    codes = ", ".join(f"'{code}'" for code in RULE_OF)
    return (
        f"({new}.indicator IN ({codes}) AND {after} > {before}"
        f" AND coalesce({new}.newest_observation <= {old}.computed_at, false))"
    )


def _sets() -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in _VALUES)


def _row(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in _VALUES)


def covering_communes(code: str) -> Sql:
    """Return the condition for the commune cells of "010203", province "01" or the nation ("")."""
    if len(code) == 6:
        return "old.level = 'commune' AND old.place_code = %s", [code]
    if code:
        # The range is what the primary key finds at once: codes begin with their province's.
        return (
            "old.level = 'commune' AND old.province_code = %s"
            " AND old.place_code >= %s AND old.place_code < %s",
            [code, code, f"{int(code) + 1:02d}"],
        )
    return "old.level = 'commune'", []


def covering_providers(providers: list[int]) -> Sql:
    """Return the condition for the cells of these providers."""
    return "old.level = 'provider' AND old.provider_id > 0 AND old.provider_id = ANY(%s)", [
        providers
    ]


def covering_place(code: str) -> Sql:
    """Return the condition for the cells of one province, or of the nation ("")."""
    level = "province" if code else "nation"
    return f"old.level = '{level}' AND old.place_code = %s", [code]


assert set(COUNTED) < {*KEY, *_VALUES}
