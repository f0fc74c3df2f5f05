"""The working-day calendar as a table, for SQL: made from ``standards.calendar``."""

from datetime import date, timedelta

import numpy as np
from django.db import connection, transaction

from scorecards.models import WorkDay
from standards.calendar import holiday_calendar

FIRST = date(1990, 1, 1)
AHEAD = timedelta(days=550)


def fill(today: date) -> None:
    """Make the table where it does not reach today: in a new database, or after a long stop.

    Without it no case has working days, and what is judged then would stay wrong.
    """
    if not WorkDay.objects.filter(day__gte=today).exists():
        refresh(today)


def refresh(today: date) -> date | None:
    """Make the table say what the holidays say; the first day that changed, or None.

    Covers 1990 until at least a year from ``today``. Safe to race: the later one waits
    and then finds nothing to do.
    """
    work_days = dict(WorkDay.objects.values_list("day", "ordinal"))
    last = max(work_days, default=FIRST)
    until = today + AHEAD if last < today + timedelta(days=365) else last
    days = np.arange(np.datetime64(FIRST), np.datetime64(until) + 1)
    ordinals = np.cumsum(np.is_busday(days, busdaycal=holiday_calendar()))
    fresh = zip(days.tolist(), ordinals.tolist(), strict=True)
    changed = [(day, number) for day, number in fresh if work_days.get(day) != number]
    if changed:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('work days'))")
            cursor.execute(
                "INSERT INTO scorecards_workday (day, ordinal) "
                "SELECT * FROM unnest(%s::date[], %s::int[]) "
                "ON CONFLICT (day) DO UPDATE SET ordinal = excluded.ordinal",
                [[day for day, _ in changed], [number for _, number in changed]],
            )
    return min((day for day, _ in changed if day in work_days), default=None)
