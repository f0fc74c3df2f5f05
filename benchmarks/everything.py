"""The nightly run: every score of the nation computed a second time and compared.

Size: ``BENCH_CASES`` (default 10,000,000). ``value`` is the seconds of a nightly run as
Celery does it, with two worker processes: reading every observation, judging, counting all
months, quarters and years, comparing each cell with the stored one, and then ranks, peers,
changes and overall scores of every period with theirs. ``against`` is
PostgreSQL's own work in the same run: GROUP BY of the facts for every period, and an INSERT
of the same scores into a table with the same indexes. Goals: a ratio under 2; no worker
above 1,500 MB; two workers at least 1.7 times as fast as one, measured on some provinces.
"""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from benchmarks import nation
from benchmarks._workers import workers

if TYPE_CHECKING:
    from scorecards.models import ScoringRun

SOME = 6
"""Provinces by which one worker is compared with two."""
LOOPS = 100_000_000
"""Some seconds of a processor."""


def main() -> None:
    """Run it and print the figure."""
    nation.open_nation(nation.cases_wanted(10_000_000), scored=True)
    _compare()
    bare = _bare()
    with workers(1) as memory:
        alone = _run_some(1)
    peak = memory.peak
    with workers(2) as memory:
        together = _run_some(2)
        with nation.clock("nightly run, two workers") as taken:
            _run()
    peak = max(peak, memory.peak)
    print(f"{SOME} provinces: one worker {alone:.1f} s, two {together:.1f} s:", end=" ")
    print(f"{alone / together:.2f} times as fast (goal: 1.7 where two cores are free;", end=" ")
    print(f"two loops that share nothing, here and now: {_free_cores():.2f})")
    print(f"most memory of a worker: {peak:.0f} MB (goal: under 1,500)")
    nation.drop_unless_kept()
    nation.say("everything", taken[0], "s", bare)


def _free_cores() -> float:
    """Measure how much faster two processes count than one: 2 where two cores are free."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        list(pool.map(_count, [1, 1]))  # both are there
        start = time.perf_counter()
        pool.submit(_count, LOOPS).result()
        alone = time.perf_counter() - start
        list(pool.map(_count, [LOOPS, LOOPS]))
        return 2 * alone / (time.perf_counter() - start - alone)


def _count(loops: int) -> int:
    return sum(range(loops))


def _compare() -> None:
    """Compute the comparisons from the stored scores, as every night does."""
    from scorecards.pipeline import comparisons

    with nation.clock("ranks, peers, changes of every period"):
        comparisons.work_off()


def _bare() -> float:
    """Return seconds of PostgreSQL's GROUP BY of every period, and INSERT of the same rows."""
    from django.db import connection

    from scorecards import periods
    from scorecards.indicators import RULES
    from scorecards.storage import partitions

    counts = ", ".join(
        f"count(*) FILTER (WHERE {rule} = 1), count(*) FILTER (WHERE {rule} IN (0, 1))"
        for rule in RULES
    )
    codes = partitions.parts(partitions.SCORES)
    with connection.cursor() as cursor:
        with nation.clock("PostgreSQL's GROUP BY of every period") as grouping:
            for code in codes:
                cursor.execute(
                    f"SELECT count(*) FROM (SELECT {counts} FROM scorecards_judgedcase WHERE "
                    "month = ANY(%s) GROUP BY commune_code, provider_kind, service_id OFFSET 0) q",
                    [list(periods.parse(code).months)],
                )
        with nation.clock("PostgreSQL's INSERT of the same rows") as inserting:
            rows = 0
            for code in codes:
                part = partitions.part_of(partitions.SCORES, code)
                cursor.execute(f"CREATE TABLE again (LIKE {part} INCLUDING INDEXES)")
                cursor.execute(f"INSERT INTO again SELECT * FROM {part}")
                rows += cursor.rowcount
                cursor.execute("DROP TABLE again")
        print(f"{rows:,} scores of {len(codes)} periods", flush=True)
    return grouping[0] + inserting[0]


def _run() -> None:
    """Run one nightly check, started as beat starts it; wait until it is done."""
    from scorecards import runs, tasks
    from scorecards.models import ScoreAlarm, ScoringRun

    run = runs.begin(kind="nightly")
    tasks.start_run.delay(run.pk)
    while ScoringRun.objects.get(pk=run.pk).state == ScoringRun.State.RUNNING:
        time.sleep(0.1)
    alarms = ScoreAlarm.objects.filter(resolved_at=None).count()
    steps = run.finished_steps.values_list("cells", flat=True)
    print(f"{sum(steps):,} cells compared, {alarms} differ", flush=True)


def _run_some(processes: int) -> float:
    """Return the seconds of checking some provinces, by processes that did one each before."""
    from scorecards import runs
    from scorecards.models import ScoringRun

    run = runs.begin(kind="nightly")
    codes = runs.provinces_of(run.pk)
    _check(run, codes[:processes])
    start = time.perf_counter()
    _check(run, codes[processes : processes + SOME])
    taken = time.perf_counter() - start
    ScoringRun.objects.filter(pk=run.pk).delete()
    return taken


def _check(run: "ScoringRun", codes: list[str]) -> None:
    """Have these provinces checked, and wait for it."""
    from scorecards import tasks

    for code in codes:
        tasks.do_province.delay(run.pk, code)
    while run.finished_steps.filter(province_id__in=codes).count() < len(codes):
        time.sleep(0.05)


if __name__ == "__main__":
    main()
