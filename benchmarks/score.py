"""1 million cases in PostgreSQL to stored scores, beside bare pandas on the same columns.

Size: ``BENCH_CASES`` (default 1,000,000). Told apart: judging, weighing, counting and storing
everything in the database, two provinces at a time as two workers do it (value); bare
pandas from Parquet (judging and counting by groupby, every period); reading the cases;
and writing as many rows into a table with the same indexes. ``against`` is twice bare
pandas plus the measured reading and writing, so that a ratio of at most 1 reaches the goal.
"""

import tempfile
from pathlib import Path

import pandas as pd

from benchmarks import nation

KEYS = ["commune", "provider_kind", "service"]


def main() -> None:
    """Run it and print the figure."""
    nation.open_nation(nation.cases_wanted(1_000_000))
    nation.forget_scores()
    from django.db import connection
    from django.utils import timezone

    from scorecards import recount
    from scorecards.catalogue import FAMILIES
    from surveys import observations

    with nation.clock("computing and storing in the database") as whole:
        nation.compute_all()
    with nation.clock("reading the cases") as reading:
        cases = recount.cases_table(observations.cases_to_judge()).assign(foreign=False)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.parquet"
        cases.to_parquet(file)
        del cases
        with nation.clock("bare pandas from Parquet") as bare:
            judged = recount.judged(pd.read_parquet(file), timezone.localdate())
            quarter = (
                judged["month"].str[:4]
                + "-Q"
                + ((judged["month"].str[5:].astype(int) + 2) // 3).astype(str)
            )
            for period in (judged["month"], quarter, judged["month"].str[:4]):
                table = judged.assign(period=period)
                for family in FAMILIES:
                    mine = table[table["provider_kind"].isin(family.kinds)]
                    for rule in family.rules.values():
                        for keys in (KEYS, KEYS[:2]):
                            grouped = mine[mine[rule] >= 0].groupby(
                                [*keys, "period"], observed=True
                            )
                            grouped[rule].agg(["sum", "size"])
    with nation.clock("writing as many rows") as writing, connection.cursor() as cursor:
        for name in ("scorecards_judgedcase", "scorecards_score"):
            cursor.execute(f"CREATE TABLE again_{name} (LIKE {name} INCLUDING INDEXES)")
            cursor.execute(f"INSERT INTO again_{name} SELECT * FROM {name}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scorecards_score")
        print(f"{cursor.fetchone()[0]:,} scores")
        cursor.execute("DROP TABLE again_scorecards_judgedcase, again_scorecards_score")
    print(f"peak memory {nation.peak_megabytes():.0f} MB")
    nation.drop_unless_kept()
    nation.say("score", whole[0], "s", 2 * bare[0] + reading[0] + writing[0])


if __name__ == "__main__":
    main()
