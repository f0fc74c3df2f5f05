"""Send the reminders of the ledger.

One message per person and day, claimed before it is handed over.

A message is claimed in a transaction of its own; right before its channel can take it, the moment
is recorded; then the outcome. A worker killed after that moment leaves a message that may have been
taken: the channel is asked, and where it cannot say (e-mail, Telegram), no program sends it again
and a person telephones (docs/decisions/0035-reminders-once.md).
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from jobs.clock import database_now
from scorecards.plans.alerts import texts as alert_texts
from scorecards.plans.channels import Letter, Transport, transport_of, writes
from scorecards.plans.channels.errors import (
    CannotTellError,
    ChannelError,
    RefusedError,
    UnclearError,
)
from scorecards.plans.models import ContactChannel, Message, Office, Reminder
from scorecards.plans.reminders import texts
from scorecards.plans.reminders.collect import promise_of
from scorecards.plans.reminders.due import may_send, still_holds
from sealing import BrokenSealError, Purpose, open_seal
from standards.calendar import holiday_calendar

log = logging.getLogger(__name__)
WAITS: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=3))
"""Times until the next try; the last one repeats."""
GIVEN_UP: Final = timedelta(days=3)
"""The time after which a person telephones instead."""
AT_ONCE: Final = 500


def pack(now: datetime) -> int:
    """Make today's messages of the reminders that wait; return how many messages were made.

    People who had a message today get the rest tomorrow. Reminders that are no longer true are
    dropped.
    """
    local = timezone.localtime(now)
    if not may_send(local, holiday_calendar()):
        return 0
    waiting = Reminder.objects.filter(message=None, dropped_at=None)
    offices = list(waiting.order_by("office").values_list("office", flat=True).distinct())
    return sum(_pack_office(pk, now) for pk in offices)


@transaction.atomic
def _pack_office(pk: int, now: datetime) -> int:
    office = Office.objects.select_for_update().get(pk=pk)
    rows = list(
        Reminder.objects.select_for_update(of=("self",))
        .filter(office=office, message=None, dropped_at=None)
        .select_related("action__plan")
    )
    kept = []
    for row in rows:
        if still_holds(row.kind, row.on, promise_of(row.action)):
            kept.append(row.pk)
        else:
            row.dropped_at = now
            row.save(update_fields=["dropped_at"])
    if not kept or office.channel == ContactChannel.NONE:
        return 0
    day = timezone.localtime(now).date()
    message, fresh = Message.objects.get_or_create(
        recipient_key=office.address_key,
        day=day,
        defaults={"office": office, "channel": office.channel, "made_at": now, "next_at": now},
    )
    if not fresh:
        message = Message.objects.select_for_update().get(pk=message.pk)
        if message.done_at or message.tries:
            return 0  # this person has had a message today
    Reminder.objects.filter(pk__in=kept).update(message=message)
    return int(fresh)


def send_due(now: datetime) -> int:
    """Send every message that is due; return how many were accepted.

    Safe to repeat and to race.
    """
    local = timezone.localtime(now)
    if not may_send(local, holiday_calendar()):
        return 0
    rows = Message.objects.filter(done_at=None, next_at__lte=now).exclude(
        channel=ContactChannel.TELEPHONE
    )
    due = list(rows.order_by("next_at").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_send_one(pk, now) for pk in due)


def _claim(pk: int, now: datetime) -> Message | None:
    """Claim one message for this worker; None where another has it or it is done."""
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=pk, done_at=None, next_at__lte=now)
            .select_related("office", "subscription")
            .first()
        )
        if message is None:
            return None
        if now - message.made_at > GIVEN_UP and message.subscription_id:
            message.done_at, message.next_at = now, None
            message.outcome = Message.Outcome.UNREACHED  # nobody telephones about an alert
            message.save(update_fields=["done_at", "next_at", "outcome"])
            return None
        if now - message.made_at > GIVEN_UP:
            message.channel, message.next_at, message.tries = ContactChannel.TELEPHONE, None, 0
            message.save(update_fields=["channel", "next_at", "tries"])
            return None
        message.tries += 1
        message.claimed_at = now
        message.next_at = now + WAITS[min(message.tries, len(WAITS)) - 1]
        message.save(update_fields=["tries", "claimed_at", "next_at"])
    return message


def _send_one(pk: int, now: datetime) -> int:
    message = _claim(pk, now)
    if message is None or not writes(message.channel):
        return 0
    transport = transport_of(message.channel)
    try:
        if not transport.is_configured():
            raise ChannelError("not configured")
        reference = _deliver(message, transport)
    except RefusedError:
        _record(message, Message.Outcome.REFUSED, now)
        return 0
    except CannotTellError:
        _leave_to_person(message, now)
        return 0
    except UnclearError as trouble:
        log.warning("message %s may have been taken: %s", message.pk, trouble)
        return 0
    except (ChannelError, BrokenSealError) as trouble:
        _unfinished(message).update(handed_at=None)
        log.warning("message %s waits: %s", message.pk, trouble)
        return 0
    _record(message, Message.Outcome.SENT, now, reference)
    return 1


def _deliver(message: Message, transport: Transport) -> str:
    """Send a message unless its channel accepted it before; return the channel's reference.

    Raises CannotTellError where it may have been accepted and nobody can say.
    """
    recipient = message.office or message.subscription
    assert recipient is not None
    address = open_seal(bytes(recipient.sealed_address or b""), Purpose.CONTACT)
    key = str(message.key)
    if message.handed_at is not None:
        try:
            reference = transport.find(address, key, message.made_at)
        except CannotTellError:
            raise
        except ChannelError as trouble:
            raise UnclearError(str(trouble)) from None
        if reference is not None:
            return reference
    letter = Letter(address, key, *written(message))
    return transport.send(letter, lambda: _hand_over(message))


def _hand_over(message: Message) -> None:
    """Record that the channel may have the message from now on.

    Raises ChannelError where another worker took it over: only one of the two may continue.
    """
    moment = database_now()
    if not _unfinished(message).update(handed_at=moment):
        raise TakenOverError
    message.handed_at = moment


class TakenOverError(UnclearError):
    """Another worker has this message now."""


def _unfinished(message: Message) -> QuerySet[Message]:
    """Return the row of a message, where it is still claimed by this worker."""
    return Message.objects.filter(
        pk=message.pk, done_at=None, tries=message.tries, handed_at=message.handed_at
    )


def _leave_to_person(message: Message, now: datetime) -> None:
    """Leave a message that may have been accepted to a person, who asks the office.

    Nobody telephones about an alert: the next one comes with the next quarter.
    """
    if message.subscription_id:
        _record(message, Message.Outcome.UNCLEAR, now)
    else:
        _unfinished(message).update(channel=ContactChannel.TELEPHONE, next_at=None, tries=0)


def written(message: Message) -> tuple[str, str]:
    """Return subject and text of a reminder or an alert."""
    return alert_texts.written(message) if message.subscription_id else texts.written(message)


def _record(message: Message, outcome: str, now: datetime, reference: str = "") -> None:
    """Record the outcome of a message."""
    Message.objects.filter(pk=message.pk, done_at=None).update(
        done_at=now,
        outcome=outcome,
        reference=reference[:120],
        next_at=None,
        channel=message.channel,
    )
