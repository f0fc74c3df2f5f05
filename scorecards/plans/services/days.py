"""Plausible days of a plan."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from parsing.days import validity
from parsing.errors import UnreadableValue

LONGEST = timedelta(days=366 * 6)
"""A plan that runs longer was typed wrongly; investment programmes run three years."""


def check_period(first: date, last: date) -> None:
    """Raise UnreadableValue where two days make no plausible period."""
    validity().check(first)
    validity().check(last)
    if last < first:
        raise UnreadableValue(_("It ends before it starts."))
    if last - first > LONGEST:
        raise UnreadableValue(_("It runs longer than six years. Check the years."))
