"""Holidays from the table, and days counted with them: the one place for working days.

The arithmetic itself is ``khmer.workdays``. Here it meets the table of holidays,
which people edit: predicted days become official, some are cancelled, new ones
are decreed. A running program notices by asking the table how many rows it has
and when one last changed (one short query per call), so an edit counts from the
next call on, in every process, and a rolled back edit never counts.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from django.db.models import Count, Max

from khmer import workdays
from khmer.workdays import Dates, Floats
from standards.models import DayKind, Holiday, Standard


def holidays() -> Dates:
    """Return every day on which offices are closed, official or predicted, less those cancelled."""
    return holiday_calendar().holidays


def holiday_calendar() -> np.busdaycalendar:
    """Return the calendar of Monday to Friday less the holidays, for numpy.

    It is made again when the table changes.
    """
    seen = Holiday.objects.aggregate(rows=Count("pk"), changed=Max("changed_at"))
    return _calendar(seen["rows"], seen["changed"])


@lru_cache(maxsize=2)
def _calendar(rows: int, changed: datetime | None) -> np.busdaycalendar:
    """Return the calendar of one state of the table; the arguments only name that state."""
    return workdays.calendar_of(
        list(Holiday.objects.filter(is_cancelled=False).values_list("date", flat=True))
    )


def elapsed(
    asked: Any, until: Any, day_kind: Any, *, calendar: np.busdaycalendar | None = None
) -> Floats:
    """Return days from ``asked`` (day 0) to ``until``, each in its own ``day_kind``.

    Arrays (or single values) of dates and of "working", "calendar" or "" in; an array
    of floats out, NaN where a date or the kind of day is not known. Pass
    ``calendar`` in a loop, to save a query each time.
    """
    start, end, kinds = np.broadcast_arrays(
        np.atleast_1d(workdays.as_days(asked)),
        np.atleast_1d(workdays.as_days(until)),
        np.atleast_1d(np.asarray(day_kind, dtype=object)),
    )
    answer = np.full(start.shape, np.nan)
    pick = kinds == DayKind.WORKING.value
    if pick.any():
        days_off = holiday_calendar() if calendar is None else calendar
        answer[pick] = workdays.count(start[pick], end[pick], days_off)
    pick = kinds == DayKind.CALENDAR.value
    answer[pick] = workdays.count_calendar(start[pick], end[pick])
    return answer


def promised_day(
    asked_on: date | None,
    standard: Standard | None,
    *,
    calendar: np.busdaycalendar | None = None,
) -> date | None:
    """Return the last day that still meets the standard.

    None where no time was published.
    """
    if asked_on is None or standard is None or standard.days_max is None:
        return None
    if standard.day_kind == DayKind.CALENDAR:
        return workdays.add_calendar(asked_on, standard.days_max)
    days_off = holiday_calendar() if calendar is None else calendar
    return workdays.add(asked_on, standard.days_max, days_off)
