"""Days from asking to receiving, as arithmetic on dates.

The day of the request is day 0. Working days skip Saturdays, Sundays and the
holidays handed in; which days are holidays is a table's business
(``standards.calendar``), not this module's. Asked on Friday and received on
Monday is 1 working day; asked on Saturday and received on Monday is 1 as well.

Everything takes single dates or whole arrays. A date that is not known (``None``
or NaT) gives an answer that is not known: ``None`` for single dates, NaN or NaT in
arrays. Nothing is ever guessed to be zero.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

Dates: TypeAlias = NDArray[np.datetime64]
Floats: TypeAlias = NDArray[np.float64]
Holidays: TypeAlias = "np.busdaycalendar | Iterable[date] | Dates"

DAY = np.timedelta64(1, "D")
NAT = np.datetime64("NaT", "D")


def as_days(values: ArrayLike | Iterable[date | None] | None) -> Dates:
    """Convert dates, None, date strings or datetime64 of any unit to datetime64[D]; unknown is NaT.

    Times of day are cut off, so pass dates of Phnom Penh, not moments of UTC.
    """
    array = np.asarray(values)
    if array.dtype == object:
        flat = [NAT if _is_missing(v) else np.datetime64(v, "D") for v in array.ravel()]
        return np.array(flat, dtype="datetime64[D]").reshape(array.shape)
    return array.astype("datetime64[D]")


def calendar_of(holidays: Holidays = ()) -> np.busdaycalendar:
    """Return the calendar of Monday to Friday less ``holidays``; make it once for many calls."""
    if isinstance(holidays, np.busdaycalendar):
        return holidays
    days = holidays if isinstance(holidays, np.ndarray) else list(holidays)
    return np.busdaycalendar(holidays=np.asarray(days, dtype="datetime64[D]").ravel())


@overload
def count(asked: date | None, received: date | None, holidays: Holidays = ...) -> int | None: ...
@overload
def count(asked: Any, received: Any, holidays: Holidays = ...) -> Floats: ...
def count(asked: Any, received: Any, holidays: Holidays = ()) -> int | Floats | None:
    """Return working days after ``asked`` up to and with ``received``.

    Two single dates give an int (None where one is unknown), arrays give floats
    (NaN where one is unknown) by numpy's broadcasting. Negative where ``received``
    comes first.
    """
    start, end = np.broadcast_arrays(as_days(asked), as_days(received))
    is_known = ~(np.isnat(start) | np.isnat(end))
    answer = np.full(start.shape, np.nan)
    answer[is_known] = np.busday_count(
        start[is_known] + DAY, end[is_known] + DAY, busdaycal=calendar_of(holidays)
    )
    return _number(answer)


@overload
def count_calendar(asked: date | None, received: date | None) -> int | None: ...
@overload
def count_calendar(asked: Any, received: Any) -> Floats: ...
def count_calendar(asked: Any, received: Any) -> int | Floats | None:
    """Return days after ``asked`` up to and with ``received``, no day skipped.

    Otherwise as ``count``.
    """
    start, end = np.broadcast_arrays(as_days(asked), as_days(received))
    is_known = ~(np.isnat(start) | np.isnat(end))
    answer = np.full(start.shape, np.nan)
    answer[is_known] = (end[is_known] - start[is_known]) / DAY
    return _number(answer)


@overload
def add(asked: date | None, days: int | None, holidays: Holidays = ...) -> date | None: ...
@overload
def add(asked: Any, days: Any, holidays: Holidays = ...) -> Dates: ...
def add(asked: Any, days: Any, holidays: Holidays = ()) -> date | Dates | None:
    """Return the promised day: the first day by which ``days`` working days have passed.

    ``days`` are whole numbers of zero or more; unknown (None, NaN) gives an unknown
    day. Zero days promise the day of the request itself. ``count(asked, add(asked,
    n)) == n`` always holds. Raises ValueError for a negative number of days.
    """
    start, number, is_known = _start_and_days(asked, days)
    answer = np.full(start.shape, NAT)
    moved = np.busday_offset(
        start[is_known], number[is_known], roll="backward", busdaycal=calendar_of(holidays)
    )
    answer[is_known] = np.maximum(start[is_known], moved)
    return _day(answer)


@overload
def add_calendar(asked: date | None, days: int | None) -> date | None: ...
@overload
def add_calendar(asked: Any, days: Any) -> Dates: ...
def add_calendar(asked: Any, days: Any) -> date | Dates | None:
    """Return the promised day where every day counts; otherwise as ``add``."""
    start, number, is_known = _start_and_days(asked, days)
    answer = np.full(start.shape, NAT)
    answer[is_known] = start[is_known] + number[is_known] * DAY
    return _day(answer)


def _start_and_days(asked: Any, days: Any) -> tuple[Dates, NDArray[np.int64], NDArray[np.bool_]]:
    numbers = np.asarray(days)
    if numbers.dtype == object:
        flat = [np.nan if _is_missing(v) else float(v) for v in numbers.ravel()]
        numbers = np.array(flat, dtype=np.float64).reshape(numbers.shape)
    start, number = np.broadcast_arrays(as_days(asked), numbers.astype(np.float64))
    is_known = ~(np.isnat(start) | np.isnan(number))
    if (number[is_known] < 0).any():
        raise ValueError("a promise cannot lie before the day of the request")
    values = np.zeros(number.shape, dtype=np.int64)
    values[is_known] = number[is_known].astype(np.int64)
    return start, values, is_known


def _is_missing(value: object) -> bool:
    """Return whether a value is None, NaN, NaT or pandas' NA, which do not equal themselves."""
    if value is None:
        return True
    try:
        return not bool(value == value)  # noqa: PLR0124  (how a NaN is known)
    except TypeError:
        return True


def _number(answer: Floats) -> int | Floats | None:
    if answer.ndim:
        return answer
    return None if np.isnan(answer) else int(answer)


def _day(answer: Dates) -> date | Dates | None:
    if answer.ndim:
        return answer
    return cast("date | None", answer.item())
