"""The days on which a series of standards is in force, and the rule that none is lost.

A series is one service, option and provider (or the nation). Ranges of days are pairs
(first, last), both included; None is an open end.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from khmer.dates import format_date
from pages.languages import readers_language
from standards.models import Service, Standard

Days = tuple[date | None, date | None]
Line = tuple[int, str, int | None]
"""Service, option and provider (None: the nation), by number and code."""

DAY = timedelta(days=1)


@dataclass
class _Watched:
    """The days in force when a change began, by series, and the days withdrawn since."""

    before: dict[Line, list[Days]] = field(default_factory=dict)
    withdrawn: dict[Line, list[Days]] = field(default_factory=dict)


_watched: ContextVar[_Watched | None] = ContextVar("watched_standards", default=None)


def line_of(standard: Standard) -> Line:
    """Return the series that a standard belongs to."""
    return standard.service_id, standard.option, standard.provider_id


def rows_of(line: Line) -> list[Standard]:
    """Return the current standards of a series, the first in force first."""
    service, option, provider = line
    rows = Standard.objects.current().filter(service=service, option=option, provider=provider)
    return sorted(rows, key=lambda row: row.valid_from or date.min)


def lost(before: Iterable[Days], after: Iterable[Days]) -> list[Days]:
    """Return the days of ``before`` that are not among those of ``after``, as ranges in order."""
    gone: list[Days] = []
    kept = sorted(map(_numbers, after))
    for first, last in sorted(map(_numbers, before)):
        start = first
        for kept_first, kept_last in kept:
            if kept_last < start or kept_first > last:
                continue
            if kept_first > start:
                gone.append(_days(start, kept_first - 1))
            start = max(start, kept_last + 1)
        if start <= last:
            gone.append(_days(start, last))
    return gone


_FIRST, _LAST = 0, date.max.toordinal() + 1


def _numbers(days: Days) -> tuple[int, int]:
    """Return a range as day numbers; an open end is beyond every day."""
    first, last = days
    return first.toordinal() if first else _FIRST, last.toordinal() if last else _LAST


def _days(first: int, last: int) -> Days:
    return (
        None if first <= _FIRST else date.fromordinal(first),
        None if last >= _LAST else date.fromordinal(last),
    )


@contextmanager
def days_kept(*lines: Line) -> Iterator[None]:
    """Refuse, with a sentence, a change after which a day of these series has no standard.

    Blocks within blocks are judged together when the outermost ends, so that ending one
    standard and beginning the next is one change. Must run in a transaction. Raises
    ValidationError. The database keeps the same rule for every other way of writing.
    """
    outer = _watched.get()
    watched = outer or _Watched()
    for line in lines:
        if line not in watched.before:
            # editors of one service wait for each other; recording cases does not wait
            Service.objects.select_for_update(no_key=True).get(pk=line[0])
            watched.before[line] = [(row.valid_from, row.valid_to) for row in rows_of(line)]
    if outer is not None:
        yield
        return
    token = _watched.set(watched)
    try:
        yield
        for line, before in watched.before.items():
            after = [(row.valid_from, row.valid_to) for row in rows_of(line)]
            if gone := lost(before, [*after, *watched.withdrawn.get(line, ())]):
                raise ValidationError(_sentence(gone[0]), code="days_lost")
    finally:
        _watched.reset(token)


def note_withdrawn(line: Line, days: Days) -> None:
    """Record the days that the current change withdraws on purpose (see ``days_kept``)."""
    watched = _watched.get()
    if watched is None:
        raise RuntimeError("a withdrawal outside days_kept")
    watched.withdrawn.setdefault(line, []).append(days)


def words(days: Days) -> str:
    """Return a range of days for a reader: "from 1/12/2026", "until …", "from … to …"."""
    first, last = days
    language = readers_language()
    names = {
        "first": format_date(first, language) if first else "",
        "last": format_date(last, language) if last else "",
    }
    if first and last:
        return _("from %(first)s to %(last)s") % names
    if first:
        return _("from %(first)s on") % names
    return _("until %(last)s") % names if last else _("on any day")


def _sentence(days: Days) -> str:
    return _(
        "No standard would be in force %(days)s. Use “New price from …” to change it from a day "
        "on, or “Withdraw” if none is in force any more."
    ) % {"days": words(days)}
