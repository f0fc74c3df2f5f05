"""One commune and period: from one changed case to its stored scores, p95 in milliseconds.

Size: ``BENCH_CASES`` (default 1,000,000). Each round changes one case, its moment of change
too as every real change does, so that scores are written each time, and recomputes its
commune's month, quarter and year, as the worker does; goal: p95 under 50 ms.
"""

import random
import statistics
import time

from benchmarks import nation

ROUNDS = 200
BEFORE = 20
"""Rounds that are not timed: a worker's first change on a new connection plans its statements."""


def main() -> None:
    """Run it and print the figure."""
    nation.open_nation(nation.cases_wanted(1_000_000), scored=True)
    p95 = measure()
    nation.drop_unless_kept()
    nation.say("recompute", p95, "ms")


def measure() -> float:
    """Return the 95th percentile of the milliseconds of ``ROUNDS`` recomputations.

    Before them scores and facts are read once, as every night's run does, and ``BEFORE``
    changes are computed: what is measured is a server and a worker at work, and not the
    disk after a start.
    """
    from django.db import connection, transaction

    from scorecards.pipeline import incremental
    from scorecards.pipeline.incremental import Work

    nation.read_once()
    rng, taken = random.Random(1), []
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM surveys_case")
        last = int(cursor.fetchone()[0])
        for _ in range(BEFORE + ROUNDS):
            number = rng.randint(1, last)
            cursor.execute(
                "UPDATE surveys_case SET visits = 1 + visits %% 4, updated_at = now() "
                "WHERE id = %s RETURNING commune_id, to_char(asked_on, 'YYYY-MM')",
                [number],
            )
            if (row := cursor.fetchone()) is None:
                continue
            commune, month = row
            start = time.perf_counter()
            with transaction.atomic():
                incremental.recompute({commune: Work({month}, cases={number})})
            taken.append(1000 * (time.perf_counter() - start))
    taken = taken[BEFORE:]
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(
        f"recompute: median {statistics.median(taken):.1f} ms, p95 {p95:.1f} ms of {len(taken)}",
        flush=True,
    )
    return p95


if __name__ == "__main__":
    main()
