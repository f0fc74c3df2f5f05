"""The working-day calendar as a table, for SQL: made from ``standards.calendar``."""

from datetime import date, timedelta

import numpy as np
from django.db import connection, transaction

from scorecards.models import WorkDay
from scorecards.storage import partitions
from standards.calendar import holiday_calendar
from surveys.models import ObservationChange

FIRST = date(1990, 1, 1)
AHEAD = timedelta(days=550)

_MAY_END = "f.is_open OR f.days IS NULL OR f.asked_on + 30 + 2 * f.days >= %s"
"""The facts of requests that may have waited on this day: so many working days end earlier."""


def fill(today: date) -> None:
    """Fill the table where it does not reach today: in a new database, or after a long stop.

    Without it no case has working days, and cases judged then would stay wrong.
    """
    if not WorkDay.objects.filter(day__gte=today).exists():
        refresh(today)


def refresh(today: date) -> date | None:
    """Bring the table in line with the holidays; return the first day counted differently, or None.

    Covers 1990 until at least a year from ``today``. In the same transaction every commune and
    month is noted whose cases were judged with the earlier days: only the first of several workers
    finds a change, and nothing may depend on which one that is. Safe to race: the later one waits
    and then finds nothing to do.
    """
    if not _changed(today):
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('work days'))")
        changed = _changed(today)
        cursor.execute(
            "INSERT INTO scorecards_workday (day, ordinal) "
            "SELECT * FROM unnest(%s::date[], %s::int[]) "
            "ON CONFLICT (day) DO UPDATE SET ordinal = excluded.ordinal",
            [list(changed), [number for number, _was_there in changed.values()]],
        )
        # A missing day counted as unknown; a case may have been judged with it.
        first = min((day for day, (_, was) in changed.items() if was or day <= today), default=None)
        if first is not None:
            _note_cases(first)
    return first


def _changed(today: date) -> dict[date, tuple[int, bool]]:
    """Return the days whose number is wrong or missing.

    Each has the right number, and whether one was there.
    """
    work_days = dict(WorkDay.objects.values_list("day", "ordinal"))
    last = max(work_days, default=FIRST)
    until = today + AHEAD if last < today + timedelta(days=365) else last
    days = np.arange(np.datetime64(FIRST), np.datetime64(until) + 1)
    ordinals = np.cumsum(np.is_busday(days, busdaycal=holiday_calendar()))
    fresh = zip(days.tolist(), ordinals.tolist(), strict=True)
    return {
        day: (number, day in work_days) for day, number in fresh if work_days.get(day) != number
    }


def _note_cases(first: date) -> None:
    """Have the cases judged again that may have waited on ``first`` or later, by commune.

    Waits for computations that judge with the earlier days, and delays others until the end of the
    transaction; readers are not affected.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {partitions.FACTS} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            f"INSERT INTO {ObservationChange._meta.db_table} "  # noqa: S608 - names of ours
            "(province_code, commune_code, month, observation, changed_at) "
            "SELECT DISTINCT f.province_code, f.commune_code, to_date(f.month, 'YYYY-MM'), "
            f"'case', now() FROM {partitions.FACTS} f "
            f"WHERE {_MAY_END}",
            [first],
        )
