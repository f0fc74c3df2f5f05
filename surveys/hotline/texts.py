"""Text messages: asked for, sent once, their words deleted at the company, their number here.

A message is a row that is due. It is sent at once where a worker is free; the sweep of every minute
sends what a failed company or worker left, so nothing waits in the broker for hours. A message is
claimed (its next try is moved on) before the company is asked.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from jobs.messages import send_after_commit
from standards.book import standard_for
from standards.models import Service
from surveys import phone_numbers, requests
from surveys.hotline import content, gateway, messages, outbound_calls
from surveys.hotline.models import Event, Line, TextMessage
from surveys.models import Contact

MESSAGES_A_DAY: Final = 5
"""The most messages to one caller."""
WAITS: Final = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16))
"""Times until the next try; after the last one a message is given up."""
ACCOUNT_WAIT: Final = timedelta(minutes=30)
"""Time between tries while the company refuses our account; such a try does not count."""
OLDEST: Final = timedelta(days=2)
"""A message that is older is not sent: nobody remembers having asked for it."""
AT_ONCE: Final = 50
DELETE_TRIES: Final = 12
DELETE_WITHIN: Final = timedelta(days=7)
SEND: Final = "surveys.hotline.tasks.send_text"
DELETABLE: Final = ("message.sent", "message.delivered", "message.undelivered", "message.failed")
"""States in which a company may delete the words of a message.

Somleng does it when a message was sent or failed, but not once it is delivered; so it is asked as
soon as the message is sent.
"""


def ask(
    *, number: str, language: str, kind: str, service: str = "", option: str = ""
) -> TextMessage | None:
    """Store a message that a caller asked for; None where this caller had enough of them today.

    Raises phone_numbers.UnreadableNumberError.
    """
    international = phone_numbers.international(number)
    key = phone_numbers.caller_key(international)
    day = timezone.now() - timedelta(days=1)
    if TextMessage.objects.filter(caller_key=key, made_at__gte=day).count() >= MESSAGES_A_DAY:
        return None
    return _keep(
        TextMessage(
            kind=kind,
            caller_key=key,
            sealed_number=phone_numbers.sealed(international),
            language=language,
            service_code=service,
            option=option,
        )
    )


def remind(contact: Contact) -> TextMessage:
    """Store the message that the promised day of a request has come."""
    return _keep(
        TextMessage(
            kind=TextMessage.Kind.REMINDER,
            caller_key=contact.caller_key,
            sealed_number=bytes(contact.sealed_number),
            language=contact.language,
            request=contact.request,
        )
    )


def _keep(message: TextMessage) -> TextMessage:
    message.save()
    send_after_commit(SEND, message.pk)
    return message


def due(moment: datetime) -> list[int]:
    """Return messages to send now, the oldest first, by primary key."""
    rows = TextMessage.objects.filter(done_at=None, next_at__lte=moment)
    return list(rows.order_by("next_at").values_list("pk", flat=True)[:AT_ONCE])


def send(pk: int, line: Line, moment: datetime) -> int:
    """Send one message that is due; 1 where the company accepted it.

    Several workers at the same time send it only once.
    """
    message = _claimed(pk, moment)
    if message is None:
        return 0
    words = "" if moment - message.made_at > OLDEST else _words(message, line)
    if not words:
        settle(message, TextMessage.Outcome.NOTHING)
        return 0
    try:
        number = phone_numbers.opened(bytes(message.sealed_number or b""))
        sid = gateway.send(line, number, words)
    except gateway.RefusedError as refused:
        opted_out = refused.code == gateway.OPTED_OUT
        if opted_out:
            outbound_calls.never_call(message.caller_key)
        outcome = TextMessage.Outcome.OPTED_OUT if opted_out else TextMessage.Outcome.REFUSED
        settle(message, outcome)
    except gateway.AccountError:
        message.tries -= 1
        message.next_at = moment + ACCOUNT_WAIT
        message.save(update_fields=["tries", "next_at"])
    except (gateway.GatewayError, phone_numbers.BrokenSealError):
        if message.tries > len(WAITS):
            settle(message, TextMessage.Outcome.FAILED)
    else:
        settle(message, TextMessage.Outcome.SENT, line=line, sid=sid)
        return 1
    return 0


def _claimed(pk: int, moment: datetime) -> TextMessage | None:
    """Return the message, if it is still due, with its next try moved on."""
    with transaction.atomic():
        message = (
            TextMessage.objects.select_for_update(skip_locked=True)
            .filter(pk=pk, done_at=None, next_at__lte=moment)
            .first()
        )
        if message is not None:
            message.next_at = moment + WAITS[min(message.tries, len(WAITS) - 1)]
            message.tries += 1
            message.save(update_fields=["tries", "next_at"])
    return message


def settle(message: TextMessage, outcome: str, *, line: Line | None = None, sid: str = "") -> None:
    """Record the outcome of a message and delete its number."""
    message.done_at, message.outcome, message.sealed_number = timezone.now(), outcome, None
    message.line, message.sid = line, sid
    message.save(update_fields=["done_at", "outcome", "sealed_number", "line", "sid"])


def _words(message: TextMessage, line: Line) -> str:
    """Write the text message in the reader's language; "" where nothing remains to be sent."""
    if message.kind == TextMessage.Kind.REMINDER:
        return _reminder(message, line)
    facts = content.content().facts.by_code.get(message.service_code)
    service = Service.objects.filter(code=message.service_code).first()
    if facts is None or service is None:
        return ""
    row = standard_for(service, message.option or "standard", None, timezone.localdate())
    return messages.answer(
        {"km": service.name_km, "en": service.name_en},
        facts.option(message.option),
        messages.checked_on(row),
        message.language,
    )


def _reminder(message: TextMessage, line: Line) -> str:
    request = message.request
    if request is None or request.closed_at is not None:
        return ""
    where = requests.following(request)
    if where.promised is None:
        return ""
    service = where.case.service
    name = {"km": service.name_km, "en": service.name_en}
    return messages.reminder(name, where.promised, line.number, message.language)


# -- deleting the words at the company -----------------------------------------------------


def to_empty(moment: datetime) -> list[tuple[int, str]]:
    """Return messages whose words the company still keeps and may delete: line and company's id."""
    ended = Event.objects.filter(line=OuterRef("line"), sid=OuterRef("sid"), kind__in=DELETABLE)
    rows = TextMessage.objects.filter(
        Exists(ended),
        words_deleted_at=None,
        delete_tries__lt=DELETE_TRIES,
        done_at__gte=moment - DELETE_WITHIN,
    ).exclude(sid="")
    return [(line, sid) for line, sid in rows.values_list("line", "sid")[:AT_ONCE]]


def empty(line: Line, sid: str) -> int:
    """Ask the company to delete the words of one message; 1 where it did."""
    rows = TextMessage.objects.filter(line=line, sid=sid, words_deleted_at=None)
    try:
        gateway.forget_words(line, sid)
    except gateway.UnknownError:
        rows.update(words_deleted_at=timezone.now())  # gone at the company
        return 0
    except gateway.GatewayError:
        for row in rows:
            row.delete_tries += 1
            row.save(update_fields=["delete_tries"])
        return 0
    rows.update(words_deleted_at=timezone.now())
    return 1
