"""Months, quarters and years by the codes people read: "2026-07", "2026-Q3", "2026"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from parsing.days import DayRange

AHEAD = timedelta(days=366)
CLOSES_AFTER = timedelta(days=15)
"""A period counts as closed this long after its last day, when tablets have sent their records."""

_CODE = re.compile(r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")
_YEARS = range(2, 9999)
"""Years whose neighbours are years of the calendar too."""


@dataclass(frozen=True, order=True)
class Period:
    """One month, quarter or year: ``first`` and ``last`` day, and the code people read."""

    first: date
    length: str
    code: str

    @property
    def months(self) -> tuple[str, ...]:
        """The codes of its months, in order."""
        count = {"month": 1, "quarter": 3, "year": 12}[self.length]
        start = self.first.month
        return tuple(f"{self.first.year:04d}-{start + i:02d}" for i in range(count))

    @property
    def last(self) -> date:
        """Its last day."""
        year, month = int(self.months[-1][:4]), int(self.months[-1][5:])
        following = date(year + (month == 12), month % 12 + 1, 1)
        return following - timedelta(days=1)

    @property
    def closed_from(self) -> date:
        """The first day on which a change of its figures is a revision."""
        return self.last + CLOSES_AFTER + timedelta(days=1)

    def is_over(self, today: date) -> bool:
        """Return whether its last day has passed; until then every figure of it is marked."""
        return self.last < today

    @property
    def previous(self) -> "Period":
        """The period of the same length before it."""
        return period_of(self.first - timedelta(days=1), self.length)

    @property
    def following(self) -> "Period":
        """The period of the same length after it."""
        return period_of(self.last + timedelta(days=1), self.length)


@lru_cache(maxsize=1024)
def parse(code: str) -> Period:
    """Return the period with this code. Raises ``ValueError`` naming the three forms otherwise."""
    match = _CODE.fullmatch(code)
    if match is None or int(match["year"]) not in _YEARS:
        raise ValueError(f'"{code}" is not a period: write 2026-07, 2026-Q3 or 2026')
    year = int(match["year"])
    if match["quarter"]:
        return Period(date(year, 3 * int(match["quarter"]) - 2, 1), "quarter", code)
    if match["month"]:
        return Period(date(year, int(match["month"]), 1), "month", code)
    return Period(date(year, 1, 1), "year", code)


def period_of(day: date, length: str) -> Period:
    """Return the month, quarter or year in which ``day`` falls."""
    codes = {
        "month": f"{day.year:04d}-{day.month:02d}",
        "quarter": f"{day.year:04d}-Q{(day.month + 2) // 3}",
        "year": f"{day.year:04d}",
    }
    return parse(codes[length])


def month_code(day: date) -> str:
    """Return the code of the month in which ``day`` falls."""
    return f"{day.year:04d}-{day.month:02d}"


def observable() -> DayRange:
    """Return the days whose observations are scored: whole months from the first plausible day to a
    year from now.

    Records from before days were checked may hold days of the year 1 or 9999: they are left
    out of every figure and reported by the nightly check, so that they block nothing.
    """
    last = timezone.localdate() + AHEAD
    return DayRange(settings.EARLIEST_DAY.replace(day=1), last.replace(day=1) - timedelta(days=1))


def is_plausible(code: str) -> bool:
    """Return whether the period with this code holds an observable day; False for a bad code."""
    days = observable()
    try:
        period = parse(code)
        return period.last >= days.first and period.first <= days.last
    except (ValueError, OverflowError):
        return False


def plausible(codes: Iterable[str]) -> list[str]:
    """Return the codes of plausible periods among ``codes``, in the order given."""
    return [code for code in codes if is_plausible(code)]


def holding(months: Iterable[str]) -> list[Period]:
    """Return every month, quarter and year that holds one of these plausible months, shortest
    first.
    """
    days = [parse(code).first for code in plausible(set(months))]
    periods = {period_of(day, length) for day in days for length in ("month", "quarter", "year")}
    order = {"month": 0, "quarter": 1, "year": 2}
    return sorted(periods, key=lambda p: (order[p.length], p.first))
