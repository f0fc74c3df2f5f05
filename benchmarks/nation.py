"""A made-up nation in a database of its own, for the benchmarks of scores.

Size by the environment: ``BENCH_CASES`` (default: what the benchmark asks for). A nation
takes minutes to make, so it stays for the next benchmark of the same size, in a database
``bench_<cases>`` of this checkout's server; ``BENCH_DROP=1`` takes it away afterwards.
It is made again when this file has changed. Everything is drawn by PostgreSQL's own random
numbers from one seed.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    import psutil
    from django.db.backends.utils import CursorWrapper

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "platform"))

PROVINCES, COMMUNES, SERVICES, MONTHS = 25, 1650, 40, 24


def cases_wanted(default: int) -> int:
    """How many cases this run is asked for."""
    return int(os.environ.get("BENCH_CASES", default))


def say(name: str, value: float, unit: str, against: float | None = None) -> None:
    """The one line that is read by machines."""
    ratio = None if against is None else round(value / against, 3)
    told = None if against is None else round(against, 3)
    print(
        json.dumps(
            {"name": name, "value": round(value, 3), "unit": unit, "against": told, "ratio": ratio}
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
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def open_nation(cases: int, *, scored: bool = False) -> None:
    """Connect Django to a database with ``cases`` cases; ``scored``: and with their scores."""
    _own_broker()
    described = _whole_of(cases)
    fresh = _connect(f"bench_{cases}", unless_it_says=described)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    with clock("tables"):
        call_command("migrate", verbosity=0)
    if fresh:
        _build(cases)
        with connection.cursor() as cursor:
            name = connection.settings_dict["NAME"]
            cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{described}'")
    if scored:
        _score()


def forget_scores() -> None:
    """Take every fact and score away; the cases stay."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE scorecards_judgedcase, scorecards_score, scorecards_scorerevision, "
            "scorecards_pendingrollup, scorecards_scorealarm, surveys_observationchange"
        )


@contextmanager
def workers(count: int) -> Iterator["Memory"]:
    """A Celery worker of ``count`` processes on the benchmark's database, and its memory."""
    import psutil

    from benchmarks.field import _database_url

    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", str(count)]
    command += ["-l", "INFO", "-n", f"bench-{os.getpid()}@localhost", "--without-mingle"]
    environment = {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        memory = Memory(psutil.Process(process.pid))
        try:
            while b" ready." not in _said(log):
                if process.poll() is not None:
                    raise SystemExit(_said(log).decode())
                time.sleep(0.05)
            memory.start()
            yield memory
        finally:
            memory.ended.set()
            process.terminate()
            process.wait(60)


def _said(log: IO[bytes]) -> bytes:
    return os.pread(log.fileno(), 1_000_000, 0)


class Memory(threading.Thread):
    """Watches the most memory that any process of a worker has held, in megabytes."""

    def __init__(self, worker: "psutil.Process") -> None:
        super().__init__(daemon=True)
        self.worker, self.peak, self.ended = worker, 0.0, threading.Event()

    def run(self) -> None:
        import psutil

        while not self.ended.wait(0.2):
            for child in [self.worker, *self.worker.children(recursive=True)]:
                try:
                    self.peak = max(self.peak, child.memory_info().rss / 2**20)
                except psutil.Error:
                    continue


def _own_broker() -> None:
    """A numbered database of the broker that no other process of this checkout uses."""
    from config import servers

    address = urlsplit(servers.broker())
    if address.scheme.startswith("redis"):
        os.environ["BROKER_URL"] = urlunsplit(address._replace(path="/15"))
        servers.broker.cache_clear()
        import redis

        with redis.Redis.from_url(os.environ["BROKER_URL"]) as valkey:
            valkey.flushdb()


def _whole_of(cases: int) -> str:
    """What a finished nation of this size says about itself."""
    made_by = sha256("".join([*_PLACES, _CASES]).encode()).hexdigest()[:12]
    return f"{cases} cases made by {made_by}"


def _score() -> None:
    """Compute what has no scores yet; what was begun is gone on with."""
    from django.db import connection

    from scorecards.models import Score

    here = Score.objects.filter(period="2026")
    known = set(here.filter(level="commune").values_list("province_code", flat=True).distinct())
    if not here.filter(level="nation").exists():
        compute_all(known)
        with clock("analyze"), connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def compute_all(known: Iterable[str] = ()) -> None:
    """Compute everything as a run does, two provinces at a time, except what is known."""
    from django.db import connection
    from django.utils import timezone

    from scorecards.computing import runs, weighing

    def closing(code: str) -> None:
        try:
            runs.compute_province(code)
        finally:
            connection.close()

    begun = timezone.now()
    with clock("judging, and estimating design effects"):
        weighing.weigh_first()
    with clock("counting and storing"), ThreadPoolExecutor(2) as pool:
        list(pool.map(closing, [c for c in runs.provinces_to_do() if c not in known]))
    with clock("summing provinces and the nation"):
        runs.finish()
    with clock("weighing again what the sums moved"):
        weighing.weigh(begun=begun)


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


def _build(cases: int) -> None:
    from django.db import connection

    with clock(f"{cases:,} cases"):
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            _empty_text_by_default(cursor)
            for statement in _PLACES:
                cursor.execute(statement)
            cursor.execute("ANALYZE")
            indexes = _take_indexes(cursor)
        starts = range(0, cases, 250_000)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda start: _add_cases(start, cases), starts))
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            for definition in indexes:
                cursor.execute(definition)
            cursor.execute("SET session_replication_role = DEFAULT")
    with clock("analyze"), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _add_cases(start: int, cases: int) -> None:
    """A quarter of a million cases, drawn from a seed of their own."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET jit = off")
        cursor.execute("SELECT setseed(%s)", [0.42 * start / cases])
        cursor.execute(_CASES, [cases, start, min(start + 250_000, cases) - 1])
    connection.close()


def _empty_text_by_default(cursor: "CursorWrapper") -> None:
    """Columns that Django fills with an empty text get that as default, for plain INSERTs."""
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL "
        "AND data_type IN ('character varying', 'text') AND table_name ~ "
        "'^(surveys|places|standards)_'"
    )
    for table, column in cursor.fetchall():
        cursor.execute(f"""ALTER TABLE "{table}" ALTER "{column}" SET DEFAULT ''""")


def _take_indexes(cursor: "CursorWrapper") -> list[str]:
    """Drop the plain indexes of the cases; how to make them again."""
    cursor.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = 'surveys_case' "
        "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


_PLACES = (
    f"""INSERT INTO places_place (code, level, kind, name_km, name_latin, search)
    SELECT lpad(p::text, 2, '0'), 'province', 'khet', 'ខេត្ត', 'Province ' || p, ''
    FROM generate_series(1, {PROVINCES}) p""",
    f"""INSERT INTO places_place (code, level, kind, name_km, name_latin, search, parent_id)
    SELECT lpad(p::text, 2, '0') || '01', 'district', 'srok', 'ស្រុក', 'District ' || p, '',
        lpad(p::text, 2, '0')
    FROM generate_series(1, {PROVINCES}) p""",
    f"""INSERT INTO places_place (code, level, kind, name_km, name_latin, search, parent_id)
    SELECT d.code || lpad(c::text, 2, '0'), 'commune', 'khum', 'ឃុំ', 'Commune ' || c, '', d.code
    FROM places_place d, generate_series(1, {COMMUNES // PROVINCES}) c
    WHERE d.level = 'district'""",
    """INSERT INTO standards_provider
        (code, kind, name_km, name_en, place_id, opening_hours, phone)
    SELECT k || '-' || code, k, k, k, code, '', ''
    FROM places_place, unnest(ARRAY['commune', 'police', 'health_centre', 'primary_school']) k
    WHERE level = 'commune'""",
    f"""INSERT INTO standards_service
        (code, provider_kind, name_km, name_en, note_km, note_en, fee_by_provider, position)
    SELECT 'service-' || n,
        CASE WHEN n <= 16 THEN 'commune' WHEN n <= 32 THEN 'police'
             WHEN n <= 36 THEN 'health_centre' ELSE 'primary_school' END,
        'សេវា', 'Service ' || n, '', '', false, n
    FROM generate_series(1, {SERVICES}) n""",
    """INSERT INTO standards_standard (service_id, option, fee, currency, fee_unit, days_max,
        day_kind, documents_known, legal_basis_km, legal_basis_en, source, completeness_km,
        completeness_en, recorded_at)
    SELECT id, 'standard', (position % 5) * 5000, 'KHR', 'document', 3 + position % 10,
        CASE WHEN position % 2 = 0 THEN 'working' ELSE 'calendar' END, position % 3 <> 0,
        '', '', '', '', '', now()
    FROM standards_service""",
    """INSERT INTO standards_document (code, name_km, name_en)
    SELECT 'paper-' || n, 'ឯកសារ', 'Paper ' || n FROM generate_series(1, 6) n""",
    """INSERT INTO standards_standarddocument (standard_id, document_id, position)
    SELECT s.id, d.id, d.id FROM standards_standard s JOIN standards_document d
    ON d.code IN ('paper-1', 'paper-2', 'paper-3') WHERE s.documents_known""",
)

# One draw per case: a commune, a service, answers. They come in as time passes, from July
# 2024 to June 2026.
_CASES = f"""
WITH drawn AS MATERIALIZED (
    SELECT n, random() AS d1, random() AS d2, (n + random()) / %s AS d3, random() AS d4,
        random() AS d5, random() AS d6, random() AS d7, random() AS d8, random() AS d9,
        random() AS d10
    FROM generate_series(%s, %s) n
), q AS MATERIALIZED (
    SELECT drawn.*, date '2024-07-01' + floor(d3 * 730)::int AS asked,
        floor(d5 * 20)::int AS took, 1 + floor(d1 * {COMMUNES})::int AS commune,
        1 + floor(d2 * {SERVICES})::int AS service,
        CASE WHEN d3 > 0.97 AND d6 < 0.4 THEN 'open' WHEN d6 < 0.02 THEN 'refused'
             ELSE 'received' END AS status
    FROM drawn
)
INSERT INTO surveys_case (case_id, province_code, commune_id, provider_id, service_id, option,
    standard_id, asked_on, received_on, status, fee_paid, currency, units, documents_asked,
    visits, receipt, staffed, medicine_given, lesson_days_lost, plan_shown, channel,
    facilitator_id, sex, age, poor_card, note, content_hash, recorded_at, updated_at, void_reason)
SELECT 'bench-' || n, left(c.code, 2), c.code, o.id, s.id, 'standard', t.id, asked,
    CASE WHEN status = 'received' THEN asked + took END, status,
    CASE WHEN d4 < 0.95 THEN t.fee + CASE WHEN d5 < 0.2 THEN 5000 ELSE 0 END END, 'KHR', 1,
    CASE WHEN d6 < 0.1 THEN NULL WHEN d6 < 0.3 THEN ARRAY['paper-1', 'paper-5']
         ELSE ARRAY['paper-1', 'paper-2'] END,
    1 + floor(d7 * 4)::int, d8 < 0.6, d9 < 0.8, d9 < 0.7, floor(d8 * 2)::int,
    d7 < 0.5, 'demo', NULL, CASE WHEN d10 < 0.55 THEN 'female' ELSE 'male' END,
    18 + floor(d10 * 60)::int, d4 < 0.2, '', '', asked + interval '9 hours',
    asked + interval '9 hours', ''
FROM q
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS i FROM places_place
      WHERE level = 'commune') c ON c.i = q.commune
JOIN standards_service s ON s.position = q.service
JOIN standards_standard t ON t.service_id = s.id
JOIN standards_provider o ON o.place_id = c.code AND o.kind = s.provider_kind
"""
