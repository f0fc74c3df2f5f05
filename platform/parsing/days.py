"""Ranges of plausible days.

A day outside its range is a typing error, and a harmful one: periods, partitions and
comparisons are made for every month that has a case. The ranges are settings
(``EARLIEST_DAY``, ``ANONYMOUS_DAYS_BACK``, ``EARLIEST_VALIDITY``, ``LATEST_VALIDITY``).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khmer.dates import format_date
from parsing.errors import UnreadableValue


@dataclass(frozen=True)
class DayRange:
    """The days from ``first`` to ``last``, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def check(self, day: date) -> date:
        """Return ``day``; raise UnreadableValue with a sentence where it is outside."""
        if day < self.first:
            raise UnreadableValue(
                _("%(day)s is too long ago: the first day that can be given here is %(first)s.")
                % {"day": _written(day), "first": _written(self.first)}
            )
        if day > self.last:
            raise UnreadableValue(
                _("%(day)s is too late: the last day that can be given here is %(last)s.")
                % {"day": _written(day), "last": _written(self.last)}
            )
        return day


def _written(day: date) -> str:
    return format_date(day, "km" if (get_language() or "km").startswith("km") else "en")


def observed(today: date) -> DayRange:
    """Return days on which something that is reported can have happened: no day to come."""
    return DayRange(settings.EARLIEST_DAY, today)


def observed_anonymously(today: date) -> DayRange:
    """Return the same for senders without an account: a shorter range, counted back from today."""
    earliest = today - timedelta(days=settings.ANONYMOUS_DAYS_BACK)
    return DayRange(max(settings.EARLIEST_DAY, earliest), today)


def validity() -> DayRange:
    """Return days on which a place, provider or standard can begin or end to be valid."""
    return DayRange(settings.EARLIEST_VALIDITY, settings.LATEST_VALIDITY)
