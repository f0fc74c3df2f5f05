"""Write one message per person and quarter into the ledger, once the quarter is released."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from scorecards.plans.alerts.content import content
from scorecards.plans.models import AlertSubscription, Message
from scorecards.plans.reminders.due import may_send
from scorecards.reading.releases import newest
from standards.calendar import holiday_calendar

FRESH: Final = timedelta(days=60)
"""The age from which a release is old: later subscribers get the next one."""


def prepare(now: datetime) -> int:
    """Make the messages about the newest released quarter; return how many.

    Safe to repeat and to race. A correction of a release is the same quarter: nobody is written to
    again. Where a person has had a message today, the next day is taken.
    """
    if not may_send(timezone.localtime(now), holiday_calendar()):
        return 0
    releases = newest(1)
    if not releases or now - releases[0].published_at > FRESH:
        return 0
    period = releases[0].period
    waiting = AlertSubscription.objects.filter(state=AlertSubscription.State.ACTIVE).exclude(
        looked_at=period
    )
    keys = list(waiting.order_by("address_key").values_list("address_key", flat=True).distinct())
    return sum(_prepare_person(key, period, now) for key in keys)


@transaction.atomic
def _prepare_person(key: str, period: str, now: datetime) -> int:
    rows = list(
        AlertSubscription.objects.select_for_update(of=("self",))
        .filter(address_key=key, state=AlertSubscription.State.ACTIVE)
        .exclude(looked_at=period)
        .select_related("place")
    )
    if not rows:
        return 0
    made = 0
    if not all(content(row.place, period).is_empty for row in rows):
        if _is_sent_today(key, now):
            return 0  # one message per person and day: tomorrow
        _message, fresh = Message.objects.get_or_create(
            recipient_key=key,
            period=period,
            defaults={
                "subscription": rows[0],
                "channel": rows[0].channel,
                "day": timezone.localtime(now).date(),
                "made_at": now,
                "next_at": now,
            },
        )
        made = int(fresh)
    AlertSubscription.objects.filter(pk__in=[row.pk for row in rows]).update(looked_at=period)
    return made


def _is_sent_today(key: str, now: datetime) -> bool:
    day = timezone.localtime(now).date()
    return Message.objects.filter(recipient_key=key, day=day).exists()
