"""The reminders of one action that apply on a day: arithmetic on dates, no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

import numpy as np

from khmer import workdays
from scorecards.plans.models.reminders import Reminder
from scorecards.plans.models.vocabulary import UNDER_WAY, State

BEFORE: Final = 10
"""Working days before the promised day."""
LATE: Final = ((Reminder.Kind.LATE_5, 5), (Reminder.Kind.LATE_20, 20))
"""Working days late; the office above is written to as well."""
REPEATED_FOR: Final = 30
"""Days after agreeing in which the owner still gets a message about it."""
MORNING, EVENING = time(7), time(19)


@dataclass(frozen=True)
class Promise:
    """The fields of an action that decide about its reminders."""

    state: str
    starts_on: date
    due_on: date
    agreed_on: date | None = None


def reminders_of(
    promise: Promise, today: date, calendar: np.busdaycalendar
) -> Iterator[tuple[str, date]]:
    """Yield kind and day of each reminder that applies on ``today``.

    The day belongs to the reason and is the same on whichever ``today``.
    """
    if promise.state not in UNDER_WAY:
        return
    if promise.agreed_on and 0 <= (today - promise.agreed_on).days <= REPEATED_FOR:
        yield Reminder.Kind.AGREED, promise.agreed_on
    if promise.state == State.OPEN and promise.starts_on <= today:
        yield Reminder.Kind.NOT_STARTED, promise.starts_on
    if today <= promise.due_on:
        left = workdays.count(today, promise.due_on, calendar) or 0
        if left <= BEFORE:
            yield Reminder.Kind.BEFORE, promise.due_on
    if promise.due_on <= today:
        yield Reminder.Kind.DUE, promise.due_on
        late = workdays.count(promise.due_on, today, calendar) or 0
        for kind, days in LATE:
            if late >= days:
                yield kind, promise.due_on


def still_holds(kind: str, on: date, promise: Promise) -> bool:
    """Return whether an unsent reminder is still true: not after the action ended or was moved."""
    if kind == Reminder.Kind.DENIED:
        return promise.state in UNDER_WAY
    if promise.state not in UNDER_WAY:
        return False
    if kind == Reminder.Kind.NOT_STARTED:
        return promise.state == State.OPEN and on == promise.starts_on
    if kind == Reminder.Kind.AGREED:
        return True
    return on == promise.due_on


def may_send(moment: datetime, calendar: np.busdaycalendar) -> bool:
    """Return whether ``moment`` (local time) is in office hours: a working day, 07:00 to 19:00."""
    return MORNING <= moment.time() < EVENING and bool(
        np.is_busday(np.datetime64(moment.date(), "D"), busdaycal=calendar)
    )
