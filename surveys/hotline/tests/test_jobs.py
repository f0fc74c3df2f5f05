"""Calls we owe, messages, lost callbacks and forgetting: jobs against a company over HTTP."""

import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.exceptions import Retry
from django.test import Client
from django.utils import timezone

from standards.models import Standard
from surveys import requests
from surveys.hotline import callbacks, figures, gateway, schedule, tasks
from surveys.hotline import owed as promises
from surveys.hotline.models import Call, CallBack, Caller, Event, Line
from surveys.hotline.tests.company import Company
from surveys.hotline.tests.conftest import TOKEN
from surveys.hotline.tests.phone import Phone
from surveys.models import Contact

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
NOON = datetime(2026, 5, 4, 5, 0, tzinfo=UTC)  # 12:00 in Phnom Penh
NUMBER = "+85512345678"
NIGHT = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)  # 22:00


def owed(line: Line, **more: object) -> CallBack:
    contact = requests.keep_contact(number="012345678", wanted="call", language="km")
    return CallBack.objects.create(
        line=line,
        contact=contact,
        caller_key=contact.caller_key,
        why="asked",
        next_at=NOON - timedelta(minutes=1),
        **more,
    )


def end(phone: Phone, line: Line, status: str, **more: str) -> None:
    """The company tells how a call of ours ended."""
    phone.post(f"/ivr/v1/status/{line.pk}", CallStatus=status, Direction="outbound-api", **more)


def test_a_call_we_owe_is_made_once_and_its_number_forgotten(
    line: Line, company: Company, client: Client
) -> None:
    owed(line)
    assert tasks.call_due(NOON.isoformat()) == 1
    path, fields = company.asked[0]
    assert path.endswith("/Calls.json")
    assert fields["To"] == "+85512345678"
    assert fields["Url"].startswith("https://hotline.example.kh/ivr/v1/voice/")
    assert tasks.call_due(NOON.isoformat()) == 0
    call = Call.objects.get()
    assert call.direction == "outbound"
    phone = Phone(client, line.pk, line.account_sid, TOKEN, sid=call.sid)
    phone.execute(phone.post(f"/ivr/v1/voice/{line.pk}", Direction="outbound-api"))
    assert Contact.objects.exists(), "until somebody has answered"
    end(phone, line, "completed", CallDuration="30")
    assert not Contact.objects.exists()
    kept = CallBack.objects.get()
    assert (kept.outcome, kept.contact) == ("reached", None)


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
    for hours in (0, 3, 31, 80):
        tasks.call_due((NOON + timedelta(hours=hours)).isoformat())
    assert len(company.asked) == 3
    assert CallBack.objects.get().outcome == "failed"
    assert not CallBack.objects.filter(done_at=None).exists()


@pytest.mark.parametrize("ending", ["no-answer", "busy", "failed", "canceled"])
def test_whom_we_do_not_reach_is_called_again_in_two_hours_and_the_next_evening(
    line: Line, company: Company, client: Client, ending: str
) -> None:
    owed(line)
    evening = datetime(2026, 5, 5, 11, 0, tzinfo=UTC)  # 18:00 the next day in Phnom Penh
    for moment, again in ((NOON, NOON + timedelta(hours=2)), (NOON + timedelta(hours=2), evening),
                          (evening, None)):  # fmt: skip
        assert tasks.call_due(moment.isoformat()) == 1
        call = Call.objects.get(ended_at=None)
        end(Phone(client, line.pk, line.account_sid, TOKEN, sid=call.sid), line, ending)
        kept = CallBack.objects.get()
        if again:
            assert (kept.done_at, kept.next_at) == (None, again)
            assert tasks.call_due((again - timedelta(seconds=1)).isoformat()) == 0
        else:
            assert kept.outcome == "not_reached"
    assert Call.objects.count() == 3
    assert not Contact.objects.exists()


def test_a_number_the_company_refuses_is_forgotten_at_once(line: Line, company: Company) -> None:
    owed(line)
    company.refusal = (400, 21211)  # "is not a valid phone number"
    assert tasks.call_due(NOON.isoformat()) == 0
    assert CallBack.objects.get().outcome == "refused"
    assert not Contact.objects.exists()
    assert len(company.asked) == 1


@pytest.mark.parametrize(("status", "permanent"), [
    (400, True), (404, True), (422, True), (401, False), (429, False), (500, False), (503, False),
])  # fmt: skip
def test_what_a_company_answers_is_a_refusal_or_a_matter_of_time_and_never_shows_a_number(
    line: Line, company: Company, status: int, permanent: bool
) -> None:
    line.refresh_from_db()
    company.refusal = (status, 20003)
    with pytest.raises(gateway.GatewayError) as failed:
        gateway.send(line, NUMBER, "words")
    assert isinstance(failed.value, gateway.RefusedError) is permanent
    told = "".join(traceback.format_exception(failed.value))
    assert "12345678" not in told
    line.api_base = "http://127.0.0.1:1"  # nobody answers there
    with pytest.raises(gateway.GatewayError):
        gateway.send(line, NUMBER, "words")


def test_who_opted_out_at_the_company_is_never_called_or_texted_again(
    line: Line, company: Company
) -> None:
    owed(line)
    contact = requests.keep_contact(number="012345678", wanted="sms", language="km")
    company.refusal = (400, gateway.OPTED_OUT)
    assert tasks.send_answer(contact.pk, "certified-copy", "standard") == 0
    assert Caller.objects.get(caller_key=contact.caller_key).never_call
    assert not Contact.objects.exists()
    assert CallBack.objects.get().outcome == "never_call"
    assert tasks.call_due(NOON.isoformat()) == 0


def test_a_message_that_never_can_be_sent_leaves_no_number(line: Line, company: Company) -> None:
    for refusal, retries in (((400, 21211), 0), (None, 3)):
        contact = requests.keep_contact(number="012345678", wanted="sms", language="km")
        company.refusal, company.broken = refusal, refusal is None
        args = [contact.pk, "certified-copy", "standard"]
        assert tasks.send_answer.apply(args=args, retries=retries, throw=True).get() == 0
        assert not Contact.objects.exists()


def test_a_messages_way_is_noted_once_and_its_words_are_forgotten_at_the_company(
    line: Line, company: Company, client: Client
) -> None:
    line.refresh_from_db()
    sid = gateway.send(line, "+85512345678", "words")
    assert company.asked[0][1]["StatusCallback"].endswith(f"/ivr/v1/status/{line.pk}")
    phone = Phone(client, line.pk, line.account_sid, TOKEN)
    for state in ("queued", "sent", "delivered", "delivered", "nonsense"):
        answer = phone.post(f"/ivr/v1/status/{line.pk}", MessageSid=sid, MessageStatus=state)
        assert answer.status_code == 200
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["message.queued", "message.sent", "message.delivered"]
    assert "12345678" not in str(list(Event.objects.values()))
    assert tasks.forget_words(line.pk, sid) == 1
    path, fields = company.asked[-1]
    assert path.endswith(f"/Messages/{sid}.json")
    assert fields == {"Body": ""}


def test_who_wanted_a_message_is_texted_on_the_promised_day_and_not_called(
    line: Line, company: Company, django_capture_on_commit_callbacks: Any
) -> None:
    kept, _code = requests.open_request(
        commune="010201",
        service="certified-copy",
        asked_on=timezone.localdate() - timedelta(days=30),
        channel="citizen",
        number="012345678",
        wanted="sms",
    )
    with django_capture_on_commit_callbacks() as asked:
        assert tasks.remind_requests() == 1
    assert len(asked) == 1
    assert not CallBack.objects.exists()
    contact = kept.contacts.get()
    assert tasks.send_reminder(contact.pk) == 1
    words = company.asked[0][1]["Body"]
    assert f"{requests.following(kept).promised:%d/%m/%Y}" in words
    assert line.number in words
    assert len(words) <= 134
    assert kept.contacts.exists(), "kept until the request is closed"
    requests.close_request(request=kept, channel="citizen")
    assert tasks.send_reminder(contact.pk) == 0


def test_a_promise_that_cannot_be_kept_is_not_made(
    line: Line, dial: Dial, recorded: list[str], heard: Callable[..., list[str]]
) -> None:
    Caller.objects.create(caller_key=promises.key_of(NUMBER), language="km")
    for _time in range(promises.CALL_BACKS_A_DAY):
        assert "callback.promised" in heard(dial().press("4").press("1"))
    assert "callback.impossible" in heard(dial().press("4").press("1"))
    withheld = dial(number="anonymous").press("1").press("1").press("1").press("2")
    assert heard(withheld)[0] == "sms.impossible"
    # who once wanted no calls, and asks for one now, is called
    Caller.objects.update_or_create(
        caller_key=promises.key_of("+85598765432"), defaults={"never_call": True, "language": "km"}
    )
    asked = dial(number="+85598765432").press("4").press("1")
    assert "callback.promised" in heard(asked)


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
    assert figures.summary(timezone.now() - timedelta(days=1)).reconciled == 1


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
    assert names == ["followup.intro", "followup.menu"]
    told = heard(phone.press("1"))
    assert told[:2] == ["service.certified-copy", "request.promised"]
    assert "request.late" in told
    phone.press("*").press("9")
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
