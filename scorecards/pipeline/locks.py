"""Advisory locks of score computations, taken in one order until the transaction ends.

Province, commune, provider; sums come last. A province as a whole excludes its communes, communes
do not exclude each other.
"""

from collections.abc import Iterable

from django.db import connection

from scorecards.pipeline.count_cells import Sql
from scorecards.pipeline.scope import Scope


def lock(scopes: Iterable[Scope]) -> None:
    """Take the locks of ``scopes`` until the transaction ends, and set it up for many statements.

    A commune is computed by one transaction at a time; a province excludes its communes. JIT is
    off, because the statements are many and small; prepared statements keep one generic plan.
    synchronous_commit is off: a crash loses scores and the deletion of their outbox rows
    together, so they are computed again.
    """
    wanted = list(scopes)
    # A plan for any months would look through all of a month's key to find a commune's rows.
    bitmaps = "off" if all(len(scope.code) == 6 for scope in wanted) else "on"
    settings: Sql = (
        "set_config('jit', 'off', true), set_config('synchronous_commit', 'off', true),"
        " set_config('plan_cache_mode', 'force_generic_plan', true),"
        " set_config('enable_bitmapscan', %s, true)",
        [bitmaps],
    )
    asked = [settings, *(_lock_of(scope) for scope in wanted)]
    with connection.cursor() as cursor:
        # The settings and the first, nearly always the only, scope at once.
        for some in (asked[:2], *([one] for one in asked[2:])):
            cursor.execute(
                f"SELECT {', '.join(sql for sql, _ in some)}",
                [value for _, values in some for value in values],
            )


def _lock_of(scope: Scope) -> Sql:
    province = f"province {scope.code[:2]}"
    if len(scope.code) < 6:
        return "pg_advisory_xact_lock(hashtext(%s))", [province]
    return (
        "pg_advisory_xact_lock_shared(hashtext(%s)), pg_advisory_xact_lock(hashtext(%s))",
        [province, f"commune {scope.code}"],
    )


def lock_everything(provinces: Iterable[str]) -> None:
    """Wait for every computation and every sum under way, and delay later ones."""
    codes = sorted(provinces)
    lock(Scope(code) for code in codes)
    with connection.cursor() as cursor:
        for code in [*codes, ""]:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sum of {code}"])


def lock_providers(numbers: Iterable[int]) -> None:
    """Lock providers: communes share health centres, and one is counted at a time."""
    providers = sorted(set(numbers))
    if not providers:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('provider ' || n)) "
            "FROM (SELECT n FROM unnest(%s::bigint[]) n ORDER BY n) ordered",
            [providers],
        )
