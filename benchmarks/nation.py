"""A made-up nation in a database of its own, for the benchmarks of scores.

Size by the environment: ``BENCH_CASES`` (default: what the benchmark asks for). A nation
takes minutes to make, so it stays for the next benchmark of the same size, in a database
``bench_<cases>`` of this checkout's server; ``BENCH_DROP=1`` takes it away afterwards.
It is made again when ``_made_up`` draws it in another way.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "platform"))

PROVINCES, COMMUNES, SERVICES = 25, 1650, 40


def cases_wanted(default: int) -> int:
    """Return the number of cases that this run should use (``BENCH_CASES``)."""
    return int(os.environ.get("BENCH_CASES", default))


def say(name: str, value: float, unit: str, against: float | None = None) -> None:
    """Print the one line of JSON that machines read."""
    ratio = None if against is None else round(value / against, 3)
    number = None if against is None else round(against, 3)
    print(
        json.dumps(
            {
                "name": name,
                "value": round(value, 3),
                "unit": unit,
                "against": number,
                "ratio": ratio,
            }
        )
    )


@contextmanager
def clock(what: str) -> Iterator[list[float]]:
    """Time a block; the seconds are the only entry of the list afterwards."""
    taken: list[float] = []
    start = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - start)
    print(f"{what}: {taken[0]:.2f} s", flush=True)


def peak_megabytes() -> float:
    """Return the most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def open_nation(cases: int, *, scored: bool = False) -> None:
    """Connect Django to a database with ``cases`` cases; ``scored``: and with their scores."""
    _own_broker()
    described = _all_of(cases)
    fresh = _connect(f"bench_{cases}", unless_it_says=described)
    import django

    from benchmarks._made_up import build

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    with clock("tables"):
        call_command("migrate", verbosity=0)
    if fresh:
        build(cases)
        with connection.cursor() as cursor:
            name = connection.settings_dict["NAME"]
            cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{described}'")
    if scored:
        _score()


def read_once() -> None:
    """Read scores and facts into PostgreSQL's memory, as every night's run does.

    For what is measured of a server at work, and not of the disk after a start. Scores
    first: should memory not hold both, facts are what a change reads most.
    """
    from django.db import connection

    from scorecards.storage import partitions

    with clock("reading scores and facts once"), connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        for table in (partitions.SCORES, partitions.FACTS):
            cursor.execute(
                "SELECT sum(pg_prewarm(o)) FROM ("
                "SELECT DISTINCT unnest(ARRAY[i.indrelid, i.indexrelid]) "
                "FROM pg_index i JOIN pg_inherits p ON p.inhrelid = i.indrelid "
                "WHERE p.inhparent = %s::regclass) parts (o)",
                [table],
            )


def forget_scores() -> None:
    """Take every fact, score and design effect away, as before a first run; the cases stay."""
    from django.db import connection

    from scorecards.storage import partitions

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE scorecards_scorerevision, scorecards_pendingrollup, scorecards_scorealarm, "
            "scorecards_designeffect, scorecards_scoringrun, scorecards_scoringstep, "
            "scorecards_firstperiod, surveys_observationchange"
        )
        for table in (partitions.FACTS, partitions.SCORES):
            for code in partitions.parts(table):
                cursor.execute(f"DROP TABLE {partitions.part_of(table, code)}")


def _own_broker() -> None:
    """Use a numbered database of the broker that no other process of this checkout uses."""
    from config import servers

    address = urlsplit(servers.broker())
    if address.scheme.startswith("redis"):
        os.environ["BROKER_URL"] = urlunsplit(address._replace(path="/15"))
        servers.broker.cache_clear()
        import redis

        with redis.Redis.from_url(os.environ["BROKER_URL"]) as valkey:
            valkey.flushdb()


def _all_of(cases: int) -> str:
    """Return the mark of a finished nation of this size: its cases and the hash of its maker."""
    from benchmarks._made_up import CASES, PLACES

    made_by = sha256("".join([*PLACES, CASES]).encode()).hexdigest()[:12]
    return f"{cases} cases made by {made_by}"


def _score() -> None:
    """Compute what has no scores yet; what was begun is gone on with."""
    from django.db import connection

    from scorecards.models import ScoringRun

    if not ScoringRun.objects.filter(kind="compute", state="done").exists():
        compute_all()
        with clock("analyze"), connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def compute_all() -> None:
    """Compute everything as a run does, in two workers; a run that was broken off goes on.

    ``scorecards.tasks.start_run`` fans the same steps out in the same order.
    """
    from django.db import connection

    from scorecards import runs

    run = runs.begin(kind="compute").pk

    def in_two(what: str, step: Callable[[int, str], object], codes: Iterable[str]) -> None:
        def closing(code: str) -> None:
            try:
                step(run, code)
            finally:
                connection.close()

        with clock(what), ThreadPoolExecutor(2) as pool:
            list(pool.map(closing, codes))

    if runs.is_first(run):
        in_two("judging", runs.judge_province, runs.provinces_of(run))
    with clock("estimating design effects"):
        runs.weigh_first(run)
    in_two("counting and storing new periods", runs.do_period, runs.first_periods(run))
    in_two("provinces, where a period had been begun", runs.do_province, runs.provinces_of(run))
    with clock("summing and weighing again what that changed"):
        assert runs.finish(run)
    runs.close(run)


def _connect(name: str, *, unless_it_says: str = "") -> bool:
    """Point DATABASE_URL to the benchmark's own database; True if it is new and empty.

    A database of that name is made again, unless it is described as ``unless_it_says``.
    """
    import psycopg

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config import servers

    described = servers.database()
    home = psycopg.connect(
        dbname=described["NAME"],
        user=described["USER"],
        password=described["PASSWORD"],
        host=described["HOST"],
        port=described["PORT"] or None,
        autocommit=True,
    )
    with home:
        there = home.execute(
            "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database "
            "WHERE datname = %s",
            [name],
        ).fetchone()
        keep = bool(unless_it_says) and there == (unless_it_says,)
        if there and not keep:
            home.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        if not keep:
            home.execute(f'CREATE DATABASE "{name}"')
    described["NAME"] = name
    original = servers.database
    servers.database = lambda: {**original(), "NAME": name}
    return not keep


def drop_unless_kept() -> None:
    """Take the benchmark's database away again; a nation stays unless ``BENCH_DROP=1``."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database'), pg_size_pretty(pg_database_size(oid)) "
            "FROM pg_database WHERE datname = %s",
            [name],
        )
        described, size = cursor.fetchone()
    connection.close()
    if described and os.environ.get("BENCH_DROP") != "1":
        print(f"database {name} ({size}) stays for the next benchmark; BENCH_DROP=1 drops it")
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
