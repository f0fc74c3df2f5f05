"""Days counted with the table of holidays, which people edit while programs run."""

from datetime import date

import numpy as np
import pytest
from django.db import transaction

from standards import calendar
from standards.models import DayKind, Standard
from standards.tests.factories import holiday

pytestmark = pytest.mark.django_db

FRIDAY, THURSDAY = date(2026, 11, 20), date(2026, 11, 26)


def test_each_request_is_counted_in_its_own_kind_of_day():
    for day in (23, 24, 25):
        holiday(date(2026, 11, day))
    asked = np.array([FRIDAY] * 4 + [None], dtype="datetime64[D]")
    kinds = np.array(["working", "calendar", "", None, "working"], dtype=object)
    np.testing.assert_array_equal(
        calendar.elapsed(asked, THURSDAY, kinds), [1, 6, np.nan, np.nan, np.nan]
    )


def test_an_edit_of_a_holiday_counts_from_the_next_call_on():
    assert calendar.elapsed(FRIDAY, THURSDAY, DayKind.WORKING).tolist() == [4]
    day = holiday(date(2026, 11, 24))
    assert calendar.elapsed(FRIDAY, THURSDAY, DayKind.WORKING).tolist() == [3]
    day.is_cancelled = True
    day.save()
    assert calendar.elapsed(FRIDAY, THURSDAY, DayKind.WORKING).tolist() == [4]
    day.delete()
    assert calendar.elapsed(FRIDAY, THURSDAY, DayKind.WORKING).tolist() == [4]


def test_an_edit_that_was_rolled_back_never_counts():
    with transaction.atomic():
        holiday(date(2026, 11, 24))
        assert calendar.elapsed(FRIDAY, THURSDAY, DayKind.WORKING).tolist() == [3]
        transaction.set_rollback(True)
    assert calendar.elapsed(FRIDAY, THURSDAY, DayKind.WORKING).tolist() == [4]


def test_the_promised_day_follows_the_kind_of_day_of_the_standard():
    holiday(date(2026, 11, 23))
    working = Standard(days_max=1, day_kind=DayKind.WORKING)
    natural = Standard(days_max=1, day_kind=DayKind.CALENDAR)
    assert calendar.promised_day(FRIDAY, working) == date(2026, 11, 24)
    assert calendar.promised_day(FRIDAY, natural) == date(2026, 11, 21)


def test_where_no_time_was_published_no_day_is_promised():
    assert calendar.promised_day(FRIDAY, Standard()) is None
    assert calendar.promised_day(FRIDAY, None) is None
    assert calendar.promised_day(None, Standard(days_max=1, day_kind=DayKind.WORKING)) is None


def test_a_calendar_read_once_needs_no_query(django_assert_num_queries):
    days_off = calendar.holiday_calendar()
    with django_assert_num_queries(0):
        calendar.elapsed([FRIDAY] * 3, THURSDAY, "working", calendar=days_off)
