"""A record that cannot be read: tried again or given up for a stated reason; it blocks nobody."""

import errno
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import join, make_place, make_user
from jobs import attempts
from surveys.models import Submission, Trouble
from surveys.submissions.intake.incoming import Sender
from surveys.submissions.intake.receive import receive
from surveys.submissions.processing import derive
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme():
    made = factories.programme()
    factories.published(made)
    return made


@pytest.fixture
def sender(programme):
    return Sender(programme_id=programme.pk)


@pytest.fixture
def poison(monkeypatch, sender):
    """Two records; reading the first raises what the function returned here is given."""
    for name in ("uuid:poison", "uuid:good"):
        receive(sender=sender, xml=factories.record(instance=name))
    real = derive._observe

    def poisoned(trouble):
        def read(submission, result, around):
            if submission.instance_id == "uuid:poison":
                raise trouble
            return real(submission, result, around)

        monkeypatch.setattr(derive, "_observe", read)
        return Submission.objects.get(instance_id="uuid:poison")

    return poisoned


@pytest.mark.parametrize(
    "trouble",
    [
        OperationalError("canceling statement due to lock timeout"),
        OSError(errno.ENOSPC, "No space left on device"),
        MemoryError(),
    ],
    ids=["lock", "disk", "memory"],
)
def test_what_may_pass_is_tried_again_ever_later_and_given_up_at_last(poison, trouble):
    record = poison(trouble)
    assert derive.observe_waiting() == 1
    for tries, wait in enumerate(derive.WAITS, start=1):
        record.refresh_from_db()
        assert (record.observed_at, record.tries, record.trouble) == (None, tries, Trouble.BUSY)
        left = record.next_try_at - timezone.now()
        assert wait - timedelta(minutes=1) < left <= wait
        assert derive.observe_waiting() == 0  # not before its time
        Submission.objects.filter(pk=record.pk).update(next_try_at=timezone.now())
        derive.observe_waiting()
    record.refresh_from_db()
    assert record.observed_at
    assert record.trouble == Trouble.BUSY
    assert type(trouble).__name__ in record.observe_error
    assert Submission.objects.get(instance_id="uuid:good").observe_error == ""


@pytest.mark.parametrize(
    "trouble", [KeyError("choice"), ValueError("x"), FileNotFoundError(errno.ENOENT, "photo")]
)
def test_what_will_not_pass_is_given_up_at_once(poison, trouble):
    record = poison(trouble)
    assert derive.observe_waiting() == 2
    record.refresh_from_db()
    assert (record.trouble, record.tries) == (Trouble.ERROR, 0)
    assert derive.observe_waiting() == 0


def test_a_trouble_that_passed_leaves_no_trace(poison, monkeypatch):
    with monkeypatch.context():
        record = poison(OperationalError("deadlock detected"))
        derive.observe_waiting()
    monkeypatch.undo()
    Submission.objects.update(next_try_at=timezone.now())
    assert derive.observe_waiting() == 1
    record.refresh_from_db()
    assert record.observed_at
    assert (record.observe_error, record.trouble, record.tries) == ("", "", 0)
    assert record.next_try_at is None


def test_a_record_that_kills_its_worker_is_read_alone_and_given_up(poison, monkeypatch):
    class Killed(BaseException):
        """In place of SIGKILL: nothing is caught and nothing is tidied up."""

    record = poison(Killed())
    monkeypatch.setattr(attempts, "is_again", lambda: True)  # a worker was killed over the batch
    for deaths in (1, 2):
        with pytest.raises(Killed):
            derive.observe_waiting()
        record.refresh_from_db()
        assert record.deaths == deaths
    assert derive.observe_waiting() == 2
    record.refresh_from_db()
    assert record.trouble == Trouble.STOPPED
    assert Submission.objects.get(instance_id="uuid:good").observe_error == ""


def test_the_coordinator_sees_them_and_has_them_read_again(poison, monkeypatch, client, programme):
    record = poison(KeyError("choice"))
    derive.observe_waiting()
    monkeypatch.undo()
    lead = make_user(username="lead", language="en")
    join(lead, "submissions.review", programme=programme)
    stranger = make_user(username="other")
    join(stranger, "submissions.review", programme=factories.programme("other"))
    page = reverse("surveys:unread")

    client.force_login(stranger)
    assert "KeyError" not in client.get(page).content.decode()
    client.post(page)
    client.post(page, {"record": record.pk})
    record.refresh_from_db()
    assert record.observe_error

    client.force_login(lead)
    home = client.get(reverse("accounts:home"), headers={"Accept-Language": "en"})
    assert page in home.content.decode()
    shown = client.get(page).content.decode()
    assert "KeyError" in shown
    for odd in ("x", "9" * 30, "-1", "0"):
        client.post(page, {"record": odd})
    record.refresh_from_db()
    assert record.observe_error
    client.post(page, {"record": record.pk})
    record.refresh_from_db()
    assert (record.observe_error, record.observed_at) == ("", None)
    assert derive.observe_waiting() == 1
    assert "KeyError" not in client.get(page).content.decode()


@pytest.mark.parametrize(("held", "seen"), [(("01", "02"), True), (("01",), False)])
def test_who_holds_all_provinces_of_a_programme_one_by_one_sees_them_too(
    poison, monkeypatch, client, programme, held, seen
):
    poison(KeyError("choice"))
    derive.observe_waiting()
    monkeypatch.undo()
    programme.provinces.set([make_place("01"), make_place("02")])
    lead = make_user(username="lead", language="en")
    for code in held:
        join(lead, "submissions.review", place=code, programme=programme)
    client.force_login(lead)
    assert ("KeyError" in client.get(reverse("surveys:unread")).content.decode()) is seen
