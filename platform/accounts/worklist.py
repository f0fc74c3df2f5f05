"""What waits for a person, counted: each app names its own for the cards of the home page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import User
from pages.templatetags.khmer import number as number_words


@dataclass(frozen=True)
class Count:
    """How many things of one kind there are for a person, and whether somebody has to act.

    ``door`` is the URL name of the page whose card carries the count (``accounts.navigation``),
    ``text`` a sentence with the number in it, ``url`` the page where the things are listed.
    """

    door: str
    number: int
    text: str
    url: str
    waits: bool = True


def count(door: str, number: int, sentence: str, url: str, *, waits: bool = True) -> Count:
    """A count whose ``sentence`` (already chosen by ngettext) gets the number as ``%(n)s``."""
    return Count(door, number, sentence % {"n": number_words(number)}, url, waits)


Counter = Callable[[User], Iterable[Count]]

_counters: list[Counter] = []


def add_counter(counter: Counter) -> None:
    """Ask this function about everybody who opens their home page; adding twice is once."""
    if counter not in _counters:
        _counters.append(counter)


def counts_for(user: User) -> list[Count]:
    """What there is for this person: what waits first, in the order of the apps.

    A counter answers for itself whom it concerns, and costs at most a few indexed queries.
    """
    results = [count for counter in _counters for count in counter(user)]
    return sorted(results, key=lambda count: not (count.waits and count.number))
