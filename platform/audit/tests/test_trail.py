"""Entries are written with the change they are about, or not at all."""

import pytest
from django.db import transaction

from audit.models import Entry
from audit.trail import history, record


class Person:
    """The person who acts."""

    pk = 7

    def get_username(self) -> str:
        return "sokha"


SUBJECT = Entry(pk=1)


@pytest.mark.django_db
def test_an_entry_says_who_did_what_to_which_record() -> None:
    entry = record(
        by=Person(),
        verb="case.corrected",
        subject=SUBJECT,
        place_code="010201",
        before={"fee": 1, "visits": 2},
        after={"fee": 2, "visits": 2},
        reason="typed wrongly",
    )
    entry.refresh_from_db()
    assert (entry.actor_id, entry.actor, entry.verb) == (7, "sokha", "case.corrected")
    assert (entry.subject_type, entry.subject_id) == ("audit.entry", "1")
    assert entry.changes == [("fee", 1, 2)]
    assert entry.place_code == "010201"


@pytest.mark.django_db
def test_a_job_is_named_when_no_person_acts() -> None:
    assert record(by=None, verb="x", subject=SUBJECT, job="load_roles").actor == "load_roles"
    assert record(by=None, verb="x", subject=SUBJECT).actor == "system"


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written() -> None:
    with pytest.raises(RuntimeError):
        record(by=None, verb="x", subject=SUBJECT)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_goes_when_its_write_is_rolled_back() -> None:
    with transaction.atomic():
        record(by=None, verb="x", subject=SUBJECT)
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_history_is_of_one_record_newest_first() -> None:
    first = record(by=None, verb="one", subject=SUBJECT)
    second = record(by=None, verb="two", subject=SUBJECT)
    record(by=None, verb="other", subject=Entry(pk=2))
    assert list(history(SUBJECT)) == [second, first]
