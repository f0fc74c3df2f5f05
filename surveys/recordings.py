"""Recorded voices, shared between channels.

The one that keeps recordings registers them, others play them.

Channels do not import each other. The hotline has people's recordings; the app plays them too. The
hotline registers a function here when it starts, and the app calls it.

Names of sounds: ``service:CODE``, ``fee:CODE:OPTION``, ``days:CODE:OPTION``,
``papers:CODE:OPTION``, ``option:OPTION``, ``paper:CODE``, ``number:N`` and ``say:PROMPT``. What
nobody has recorded is missing: no machine voice replaces Khmer.
"""

from collections.abc import Callable, Iterable

Recordings = dict[str, str]
"""Addresses of sounds by name."""

_offered: list[Callable[[str], Recordings]] = []


def offer(recordings: Callable[[str], Recordings]) -> None:
    """Register a function that returns the ``recordings`` of a language.

    Repeated calls have no effect.
    """
    if recordings not in _offered:
        _offered.append(recordings)


_numbers: list[Callable[[], str]] = []


def offer_number(number: Callable[[], str]) -> None:
    """Register the number of the hotline for others to print; repeated calls have no effect."""
    if number not in _numbers:
        _numbers.append(number)


def telephone() -> str:
    """Return the number to call, "" while no line answers."""
    return next(filter(None, (number() for number in _numbers)), "")


_keys: list[Callable[[Iterable[str]], dict[str, str]]] = []


def offer_keys(keys: Callable[[Iterable[str]], dict[str, str]]) -> None:
    """Register the keys that lead to a service for others to print.

    Repeated calls have no effect.
    """
    if keys not in _keys:
        _keys.append(keys)


def keys_to(services: Iterable[str]) -> dict[str, str]:
    """Return the keys that lead a caller to each service, by its code.

    There are none (an empty dict) while no line answers.
    """
    codes = list(services)
    if not telephone():
        return {}
    return next(filter(None, (keys(codes) for keys in _keys)), {})


def recordings(language: str) -> Recordings:
    """Return every sound that can be played in this language, from all registered sources."""
    addresses: Recordings = {}
    for offer_ in _offered:
        addresses |= offer_(language)
    return addresses
