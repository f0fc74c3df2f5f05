"""Every task waits in a declared queue, and what somebody waits for never behind what is long."""

import pytest
from django.conf import settings

from config.celery import app
from config.queues import CALLS, HEAVY, QUEUE_OF, QUEUES, RECORDS, SCORES, SHARED
from config.running import programs


def tasks() -> set[str]:
    """The names of every task of ours."""
    app.loader.import_default_modules()
    return {name for name in app.tasks if name not in SHARED and not name.startswith("celery.")}


def test_every_task_has_a_declared_queue_and_every_queue_only_tasks_that_exist() -> None:
    assert tasks() == QUEUE_OF.keys(), "name the task's queue in config/queues.py"
    assert set(QUEUE_OF.values()) == set(QUEUES)


@pytest.mark.parametrize("name", sorted(QUEUE_OF))
def test_a_task_is_sent_to_its_queue_by_name_and_by_call(name: str) -> None:
    route = app.amqp.router.route({}, name)
    assert route["queue"].name == QUEUE_OF[name]


def test_unknown_tasks_wait_with_the_heavy_ones_and_unknown_queues_are_refused() -> None:
    assert app.amqp.router.route({}, "celery.chord_unlock")["queue"].name == HEAVY
    with pytest.raises(Exception, match="nowhere"):
        app.amqp.router.route({"queue": "nowhere"}, "surveys.tasks.run_import")


@pytest.mark.parametrize("entry", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_whatever_the_clock_says_has_a_queue(entry: str) -> None:
    assert settings.CELERY_BEAT_SCHEDULE[entry]["task"] in QUEUE_OF


def test_nothing_long_waits_where_somebody_is_on_the_line() -> None:
    prompt = {name for name, queue in QUEUE_OF.items() if queue in {CALLS, RECORDS, SCORES}}
    words = {"import", "export", "release", "nightly", "compare", "province", "period", "compile"}
    assert not [name for name in prompt if any(word in name for word in words)]


@pytest.mark.parametrize("apart", ["1", "0"])
def test_every_queue_is_served(monkeypatch: pytest.MonkeyPatch, apart: str) -> None:
    monkeypatch.setenv("WORKERS_APART", apart)
    commands = programs.commands("127.0.0.1", 8000).values()
    served = [c[c.index("-Q") + 1] for c in commands if "-Q" in c]
    assert sorted(",".join(served).split(",")) == sorted(QUEUES)
    assert (len(served) == len(QUEUES)) is (apart == "1")


def test_every_queue_is_durable_and_belongs_to_no_connection() -> None:
    for queue in settings.CELERY_TASK_QUEUES:
        assert queue.durable
        assert not queue.exclusive
        assert not queue.auto_delete
    assert app.conf.control_queue_exclusive
    assert app.conf.event_queue_exclusive
