"""1 million cases in PostgreSQL to stored scores, beside bare pandas on the same columns.

Size: ``BENCH_CASES`` (default 1,000,000). The value is a first run as the product makes it,
in two workers: judging, design effects, counting months, quarters and years, medians,
intervals, sums of provinces and the nation, and storing all of it with its indexes.

``against`` is twice bare pandas plus the measured reading and writing, so that a ratio of at most
1 reaches the goal. Bare pandas does the same job on one core from Parquet to tables in memory, as
the nightly check does it (``scorecards.verification.scores_in_pandas``, vectorised, and held by
tests to give the same figures): judging, design effects, every commune's and provider's cell with
its counts by reason, median, share, interval and status, and the sums. Reading is the cases by
COPY. Writing is as many rows of facts and scores into tables with the same parts and indexes in
the quickest way we know, two parts at a time: rows first, indexes afterwards.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd

from benchmarks import nation


def main() -> None:
    """Run it and print the figure."""
    nation.open_nation(nation.cases_wanted(1_000_000))
    nation.forget_scores()
    from django.utils import timezone

    with nation.clock("computing and storing in the database") as clock:
        nation.compute_all()
    with nation.clock("reading the cases") as reading:
        cases = _cases()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.parquet"
        cases.to_parquet(file)
        del cases
        with nation.clock("bare pandas from Parquet") as bare:
            counted = _counted_by_pandas(pd.read_parquet(file), timezone.localdate())
    with nation.clock("writing as many rows") as writing:
        written = _write_again()
    print(f"{written:,} facts and scores, of pandas {counted:,} scores")
    print(f"peak memory {nation.peak_megabytes():.0f} MB")
    nation.drop_unless_kept()
    nation.say("score", clock[0], "s", 2 * bare[0] + reading[0] + writing[0])


def _cases() -> pd.DataFrame:
    from scorecards.verification.scores_in_pandas import cases_table
    from surveys import observations

    cases = cases_table(observations.cases_to_judge())
    return cases.assign(foreign=False)


def _counted_by_pandas(cases: pd.DataFrame, today: date) -> int:
    """Compute all scores in memory with pandas and return their number."""
    from scorecards import periods
    from scorecards.indicators import SCORED_ALONE
    from scorecards.method.estimates.shares import share_status
    from scorecards.verification import scores_in_pandas
    from standards.models import Provider

    judged = scores_in_pandas.judged(cases, today)
    _design_effects(cases, judged)
    placed = Provider.objects.filter(kind__in=SCORED_ALONE)
    providers = dict(placed.values_list("pk", "place_id"))
    values = pd.CategoricalDtype(sorted({*providers.values(), *judged["commune"].unique()}))
    judged["commune"] = judged["commune"].astype(values)
    nothing = judged.iloc[:0].assign(indicator_code="", score=0, present=0.0, self_assessment=False)
    day = pd.Series(dtype="datetime64[s]")
    nothing = nothing.assign(own_provider=0, own_commune=nothing["commune"], observed_on=day)
    services = pd.CategoricalDtype(judged["service"].cat.categories)
    seen = scores_in_pandas.Observed(judged, nothing, nothing, providers, values, services)
    cells = scores_in_pandas.recount(seen, periods.holding(seen.months()))
    communes = cells[cells["provider_id"] == 0]
    keys = [name for name in scores_in_pandas.CELL if name != "place_code"]
    of_communes = communes.assign(province=communes["place_code"].astype(str).str[:2])
    provinces = of_communes.groupby([*keys, "province"], observed=True)[
        scores_in_pandas.COUNTED
    ].sum()
    nations = provinces.groupby(keys, observed=True).sum()
    tables = [cells]
    for sums in (provinces.reset_index(), nations.reset_index().assign(province="")):
        tables.append(
            scores_in_pandas.with_shares(
                sums.assign(place_code=sums["province"], median=float("nan"))
            )
        )
    for table in tables:
        table["status"] = share_status(table["denominator"])
    return sum(map(len, tables))


def _design_effects(cases: pd.DataFrame, judged: pd.DataFrame) -> None:
    """Of every indicator and year; what was gathered on one day at one provider is a cluster."""
    from scorecards.indicators import FAMILIES
    from scorecards.method.estimates.clustering import cluster_sums

    day = cases["asked_on"].dt.strftime("%j").astype("category").cat.codes.astype("int64")
    cluster = cases["provider_id"] * 10**9 + cases["facilitator_id"].fillna(0) * 1000 + day
    own = cases["facilitator_id"].isna()
    cluster = cluster.where(~own, -1.0 - cases.index)
    for _, year in judged.groupby(cases["asked_on"].dt.year):
        for family in FAMILIES:
            mine = year[year["provider_kind"].isin(family.kinds)]
            for rule in family.rules.values():
                chosen = mine[mine[rule] >= 0]
                sums = cluster_sums(chosen[rule], cluster[chosen.index], chosen["provider_id"])
                assert sums.design_effect >= 1


def _write_again() -> int:
    """Write all facts and scores again, into tables of the same parts and indexes; count rows."""
    from django.db import connection, transaction

    from scorecards.storage import partitions

    columns = {partitions.FACTS: "month", partitions.SCORES: "period"}

    def write(table: str, code: str) -> int:
        try:
            with (
                transaction.atomic(),
                partitions.filled_first(f"again_{table}", code) as part,
                connection.cursor() as cursor,
            ):
                source = partitions.part_of(table, code)
                cursor.execute(f"INSERT INTO {part} SELECT * FROM {source}")
                return int(cursor.rowcount)
        finally:
            connection.close()

    with connection.cursor() as cursor:
        for table, column in columns.items():
            cursor.execute(f"DROP TABLE IF EXISTS again_{table}")
            cursor.execute(
                f"CREATE TABLE again_{table} (LIKE {table} INCLUDING ALL) "
                f"PARTITION BY LIST ({column})"
            )
    parts = [(table, code) for table in columns for code in partitions.parts(table)]
    with ThreadPoolExecutor(2) as pool:
        written = sum(pool.map(write, *zip(*parts, strict=True)))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE " + ", ".join(f"again_{table}" for table in columns))
    return written


if __name__ == "__main__":
    main()
