"""The lateness of an action in working days: arithmetic on dates."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import numpy as np

from khmer import workdays
from scorecards.plans.models import UNDER_WAY, Action
from standards.calendar import holiday_calendar

SOON: Final = 10
"""Working days before the promised day from which an action is due soon."""


def days_late(action: Action, today: date, *, calendar: np.busdaycalendar | None = None) -> int:
    """Return working days since the promised day.

    0 where the action is not late or not expected.
    """
    if action.state not in UNDER_WAY or action.due_on >= today:
        return 0
    days = workdays.count(
        action.due_on, today, calendar if calendar is not None else holiday_calendar()
    )
    return int(days or 0)


def slipped(action: Action) -> int:
    """Return days by which the promise was moved, since the day first promised."""
    return (action.due_on - action.first_due_on).days if action.first_due_on else 0


def soon_until(today: date) -> date:
    """Return the last day that counts as soon."""
    return workdays.add(today, SOON, holiday_calendar()) or today


def with_lateness(
    actions: Iterable[Action], today: date, calendar: np.busdaycalendar | None = None
) -> list[Action]:
    """Return the actions, each with ``late`` (working days) and ``slip`` (days) set for a page.

    A page of several lists passes the ``calendar``, so that the table is read once.
    """
    listed = list(actions)
    calendar = calendar if calendar is not None or not listed else holiday_calendar()
    for action in listed:
        action.late = days_late(action, today, calendar=calendar)  # type: ignore[attr-defined]
        action.slip = slipped(action)  # type: ignore[attr-defined]
    return listed
