"""A task that crashed its worker twice is given up, and says so; all others leave nothing behind."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from celery import Celery
from celery.exceptions import Reject
from django.db import OperationalError, connection

from config.celery import app
from conftest import wait_for
from jobs import attempts
from jobs.counted import CountedTask, RowTask
from jobs.models import Attempt

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_task_at_work() -> Iterator[None]:
    """No later test of this process finds itself in a task that was begun twice."""
    yield
    attempts._starts.set(1)


@pytest.fixture(params=[CountedTask])
def task(monkeypatch, request):
    """A task of an application of its own, and what it did."""
    own = Celery("test", task_cls=request.param, set_as_current=False)
    done = []

    @own.task(name="test.work", shared=False)
    def work(number):
        done.append(number)
        if number < 0:
            raise ValueError(number)
        if number >= 1000:
            raise OperationalError("the server closed the connection")
        return number

    def call(number, task_id="one"):
        work.push_request(id=task_id, called_directly=False, args=[number])
        try:
            return work(number)
        finally:
            work.pop_request()

    monkeypatch.setattr("jobs.counted.PAUSE", 0)
    return SimpleNamespace(call=call, done=done)


def test_a_task_that_ends_leaves_nothing_behind(task):
    assert task.call(3) == 3
    with pytest.raises(ValueError, match="-1"):
        task.call(-1)
    assert not Attempt.objects.exists()


def test_a_task_whose_worker_was_killed_twice_is_given_up_once(task, monkeypatch, caplog):
    messages = []
    monkeypatch.setattr(attempts, "_when_given_up", {})
    attempts.when_given_up("test.work")(messages.append)
    for start in (1, 2):  # begun, and never ended
        assert attempts.begin("one", "test.work") == start
    assert task.call(7) is None
    assert (task.done, messages) == ([], [7])
    assert "is given up" in caplog.text
    assert not Attempt.objects.exists()
    assert task.call(8, task_id="another") == 8


def test_a_task_begun_again_after_one_kill_is_done_and_knows_it(task):
    attempts.begin("one", "test.work")
    assert not attempts.begin("two", "test.work") > 1
    attempts.end("two")
    assert task.call(5) == 5
    assert not Attempt.objects.exists()


def test_a_task_is_handed_back_while_the_database_is_away(task, monkeypatch):
    def away(*_about):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(attempts, "begin", away)
    monkeypatch.setattr("jobs.counted.connection", SimpleNamespace(close=lambda: None))
    with pytest.raises(Reject) as handed_back:
        task.call(3)
    assert handed_back.value.requeue
    assert task.done == []


of_a_row = pytest.mark.parametrize("task", [RowTask], indirect=True)


@of_a_row
def test_work_of_a_row_is_counted_whichever_message_asks_for_it(task, monkeypatch):
    messages = []
    monkeypatch.setattr(attempts, "_when_given_up", {})
    attempts.when_given_up("test.work")(messages.append)
    key = attempts.key_of("test.work", [7])
    attempts.begin(key, "test.work")
    assert attempts.begun("test.work", [7])
    assert not attempts.begun("test.work", [8])
    attempts.begin(key, "test.work")
    assert task.call(8, task_id="first") == 8, "other work is not concerned"
    assert task.call(7, task_id="second") is None
    assert (task.done, messages) == ([8], [7])
    assert not Attempt.objects.exists()


@of_a_row
def test_work_that_another_worker_is_at_is_left_alone(task):
    """A second connection, as another worker's, holds the work; when it is lost, so is its hold."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            key = attempts.key_of("test.work", [7])
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        assert task.call(7) is None
        assert task.call(8) == 8
        assert (task.done, Attempt.objects.exists()) == ([8], False)
    finally:
        other.close()

    def is_done():
        return task.call(7) == 7

    wait_for(is_done, what="the server to notice that the connection is gone")
    assert task.call(7) == 7, "and it is let go at the end"


@of_a_row
def test_work_without_its_database_is_tried_many_times_and_not_for_ever(task, monkeypatch):
    messages = []
    monkeypatch.setattr(attempts, "_when_given_up", {})
    attempts.when_given_up("test.work")(messages.append)
    for _turn in range(attempts.MOST_FAILURES):
        with pytest.raises(OperationalError):
            task.call(1000)
        assert not attempts.begun("test.work", [1000]), "it waits, and nobody is at it"
    assert messages == []
    assert task.call(1000) is None
    assert messages == [1000]


def test_every_task_of_ours_is_counted():
    app.loader.import_default_modules()
    ours = [one for name, one in app.tasks.items() if not name.startswith("celery.")]
    assert ours
    assert all(isinstance(one, CountedTask) for one in ours)
