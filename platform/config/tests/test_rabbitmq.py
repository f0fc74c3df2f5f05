"""No queue or message that RabbitMQ would refuse, hold back or lose.

docs/scale.md says how the tests that need a worker run on a RabbitMQ of your own.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import app
from config.queues import QUEUES
from conftest import ROOT

pytestmark = pytest.mark.slow

DESCRIBE = """
import json
import django
django.setup()
from config.celery import app
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
