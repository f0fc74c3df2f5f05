"""Finding services and offices by what a person types, as places are found (``places.search``).

There are some dozens of services and some thousands of offices: their names are compared in
memory, folded as everywhere (``khmer.text.fold``), for a part of a name; services also for a name
that is spelled nearly so.
"""

from collections.abc import Iterable
from datetime import date

from caching import ProcessCache
from khmer import digits
from khmer.text import fold
from standards.models import Provider, Service

LONGEST = 100
LETTERS_FOR_ONE_WRONG = 4
"""Letters of a name among which one may be wrong."""
SHORTEST_NEARLY, LONGEST_NEARLY = 4, 60
"""Shorter queries resemble everything, longer ones are not a name."""
MOST = 20


def folded(text: str) -> str:
    """Return a question as names are compared: folded, Latin digits."""
    return fold(digits.to_ascii(text[:LONGEST]).replace("\x00", ""))


def find_services(text: str, on: date) -> list[Service]:
    """Return services offered on the day ``on`` that ``text`` may mean, the likeliest first.

    Names in both languages, the code and the note are looked at.
    """
    words = folded(text)
    if not words:
        return []
    ranked = []
    for service in Service.objects.offered(on):
        names = [fold(n) for n in (service.name_km, service.name_en, service.code) if n]
        notes = [fold(n) for n in (service.note_km, service.note_en) if n]
        rank = _rank(words, names, notes)
        if rank is not None:
            ranked.append((rank, service.code, service))
    return [service for _rank_, _code, service in sorted(ranked)[:MOST]]


def _rank(words: str, names: Iterable[str], notes: Iterable[str]) -> float | None:
    """Return 0 for a whole name, 1 for a beginning, 2 for a part, 3 to 4 for similar, None for
    none.
    """
    if any(name == words for name in names):
        return 0
    if any(name.startswith(words) for name in names):
        return 1
    if any(words in name for name in (*names, *notes)):
        return 2
    if not SHORTEST_NEARLY <= len(words) <= LONGEST_NEARLY:
        return None
    wrong = min((letters_wrong(words, name) for name in names), default=len(words))
    return 3 + wrong / len(words) if wrong <= len(words) // LETTERS_FOR_ONE_WRONG else None


def letters_wrong(words: str, name: str) -> int:
    """Count the wrong letters in the part of ``name`` that is nearest to ``words``.

    Sellers' algorithm: the edit distance to the best substring.
    """
    row = [0] * (len(name) + 1)
    for i, letter in enumerate(words, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(name, start=1):
            same = diagonal if letter == other else diagonal + 1
            diagonal, row[j] = row[j], min(same, row[j] + 1, row[j - 1] + 1)
    return min(row)


def find_providers(text: str, on: date, places: Iterable[str] = ()) -> list[Provider]:
    """Return offices that exist on the day ``on`` with ``text`` in their name, then those of
    ``places``.

    Names are compared folded, like places' names; ``places`` are codes that the question may mean.
    """
    if not folded(text):
        return []
    named = provider_keys(text)
    rows = Provider.objects.valid_on(on).select_related("place__parent")
    providers = list(rows.filter(pk__in=named[: 5 * MOST]).order_by("code")[:MOST])
    have = {one.pk for one in providers}
    near = rows.filter(place__in=list(places)).exclude(pk__in=have).order_by("code")
    return [*providers, *near[: MOST - len(providers)]]


def provider_keys(text: str) -> list[int]:
    """Return primary keys of the offices with ``text`` in a name, compared folded, or as their
    code.
    """
    words, raw = folded(text), text.strip()[:LONGEST]
    if not words:
        return []
    return [pk for pk, names in _provider_names() if words in names or f" {raw} " in names]


_names: ProcessCache[str, list[tuple[int, str]]] = ProcessCache(most=1, seconds=60)


def _provider_names() -> list[tuple[int, str]]:
    """Return each office with its folded names and code in one text, read once a minute."""
    return _names.get_or_find("all", _read_names) or []


def _read_names() -> list[tuple[int, str]]:
    rows = Provider.objects.values_list("pk", "name_km", "name_en", "code")
    return [(pk, f" {fold(km)} | {fold(en)} | {code} ") for pk, km, en, code in rows.iterator()]
