"""Working days: the arithmetic against a naive walk from day to day."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khmer import workdays

FRIDAY = date(2026, 11, 20)
WATER_FESTIVAL = [date(2026, 11, d) for d in (23, 24, 25)]

days = st.dates(date(2018, 1, 1), date(2027, 12, 31))
sets_of_days = st.sets(days, max_size=40)


def naive_count(asked: date, received: date, holidays: set[date]) -> int:
    """Walk from day to day, as a person with a wall calendar would."""
    seen, day = 0, asked
    while day < received:
        day += timedelta(1)
        seen += day.weekday() < 5 and day not in holidays
    return seen


def test_the_day_of_the_request_is_day_zero():
    assert workdays.count(FRIDAY, FRIDAY) == 0


def test_friday_to_monday_is_one_working_day_and_three_calendar_days():
    assert workdays.count(FRIDAY, date(2026, 11, 23)) == 1
    assert workdays.count_calendar(FRIDAY, date(2026, 11, 23)) == 3


def test_a_request_on_saturday_starts_counting_on_monday():
    assert workdays.count(date(2026, 11, 21), date(2026, 11, 23)) == 1


def test_holidays_are_skipped():
    assert workdays.count(FRIDAY, date(2026, 11, 26), WATER_FESTIVAL) == 1
    assert workdays.add(FRIDAY, 1, WATER_FESTIVAL) == date(2026, 11, 26)


def test_zero_days_promise_the_same_day_even_on_a_weekend():
    assert workdays.add(date(2026, 11, 21), 0) == date(2026, 11, 21)
    assert workdays.add_calendar(date(2026, 11, 21), 0) == date(2026, 11, 21)


def test_unknown_dates_stay_unknown():
    assert workdays.count(None, FRIDAY) is None
    assert workdays.count(FRIDAY, None) is None
    assert workdays.add(None, 3) is None
    assert workdays.add(FRIDAY, None) is None
    assert workdays.add_calendar(FRIDAY, None) is None


def test_arrays_keep_their_holes():
    asked = np.array(["2026-11-20", "NaT", "2026-11-20"], dtype="datetime64[ns]")
    received = pd.Series(["2026-11-23", "2026-11-23", None], dtype="datetime64[us]")
    np.testing.assert_array_equal(workdays.count(asked, received), [1, np.nan, np.nan])
    promised = workdays.add(asked, np.array([1, 1, np.nan]))
    assert promised.tolist() == [date(2026, 11, 23), None, None]


def test_lists_of_dates_with_none_are_arrays_too():
    np.testing.assert_array_equal(
        workdays.count_calendar([FRIDAY, None], [FRIDAY, FRIDAY]), [0, np.nan]
    )


def test_an_empty_array_gives_an_empty_array():
    assert workdays.count([], []).shape == (0,)
    assert workdays.add([], []).shape == (0,)


def test_a_promise_before_the_request_is_refused():
    with pytest.raises(ValueError, match="before the day of the request"):
        workdays.add(FRIDAY, -1)


@given(days, days, sets_of_days)
def test_count_equals_the_naive_walk(a: date, b: date, holidays: set[date]):
    first, last = min(a, b), max(a, b)
    assert workdays.count(first, last, holidays) == naive_count(first, last, holidays)


@given(days, st.integers(0, 60), sets_of_days)
def test_the_promised_day_is_the_first_with_that_count(
    asked: date, number: int, holidays: set[date]
):
    promised = workdays.add(asked, number, holidays)
    assert promised is not None
    assert naive_count(asked, promised, holidays) == number
    if number:
        assert naive_count(asked, promised - timedelta(1), holidays) == number - 1


@given(st.lists(st.tuples(days, st.integers(0, 60)), min_size=1, max_size=20), sets_of_days)
def test_arrays_answer_as_single_dates_do(pairs: list[tuple[date, int]], holidays: set[date]):
    asked, number = [p[0] for p in pairs], [p[1] for p in pairs]
    many = workdays.add(asked, number, holidays)
    assert many.tolist() == [workdays.add(a, n, holidays) for a, n in pairs]
    np.testing.assert_array_equal(workdays.count(asked, many, holidays), number)
