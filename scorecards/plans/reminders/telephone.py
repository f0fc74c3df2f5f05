"""Messages that a person passes on to an office by telephone."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.permissions import covered, may
from audit import trail
from scorecards.plans.models import Action, ContactChannel, Message
from scorecards.plans.reminders import texts

MOST_SHOWN = 50


@dataclass(frozen=True)
class Call:
    """An office to be telephoned, and what to say to it."""

    message: Message
    lines: list[tuple[Action, str]]


def _rows(user: User) -> QuerySet[Message]:
    """Return calls that wait in this person's places."""
    return Message.objects.filter(
        covered(user, "plans.confirm", place="office__place__code"),
        channel=ContactChannel.TELEPHONE,
        done_at=None,
    ).select_related("office__place")


def waiting(user: User) -> list[Call]:
    """Return calls to offices of this person's places, the oldest first."""
    return [
        Call(message, texts.lines(message)) for message in _rows(user).order_by("day")[:MOST_SHOWN]
    ]


def message_or_none(user: User, pk: int) -> Message | None:
    """Return a call that waits in this person's places, or None."""
    return _rows(user).filter(pk=pk).first()


@transaction.atomic
def record_call(*, by: User, message: Message, reached: bool) -> Message:
    """Record the outcome of a call.

    An office not reached is tried again another day, three times.
    """
    message = (
        Message.objects.select_for_update(of=("self",)).select_related("office").get(pk=message.pk)
    )
    office = message.office
    if office is None or not may(by, "plans.confirm", place=office.place_id):
        raise PermissionDenied
    if message.done_at is not None:
        return message
    message.tries += 1
    if reached or message.tries >= 3:
        message.done_at = timezone.now()
        message.outcome = Message.Outcome.CALLED if reached else Message.Outcome.UNREACHED
    message.save()
    trail.record(
        by=by,
        verb="plan.office_called",
        subject=office,
        place_code=office.place_id,
        after={"reached": reached},
    )
    return message
