"""Recorded voices, shared between channels: the one that keeps recordings offers, others play.

Channels do not know each other. The hotline has people's recordings; the app wants to be
heard as well. The hotline offers a function here when it starts, and the app asks.

Names of sounds: ``service:CODE``, ``fee:CODE:OPTION``, ``days:CODE:OPTION``,
``papers:CODE:OPTION``, ``option:OPTION``, ``paper:CODE``, ``number:N`` and ``say:PROMPT``.
What nobody has recorded is simply not there: no machine voice pretends to be Khmer.
"""

from collections.abc import Callable, Iterable

Recordings = dict[str, str]
"""Addresses of sounds by name."""

_offered: list[Callable[[str], Recordings]] = []


def offer(recordings: Callable[[str], Recordings]) -> None:
    """Let others play what ``recordings`` gives for a language; offering twice is once."""
    if recordings not in _offered:
        _offered.append(recordings)


_numbers: list[Callable[[], str]] = []


def offer_number(number: Callable[[], str]) -> None:
    """Let others print the number of the hotline; offering twice is once."""
    if number not in _numbers:
        _numbers.append(number)


def telephone() -> str:
    """Return the number under which all this can be heard, "" while nobody answers one."""
    return next(filter(None, (number() for number in _numbers)), "")


_keys: list[Callable[[Iterable[str]], dict[str, str]]] = []


def offer_keys(keys: Callable[[Iterable[str]], dict[str, str]]) -> None:
    """Let others print the keys that lead to a service; offering twice is once."""
    if keys not in _keys:
        _keys.append(keys)


def keys_to(services: Iterable[str]) -> dict[str, str]:
    """Return the keys that lead a caller to each service, by its code.

    None while nobody answers.
    """
    codes = list(services)
    if not telephone():
        return {}
    return next(filter(None, (keys(codes) for keys in _keys)), {})


def recordings(language: str) -> Recordings:
    """Every sound that can be played in this language, from whoever offers."""
    addresses: Recordings = {}
    for offer_ in _offered:
        addresses |= offer_(language)
    return addresses
