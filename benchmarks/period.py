"""One month of the nation: every score, statistic and rank computed from its facts and stored.

Size: ``BENCH_CASES`` (default 10,000,000: 417,000 cases a month). The month has no scores
and no comparisons yet; its cases are judged, as they are from the moment they arrive.
Measured is the way of the product, two provinces at a time as two workers do it: counting,
medians, intervals, writing, the sums of provinces and the nation; then ``comparing``: ranks,
funnel, peers, change and trend of all communes on every indicator, overall scores, what is
delivered on time where requests are open, and writing them. ``against`` is the bare work in
the same run: one GROUP BY of the same facts (met and judged of every rule, by commune and
service) and an upsert of as many rows into a table with the same indexes. Goal: a ratio
under 3.
"""

from concurrent.futures import ThreadPoolExecutor

from benchmarks import nation

MONTH = "2025-05"
PART = f"scorecards_score_{MONTH.replace('-', '_')}"


def main() -> None:
    """Run it and print the figure."""
    nation.open_nation(nation.cases_wanted(10_000_000), scored=True)
    bare = _bare()
    with nation.clock("everything of one month") as taken:
        _compute()
        with nation.clock("of which comparing, ranking and writing that"):
            _compare()
    nation.drop_unless_kept()
    nation.say("period", taken[0], "s", bare)


def _bare() -> float:
    """Return seconds of one GROUP BY and of an upsert of as many rows."""
    from django.db import connection

    from scorecards.indicators import RULES
    from scorecards.pipeline.store_scores import KEY
    from scorecards.storage import partitions

    counts = ", ".join(
        f"count(*) FILTER (WHERE {rule} = 1), count(*) FILTER (WHERE {rule} IN (0, 1))"
        for rule in RULES
    )
    with connection.cursor() as cursor:
        with nation.clock("bare GROUP BY") as grouping:
            cursor.execute(
                f"SELECT count(*) FROM (SELECT {counts} FROM scorecards_judgedcase "
                "WHERE month = %s GROUP BY commune_code, provider_kind, service_id OFFSET 0) q",
                [MONTH],
            )
        cursor.execute(f"CREATE TABLE bare_scores (LIKE {PART} INCLUDING ALL)")
        with nation.clock("bare upsert") as upserting:
            cursor.execute(
                f"INSERT INTO bare_scores SELECT * FROM {PART} ON CONFLICT ({', '.join(KEY)}) "
                "DO UPDATE SET numerator = excluded.numerator, denominator = excluded.denominator"
            )
            print(f"{cursor.rowcount:,} scores of {MONTH}")
        cursor.execute("DROP TABLE bare_scores")
        cursor.execute(f"TRUNCATE {PART}")
        for table in (partitions.COMPARISONS, partitions.OVERALL, partitions.ON_TIME):
            cursor.execute(f"DELETE FROM {table} WHERE period = %s AND release_id = 0", [MONTH])
    return grouping[0] + upserting[0]


def _compute() -> None:
    from django.db import connection, transaction

    from scorecards.periods import parse
    from scorecards.pipeline import full_run, incremental
    from scorecards.pipeline.scope import Scope

    def of_province(code: str) -> None:
        try:
            with transaction.atomic():
                incremental.count(code, parse(MONTH))
            with transaction.atomic():
                incremental.sum_up(Scope(code), parse(MONTH))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(of_province, full_run.provinces_to_do()))
    with transaction.atomic():
        incremental.sum_up(Scope(""), parse(MONTH))


def _compare() -> None:
    from scorecards.periods import parse
    from scorecards.pipeline import comparisons

    done = comparisons.compute(parse(MONTH))
    print(f"{done.changed:,} rows of comparisons, overall scores and open requests")


if __name__ == "__main__":
    main()
