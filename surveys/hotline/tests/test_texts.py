"""Text messages: one row each, sent once, limited a day, their words deleted at the company."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from surveys.hotline import gateway, tasks, texts
from surveys.hotline.models import CallBack, Caller, Event, Line, TextMessage
from surveys.hotline.tests.company import Company
from surveys.hotline.tests.conftest import TOKEN
from surveys.hotline.tests.phone import Phone
from surveys.hotline.tests.test_jobs import NOON, Dial, owed, text

pytestmark = pytest.mark.django_db


def test_who_opted_out_at_the_company_is_never_called_or_texted_again(
    line: Line, company: Company
) -> None:
    owed(line)
    message = text()
    other = text(service="id-card")
    company.refusal = (400, int(gateway.OPTED_OUT))
    assert tasks.send_text(message.pk) == 0
    assert Caller.objects.get(caller_key=message.caller_key).never_call
    for row in TextMessage.objects.all():
        assert (row.outcome, row.sealed_number) == ("opted_out", None)
    assert other.pk in TextMessage.objects.values_list("pk", flat=True)
    assert CallBack.objects.get().outcome == "never_call"
    assert tasks.call_due(NOON.isoformat()) == 0


def test_a_message_that_cannot_be_sent_is_tried_four_times_and_leaves_no_number(
    line: Line, company: Company
) -> None:
    message = text()
    company.broken = True
    now = timezone.now()
    for minutes in (0, 0.5, 1.5, 3, 6, 10, 23, 60):
        tasks.send_due_texts((now + timedelta(minutes=minutes)).isoformat())
    message.refresh_from_db()
    assert len(company.asked) == 4
    assert (message.outcome, message.sealed_number) == ("failed", None)
    refused = text()
    company.broken, company.refusal = False, (400, 21211)
    assert tasks.send_text(refused.pk) == 0
    refused.refresh_from_db()
    assert (refused.outcome, refused.sealed_number) == ("refused", None)


def test_two_messages_of_one_caller_are_two_rows_and_both_arrive(
    line: Line, company: Company
) -> None:
    first, second = text(), text(service="id-card")
    assert first.pk != second.pk
    assert tasks.send_text(first.pk) == tasks.send_text(second.pk) == 1
    assert tasks.send_text(first.pk) == 0, "sent once"
    words = [fields["Body"] for _path, fields in company.asked]
    assert len(words) == 2
    assert words[0] != words[1]
    assert not TextMessage.objects.exclude(sealed_number=None).exists()


def test_only_messages_count_for_the_limit_of_messages(
    line: Line, dial: Dial, recorded: list[str], heard: Callable[..., list[str]]
) -> None:
    phone = dial().keys("11")  # a price
    for _time in range(texts.MESSAGES_A_DAY):
        assert heard(phone.press("2"))[0] == "sms.sent"
        phone.keys("#1")
    for _time in range(3):  # hearing prices and papers sends nothing
        phone.keys("1#1")
    assert TextMessage.objects.count() == texts.MESSAGES_A_DAY
    assert heard(phone.press("2"))[0] == "sms.impossible"
    other = dial(number="+85598765432").keys("11")
    assert heard(other.press("2"))[0] == "sms.sent", "another caller has a limit of his own"


@pytest.mark.parametrize("ends", ["delivered", "failed", "undelivered"])
def test_the_words_of_a_message_are_deleted_as_soon_as_somleng_allows_it(
    line: Line, company: Company, client: Client, ends: str, django_capture_on_commit_callbacks: Any
) -> None:
    message = text()
    tasks.send_text(message.pk)
    message.refresh_from_db()
    phone = Phone(client, line.pk, line.account_sid, TOKEN)

    def receive(state: str) -> int:
        with django_capture_on_commit_callbacks() as asked:
            where = f"/ivr/v1/status/{line.pk}"
            assert phone.post(where, MessageSid=message.sid, MessageStatus=state).status_code == 200
        return len(asked)

    assert receive("queued") == 0
    assert receive("sent") == 1, "as Somleng says it: not any more once it is delivered"
    assert receive(ends) == 1
    assert receive(ends) == receive("nonsense") == 0
    company.refusal = (422, "S1003")  # cannot be updated before it is complete
    assert tasks.forget_words(line.pk, message.sid) == 0
    company.refusal = None
    assert tasks.forget_all_words() == 1
    path, fields = company.asked[-1]
    assert path.endswith(f"/Messages/{message.sid}.json")
    assert fields == {"Body": ""}
    assert tasks.forget_all_words() == 0
    assert "12345678" not in str(list(Event.objects.values()) + list(TextMessage.objects.values()))
