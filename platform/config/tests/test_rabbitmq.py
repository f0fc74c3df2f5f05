"""No queue or message that RabbitMQ would refuse, hold back or lose.

docs/scale.md says how the tests that need a worker run on a RabbitMQ of your own.
"""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from kombu import Queue
from kombu.exceptions import OperationalError

from benchmarks._fault_broker import RABBIT, Broker
from config.celery import app
from config.health import every_queue_is_heard
from config.queues import QUEUES
from conftest import ROOT, wait_for
from jobs.messenger import Messenger

pytestmark = pytest.mark.slow

DESCRIBE = """
import json
import django
django.setup()
from benchmarks._fault_broker import RABBIT, Broker
from config.celery import app
from config.health import every_queue_is_heard
control = app.control.mailbox
queues = [*app.amqp.queues.values(), control.get_queue("w@h"), control.get_reply_queue()]
print(json.dumps({
    "queues": [
        [q.name, q.durable, q.exclusive, q.auto_delete, q.queue_arguments or {}]
        for q in queues
    ],
    "confirms": app.conf.broker_transport_options.get("confirm_publish"),
    "detects": app.conf.worker_detect_quorum_queues,
    "acks_late": app.conf.task_acks_late,
    "lost": app.conf.task_reject_on_worker_lost,
    "missing": app.conf.task_create_missing_queues,
}))
"""


def described() -> dict[str, object]:
    """What the program would declare if its broker were a RabbitMQ."""
    variables = {
        "BROKER_URL": "amqp://x:y@127.0.0.1:1/none",
        "CACHE_URL": "redis://127.0.0.1:1/8",
        "DATABASE_URL": "postgresql://x/y",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    completed = subprocess.run(
        [sys.executable, "-c", DESCRIBE],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    results: dict[str, object] = json.loads(completed.stdout.splitlines()[-1])
    return results


def test_every_queue_that_is_declared_is_one_that_rabbitmq_4_takes() -> None:
    """4.3 refuses queues that are neither durable nor exclusive, and a limit for a whole channel."""
    result = described()
    named = set()
    for name, durable, exclusive, auto_delete, arguments in result["queues"]:  # type: ignore[attr-defined]
        named.add(name)
        assert durable or exclusive, name
        if name in QUEUES:
            assert arguments == {"x-queue-type": "quorum"}, name
            assert (durable, exclusive, auto_delete) == (True, False, False), name
    assert named >= set(QUEUES)
    assert result["confirms"] is True
    assert result["detects"] is True, "else the limit is set for the whole channel"
    assert result["acks_late"] is True
    assert result["lost"] is True
    assert result["missing"] is False


def calls() -> list[tuple[Path, ast.Call]]:
    """Every call in our code, tests left out."""
    results = []
    for folder in ("platform", "surveys", "scorecards", "dashboards"):
        for path in (ROOT / folder).rglob("*.py"):
            if {"tests", "node_modules", "migrations"} & set(path.parts):
                continue
            tree = ast.parse(path.read_text())
            results += [(path, node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return results


def test_no_message_is_held_back_by_the_broker() -> None:
    """A quorum queue keeps a worker's place taken by every message with a countdown."""
    late = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call in calls()
        if {"countdown", "eta"} & {word.arg for word in call.keywords}
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"apply_async", "send_task", "retry", "signature", "s", "si"}
    ]
    assert not late, "write a row that is due and let a sweep find it"
    again = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call in calls()
        if isinstance(call.func, ast.Name)
        and call.func.id == "shared_task"
        and {"autoretry_for", "default_retry_delay"} & {word.arg for word in call.keywords}
    ]
    assert not again, "Celery's own retries are messages with a countdown"


@pytest.mark.skipif(
    not settings.CELERY_BROKER_URL.startswith("amqp"), reason="these tests run on Valkey"
)
def test_rabbitmq_itself_has_quorum_queues() -> None:
    with app.connection_for_read() as connection:
        for queue in settings.CELERY_TASK_QUEUES:
            queue(connection.default_channel).declare()  # refused if it exists as another type


@pytest.fixture(scope="module")
def without_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Messenger]:
    """Debian's RabbitMQ, for which its memory is too small, and one who sends to it."""
    if not RABBIT.exists():
        pytest.skip("Debian's rabbitmq-server is not installed")
    broker = Broker(tmp_path_factory.mktemp("broker"), "vm_memory_high_watermark.absolute = 1MB\n")
    try:
        sender = Messenger("sender", broker=broker.variables["BROKER_URL"], set_as_current=False)
        sender.conf.broker_transport_options = {"confirm_publish": True, "max_retries": 1}
        quorum = {"x-queue-type": "quorum"}
        sender.conf.task_queues = [Queue(name, queue_arguments=quorum) for name in QUEUES]
        wait_for(lambda: _answers(sender), what="RabbitMQ")
        yield sender
        sender.pool.force_close_all()
    finally:
        broker.stop()


def test_nobody_waits_for_a_rabbitmq_that_is_short_of_room(without_room: Messenger) -> None:
    """It reads from nobody who publishes, says no word, and lets no connection be closed either."""
    for _time in range(2):
        with pytest.raises(OperationalError, match="timed out"):
            without_room.send_task("wait", queue=QUEUES[0], retry=False, confirm_timeout=0.3)


def test_a_queue_that_rabbitmq_gives_to_nobody_is_not_well(without_room: Messenger) -> None:
    """As after a full disk, when workers still answer who have lost their queue."""
    with without_room.connection_for_read() as connection:
        channel = connection.default_channel
        for queue in without_room.conf.task_queues:
            queue(channel).declare()
        for queue in without_room.conf.task_queues[1:]:
            queue(channel).consume(no_ack=False, callback=print)
        assert not every_queue_is_heard(without_room)
        without_room.conf.task_queues[0](channel).consume(no_ack=False, callback=print)
        wait_for(lambda: every_queue_is_heard(without_room), what="a reader for every queue")


def _answers(sender: Messenger) -> bool:
    try:
        with sender.connection_for_write(connect_timeout=1) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=1)
            return True
    except (OSError, OperationalError):
        return False
