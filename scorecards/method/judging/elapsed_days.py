"""Days from request to delivery, in the kind of day the standard counts in."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from scorecards.method.arrays import Floats, floats
from scorecards.method.vocabulary import CaseStatus, DayKind

DAY = np.timedelta64(1, "D")


def days_elapsed(
    cases: pd.DataFrame,
    *,
    as_of: pd.Timestamp | None = None,
    holidays: ArrayLike | None = None,
) -> Floats:
    """Return days from the request (day 0) to delivery, or to ``as_of`` while the case is open.

    Reads status, asked_on, received_on, day_kind and, where present, working_days. One
    float per case: working days skip Saturdays, Sundays and ``holidays`` (dates);
    calendar days skip nothing. A delivery dated before its request gives a negative
    number. NaN where a date or the kind of day is not known, where an open case has no
    ``as_of``, and for deliveries dated after ``as_of``, which cannot be.
    """
    asked = _days(cases["asked_on"])
    until = _until(cases, as_of)
    kind = cases["day_kind"].astype(object)
    calendar = (kind == DayKind.CALENDAR).to_numpy(dtype=bool)
    working = (kind == DayKind.WORKING).to_numpy(dtype=bool)
    answer = np.full(len(cases), np.nan)
    is_known = ~(np.isnat(asked) | np.isnat(until))
    pick = is_known & calendar
    answer[pick] = (until[pick] - asked[pick]) / DAY
    pick = is_known & working
    if "working_days" in cases.columns:
        answer[pick] = floats(cases["working_days"])[pick]
    elif pick.any():
        answer[pick] = working_days_between(asked[pick], until[pick], holidays)
    return answer


def working_days_between(
    asked: NDArray[np.datetime64],
    until: NDArray[np.datetime64],
    holidays: ArrayLike | None = None,
) -> Floats:
    """Return working days after ``asked`` up to and with ``until``; the day of the request is day
    0.

    Friday to Monday is 1, Friday to Saturday 0. Arrays of days in, floats out; negative
    where ``until`` comes first.
    """
    off = np.array([], dtype="datetime64[D]") if holidays is None else _dates(holidays)
    counted = np.busday_count(asked + DAY, until + DAY, holidays=off)
    return np.asarray(counted, dtype=np.float64)


def _until(cases: pd.DataFrame, as_of: pd.Timestamp | None) -> NDArray[np.datetime64]:
    received = _days(cases["received_on"])
    is_open = (cases["status"] == CaseStatus.OPEN).to_numpy(dtype=bool, na_value=False)
    moment = np.datetime64("NaT", "D") if as_of is None else np.datetime64(as_of.date(), "D")
    until = np.where(is_open, moment, received)
    if as_of is not None:
        until = np.where(until > moment, np.datetime64("NaT", "D"), until)
    return until


def _days(column: "pd.Series[Any]") -> NDArray[np.datetime64]:
    return pd.to_datetime(column).to_numpy(dtype="datetime64[D]")


def _dates(holidays: ArrayLike) -> NDArray[np.datetime64]:
    return np.asarray(holidays, dtype="datetime64[D]").ravel()
