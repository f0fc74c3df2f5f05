"""Counts of a person's open tasks: each app adds its own for the cards of the home page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.module_loading import import_string

from accounts.models import User
from pages.templatetags.khmer import number as number_words


@dataclass(frozen=True)
class Count:
    """The number of things of one kind for a person, and whether the person has to act.

    ``page`` is the URL name of the page whose card carries the count (``accounts.navigation``),
    ``text`` a sentence with the number in it, ``url`` the page where the things are listed.
    """

    page: str
    number: int
    text: str
    url: str
    waits: bool = True


def count(page: str, number: int, sentence: str, url: str, *, waits: bool = True) -> Count:
    """Return a count whose ``sentence`` (chosen by ngettext) gets the number as ``%(n)s``."""
    return Count(page, number, sentence % {"n": number_words(number)}, url, waits)


Counter = Callable[[User], Iterable[Count]]

_counters: list[Counter | str] = []


def add_counter(counter: Counter | str) -> None:
    """Register a function that counts for everybody who opens their home page; twice is once.

    It may be named by its path (``scorecards.counts.counts``) and is then imported when it is
    first asked: every command calls this when it starts, and counters of figures bring pandas
    and SciPy with them, over 100 MB.
    """
    if counter not in _counters:
        _counters.append(counter)


def counts_for(user: User) -> list[Count]:
    """Count the tasks of this person: open ones first, in the order of the apps.

    A counter answers for itself whom it concerns, and costs at most a few indexed queries.
    """
    counts = [count for counter in map(_function, _counters) for count in counter(user)]
    return sorted(counts, key=lambda count: not (count.waits and count.number))


def _function(counter: Counter | str) -> Counter:
    """Return the counter itself, imported where it was named by its path."""
    function: Counter = import_string(counter) if isinstance(counter, str) else counter
    return function
