"""Calls we owe, messages, lost callbacks and forgetting: jobs against a company over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from celery.exceptions import Retry
from django.utils import timezone

from standards.models import Standard
from surveys import requests
from surveys.hotline import callbacks, schedule, tasks
from surveys.hotline.models import Call, CallBack, Caller, Line
from surveys.hotline.tests.company import Company
from surveys.hotline.tests.phone import Phone
from surveys.models import Contact

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
NOON = datetime(2026, 5, 4, 5, 0, tzinfo=UTC)  # 12:00 in Phnom Penh
NIGHT = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)  # 22:00


def owed(line: Line, **more: object) -> CallBack:
    contact = requests.keep_contact(number="012345678", wanted="call", language="km")
    return CallBack.objects.create(
        line=line, contact=contact, why="asked", next_at=NOON - timedelta(minutes=1), **more
    )


def test_a_call_we_owe_is_made_once_and_its_number_forgotten(line: Line, company: Company) -> None:
    owed(line)
    assert tasks.call_due(NOON.isoformat()) == 1
    path, fields = company.asked[0]
    assert path.endswith("/Calls.json")
    assert fields["To"] == "+85512345678"
    assert fields["Url"].startswith("https://hotline.example.kh/ivr/v1/voice/")
    assert tasks.call_due(NOON.isoformat()) == 0
    assert not Contact.objects.exists()
    assert Call.objects.get().direction == "outbound"


def test_nobody_is_called_at_night(line: Line, company: Company) -> None:
    owed(line)
    assert tasks.call_due(NIGHT.isoformat()) == 0
    assert company.asked == []


def test_who_said_never_is_not_called(line: Line, company: Company) -> None:
    call = owed(line)
    Caller.objects.create(caller_key=call.contact.caller_key, never_call=True)
    assert tasks.call_due(NOON.isoformat()) == 0
    assert company.asked == []
    assert not Contact.objects.exists()


def test_a_company_that_fails_is_tried_three_times(line: Line, company: Company) -> None:
    owed(line)
    company.broken = True
    for hours in (0, 3, 26, 60):
        tasks.call_due((NOON + timedelta(hours=hours)).isoformat())
    assert len(company.asked) == 3
    assert not CallBack.objects.filter(done_at=None).exists()


def test_an_answer_is_texted_with_the_standard_in_force(line: Line, company: Company) -> None:
    row = Standard.objects.in_force(timezone.localdate()).get(service__code="certified-copy")
    contact = requests.keep_contact(number="012345678", wanted="sms", language="en")
    assert tasks.send_answer(contact.pk, "certified-copy", "standard") == 1
    words = company.asked[0][1]["Body"]
    assert f"{row.fee:,} riel" in words
    assert f"{row.days_max} working days" in words
    assert len(words) <= 134
    assert not Contact.objects.exists()
    assert tasks.send_answer(contact.pk, "certified-copy", "standard") == 0


def test_a_message_that_could_not_be_sent_is_tried_again_and_its_number_kept(
    line: Line, company: Company
) -> None:
    contact = requests.keep_contact(number="012345678", wanted="sms", language="km")
    company.broken = True
    with pytest.raises(Retry):
        tasks.send_answer.apply(
            args=[contact.pk, "certified-copy", "standard"], throw=True, retries=0
        ).get()
    assert Contact.objects.exists()


def test_a_call_whose_callback_was_lost_is_closed_within_ten_minutes(
    line: Line, company: Company, dial: Dial
) -> None:
    dial()
    Call.objects.update(started_at=timezone.now() - timedelta(minutes=8))
    assert tasks.reconcile() == 1
    call = Call.objects.get()
    assert (call.status, call.seconds) == ("completed", 42)
    assert tasks.reconcile() == 0


def test_a_call_that_still_goes_on_is_left_alone(line: Line, company: Company, dial: Dial) -> None:
    dial()
    Call.objects.update(started_at=timezone.now() - timedelta(minutes=8))
    company.ending = {"status": "in-progress", "duration": None}
    assert tasks.reconcile() == 0
    assert Call.objects.get().ended_at is None


def test_a_due_request_is_followed_up_once_with_its_promised_day(
    line: Line,
    company: Company,
    client: object,
    recorded: list[str],
    heard: Callable[..., list[str]],
) -> None:
    kept, _code = requests.open_request(
        commune="010201",
        service="certified-copy",
        asked_on=timezone.localdate() - timedelta(days=30),
        channel="citizen",
        number="012345678",
        wanted="call",
    )
    assert tasks.remind_requests() == 1
    assert tasks.remind_requests() == 0
    CallBack.objects.update(next_at=NOON)
    assert tasks.call_due(NOON.isoformat()) == 1
    call = Call.objects.get()
    phone = Phone(
        client, line.pk, line.account_sid, "a secret of the telephone company", sid=call.sid
    )
    phone.execute(phone.post(f"/ivr/v1/voice/{line.pk}", Direction="outbound-api"))
    names = heard(phone)
    assert names[0] == "followup.intro"
    assert "request.late" in names
    phone.press("9")
    assert not Contact.objects.exists()
    assert Caller.objects.get(caller_key=call.caller_key).never_call
    kept.refresh_from_db()
    assert kept.closed_at is None


def test_keys_and_numbers_are_forgotten_in_time(line: Line, dial: Dial) -> None:
    dial()
    requests.keep_contact(number="012345679", wanted="sms", language="km")
    for key, never in (("a", False), ("b", True)):
        Caller.objects.create(caller_key=key, language="km", never_call=never)
    assert tasks.purge() == 0
    Caller.objects.update(last_call_at=timezone.now() - timedelta(days=400))
    Call.objects.update(started_at=timezone.now() - timedelta(days=400))
    Contact.objects.update(given_at=timezone.now() - timedelta(days=31))
    assert tasks.purge() == 3
    assert Caller.objects.get().caller_key == "b", "who said never stays on the list"
    assert Call.objects.get().caller_key == ""
    assert not Contact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_lost_callback_is_reconciled_by_the_worker_within_ten_minutes(
    line: Line, company: Company, dial: Dial, celery_worker_process: str
) -> None:
    from celery import current_app

    entry = schedule.SCHEDULE["calls without an end"]
    assert callbacks.LOST_AFTER + timedelta(seconds=entry["schedule"]) < timedelta(minutes=10)
    dial()
    Call.objects.update(started_at=timezone.now() - timedelta(minutes=8))
    assert current_app.send_task(entry["task"]).get(timeout=60) == 1
    call = Call.objects.get()
    assert (call.status, call.seconds) == ("completed", 42)
