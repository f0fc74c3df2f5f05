"""A scoring job that is killed at any moment ends with the scores it would have had.

A PostgreSQL, a Valkey and a worker of its own are killed with SIGKILL at a moment chosen by holding
one of the locks that the computation takes: inside a transaction that has written, between two
provinces, between the provinces and their sums.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis
from celery import Celery
from kombu import Queue

from config.embedded.postgres import Postgres, working_in
from config.embedded.valkey import Valkey
from config.queues import CALLS, HEAVY, QUEUE_OF, QUEUES, RECORDS, SCORES
from conftest import wait_for
from tests.processes import passable_folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
SEED = """
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from scorecards.pipeline import workday_table
from scorecards.tests.nation import draw_cases, draw_meetings, make_nation, tell_everything
make_nation()
workday_table.refresh(timezone.localdate())
draw_cases(300)
draw_meetings(8)
tell_everything()
"""
COMPUTED = (
    "scorecards_score, scorecards_judgedcase, scorecards_scorerevision, scorecards_pendingrollup, "
    "scorecards_scoringstep, scorecards_scoringrun, scorecards_scorealarm, scorecards_firstperiod, "
    "surveys_observationchange"
)
DROP_PARTS = """
DO $$ DECLARE part regclass; BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'scorecards_score'::regclass
    LOOP EXECUTE 'DROP TABLE ' || part; END LOOP;
END $$
"""


class House:
    """Servers and a worker of a test's own, that can be killed and started again."""

    def __init__(self, var: Path) -> None:
        (var / "servers").mkdir(parents=True)
        self.var, self.log = var, var / "worker.log"
        self.worker: subprocess.Popen[bytes] | None = None
        self.start_database()
        self.start_broker()

    def start_database(self) -> None:
        self.postgres = Postgres(self.var)
        self.database = self.postgres.start()

    def start_broker(self) -> None:
        self.valkey = Valkey(self.var)
        self.broker = self.valkey.start()

    def start_worker(self, queues: tuple[str, ...] = QUEUES) -> None:
        self.worker = self.begin_worker(self.log, queues)

    def begin_worker(self, log: Path, queues: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        """A worker of one process for these queues, ready to work."""
        log.write_bytes(b"")
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "1"]
        command += ["-Q", ",".join(queues), "-n", f"{log.stem}-{os.getpid()}@localhost"]
        command += ["-l", "INFO", "--without-mingle", "--without-gossip", "--without-heartbeat"]
        with log.open("ab") as out:
            worker = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(lambda: b" ready." in log.read_bytes(), what="the worker to be ready")
        return worker

    def kill_worker(self) -> None:
        """The worker and its child at once."""
        if self.worker:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
            self.worker = None

    def kill_database(self) -> None:
        for pid in list(working_in(self.postgres.home.data)):
            os.kill(pid, signal.SIGKILL)
        assert self.postgres.child
        self.postgres.child.wait()

    def kill_broker(self) -> None:
        assert self.valkey.child
        self.valkey.child.kill()
        self.valkey.child.wait()

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database,
            "BROKER_URL": self.broker,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        }

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def send(self, task: str, *args: object) -> None:
        """A message, as beat or a page would send it."""
        with Celery(broker=self.broker, set_as_current=False) as sender:
            name = f"scorecards.tasks.{task}"
            sender.send_task(name, args, queue=QUEUE_OF[name])

    def lose_messages(self) -> None:
        """Whatever no worker has taken yet is lost too."""
        with Celery(broker=self.broker, set_as_current=False) as sender:
            sender.conf.task_queues = [Queue(name) for name in QUEUES]
            sender.control.purge()

    def begin_anew(self, job: str) -> None:
        """Delete everything computed and prepare a job.

        That is a "run" that has begun, the "first" of all, or "changes" that wait.
        """
        self.sql(f"TRUNCATE {COMPUTED}")
        if job == "first":
            self.sql(DROP_PARTS)
        if job == "changes":
            self.sql("INSERT INTO surveys_observationchange SELECT * FROM told")
            self.send("recompute_changed")
            return
        self.sql("TRUNCATE scorecards_designeffect")
        begun = self.sql(
            "INSERT INTO scorecards_scoringrun (kind, period, province_code, state, started_at, "
            "steps, note) VALUES ('compute', '', '', 'running', now(), 2, '') RETURNING id"
        )
        self.send("start_run", begun[0][0])

    def go_on(self, job: str) -> None:
        """Send what beat sends every 30 seconds, and later for a stalled run."""
        if job == "changes":
            self.send("recompute_changed")
            return
        for table, moment in (
            ("scoringrun", "started_at"),
            ("scoringrun", "judged_at"),
            ("scoringstep", "finished_at"),
            ("firstperiod", "finished_at"),
        ):
            self.sql(f"UPDATE scorecards_{table} SET {moment} = {moment} - interval '1 hour'")
        self.send("resume_runs")

    def is_done(self) -> bool:
        waiting = self.sql(
            "SELECT (SELECT count(*) FROM surveys_observationchange)"
            " + (SELECT count(*) FROM scorecards_pendingrollup)"
            " + (SELECT count(*) FROM scorecards_scoringrun WHERE state <> 'done')"
        )
        return waiting == [(0,)]

    def computed(self) -> bytes:
        """Every score and fact, byte for byte, without the moment of its computation."""
        with psycopg.connect(self.database) as connection, connection.cursor() as cursor:
            names = cursor.execute(
                "SELECT string_agg(attname::text, ', ' ORDER BY attnum) FROM pg_attribute WHERE "
                "attrelid = 'scorecards_score'::regclass AND attnum > 0 "
                "AND attname <> 'computed_at' AND NOT attisdropped"
            ).fetchone()
            assert names
            result = b""
            for columns, table in ((names[0], "scorecards_score"), ("*", "scorecards_judgedcase")):
                rows = f"COPY (SELECT {columns} FROM {table} t ORDER BY t::text) TO STDOUT"
                with cursor.copy(rows.encode()) as stream:
                    result += b"".join(map(bytes, stream))
            return result

    @contextmanager
    def held_up(self, lock: str) -> Iterator[None]:
        """Hold this lock of the computation, which will wait for it."""
        with psycopg.connect(self.database, autocommit=True) as holder:
            holder.execute("SELECT pg_advisory_lock(hashtext(%s))", [lock])
            yield

    def is_held_up(self) -> bool:
        """True while a computation waits for a lock."""
        return bool(
            self.sql("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted LIMIT 1")
        )

    def stop(self) -> None:
        self.kill_worker()
        self.valkey.stop()
        self.postgres.stop()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with passable_folder() as folder:
        house = House(folder / "var")
        try:
            subprocess.run(
                [sys.executable, "-c", SEED], cwd=ROOT, env=house.environment(), check=True
            )
            house.sql("CREATE TABLE told AS SELECT * FROM surveys_observationchange")
            house.start_worker()
            yield house
        finally:
            house.stop()


@pytest.fixture(scope="module")
def undisturbed(house: House) -> dict[str, bytes]:
    """Return what each job leaves when nothing disturbs it."""
    results = {}
    for job in ("run", "changes", "first"):
        house.begin_anew(job)
        wait_for(house.is_done, what=f"the undisturbed {job}")
        results[job] = house.computed()
        assert results[job].count(b"\n") > 1000
    assert results["first"] == results["run"]
    assert house.sql("SELECT count(*) > 0 FROM scorecards_firstperiod") == [(True,)]
    return results


@pytest.mark.parametrize(
    ("victim", "job", "lock"),
    [
        ("worker", "changes", "provider {provider}"),  # the changes taken, facts written
        ("worker", "run", "province 02"),  # one province done, the other not begun
        ("database", "run", "provider {provider}"),  # facts written in an open transaction
        ("broker", "run", "sum of 01"),  # the provinces done, their sums not
        ("worker", "first", "parts of scorecards_score"),  # a period filled, and not yet seen
        ("database", "first", "part scorecards_score_2026_02"),  # all periods done but one
    ],
)
def test_a_killed_server_or_worker_changes_no_byte_of_the_scores(
    house: House, undisturbed: dict[str, bytes], victim: str, job: str, lock: str
) -> None:
    provider = house.sql(
        "SELECT min(provider_id) FROM surveys_case c JOIN standards_provider p "
        "ON p.id = provider_id WHERE p.kind = 'health_centre'"
    )[0][0]
    try:
        with house.held_up(lock.format(provider=provider)):
            house.begin_anew(job)
            wait_for(house.is_held_up, what="the job to be under way")
            assert not house.is_done()
            if victim == "broker":
                house.kill_broker()
            if victim in ("worker", "broker"):  # a broker begun again has a new address
                house.kill_worker()
            if victim == "worker":  # otherwise the rest is done first, and nothing is stalled
                house.lose_messages()
            if victim == "database":
                house.kill_database()
    except psycopg.OperationalError:
        assert victim == "database"  # the holder of the lock has lost its connection too
    if victim == "database":
        house.start_database()
    if victim == "broker":
        house.start_broker()
    if victim in ("worker", "broker"):
        house.start_worker()
    assert not house.is_done()
    assert house.computed() != undisturbed[job]
    house.go_on(job)
    wait_for(house.is_done, what=f"the job after the {victim} was killed")
    assert house.computed() == undisturbed[job]


def waiting(house: House, queue: str) -> bool:
    """Whether a message waits in a queue."""
    with redis.Redis.from_url(house.broker) as valkey:
        return bool(valkey.llen(queue))


def test_calls_records_and_changes_are_done_while_a_run_fills_the_heavy_queue(
    house: House,
) -> None:
    prompt = {
        "surveys.hotline.tasks.call_due": CALLS,
        "surveys.tasks.observe_arrived": RECORDS,
        "scorecards.tasks.recompute_changed": SCORES,
    }
    house.kill_worker()
    house.start_worker((HEAVY,))
    quick = house.begin_worker(house.var / "quick.log", (CALLS, RECORDS, SCORES))
    try:
        with house.held_up("province 02"):
            house.begin_anew("run")
            wait_for(house.is_held_up, what="the run to stand still")
            house.send("compare")  # more that waits behind the run
            with Celery(broker=house.broker, set_as_current=False) as sender:
                for name, queue in prompt.items():
                    sender.send_task(name, queue=queue)
            for queue in prompt.values():
                wait_for(lambda asked=queue: not waiting(house, asked), what=f"the queue {queue}")
            assert waiting(house, HEAVY)
            assert house.is_held_up()
            assert not house.is_done()
    finally:
        os.killpg(quick.pid, signal.SIGKILL)
        quick.wait()
        house.kill_worker()
        house.lose_messages()


HEALTH = """
import django
django.setup()
from django.test import Client
answer = Client().get("/healthz")
print(answer.status_code, *(part for part, said in answer.json().items() if said != "ok"))
"""


def test_health_says_which_of_the_three_was_killed(house: House) -> None:
    def health() -> str:
        command = [sys.executable, "-W", "ignore", "-c", HEALTH]
        environment = {**house.environment(), "ALLOWED_HOSTS": "testserver"}
        completed = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        )
        return completed.stdout.strip()

    house.kill_worker()
    assert health() == "503 worker"
    house.kill_broker()
    house.kill_database()
    assert health() == "503 database broker worker"
