"""A broker that is away delays work and loses none; messages leave after the commit."""

import socket

import pytest
from celery import Celery, current_app
from django.db import transaction

from conftest import wait_for
from jobs import messages


@pytest.fixture
def no_broker():
    """An address at which no broker answers, as the one of Celery."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before = current_app._get_current_object()
    app = Celery("away", broker=f"redis://127.0.0.1:{port}/0")
    yield
    app.close()
    before.set_current()
    before.set_default()


@pytest.fixture
def sent(monkeypatch):
    results = []
    monkeypatch.setattr(messages, "send", lambda task, *args: results.append((task, *args)))
    return results


@pytest.mark.slow
def test_a_message_that_no_broker_takes_is_a_line_of_the_log(no_broker, caplog):
    assert messages.send("surveys.tasks.run_import", 1) is False
    assert "No broker took surveys.tasks.run_import" in caplog.text


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_write_does_not_fail_because_no_broker_takes_its_message(no_broker):
    with transaction.atomic():
        messages.send_after_commit("surveys.tasks.run_import", 1)


@pytest.mark.django_db(transaction=True)
def test_a_message_leaves_after_the_commit_and_never_after_a_rollback(sent):
    with transaction.atomic():
        messages.send_after_commit("one", 1)
        assert sent == []
    with transaction.atomic():
        messages.send_after_commit("two", 2)
        transaction.set_rollback(True)
    assert sent == [("one", 1)]


@pytest.mark.django_db(transaction=True)
def test_many_wishes_of_one_moment_are_one_message_and_later_ones_another(sent):
    wake = messages.Wake("observe", seconds=0.05)
    for _record in range(20):
        wake.ask()
    wait_for(lambda: sent, what="the message")
    assert sent == [("observe",)]
    wake.ask()
    wait_for(lambda: len(sent) == 2, what="the message for what came later")


@pytest.mark.django_db(transaction=True)
def test_a_wish_in_a_long_transaction_is_sent_after_its_commit(sent):
    """Counted from the commit: the row is visible when the worker looks."""
    wake = messages.Wake("observe", seconds=0.01)
    with transaction.atomic():
        wake.ask()
        assert wake._timer is None
    wait_for(lambda: sent, what="the message")
