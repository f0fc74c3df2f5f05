"""Kinds of records kept for a limited time: each app adds its own, with the erasing function."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True)
class Kind:
    """One kind of personal data, and how long it is usually kept.

    ``waiting`` counts what is older than a moment, ``erase`` erases it and returns how many; both
    may be called at any time and twice.
    """

    code: str
    name: str | Promise
    why: str | Promise
    usual_days: int
    least_days: int
    waiting: Callable[[datetime], int]
    erase: Callable[[datetime], int]


_kinds: dict[str, Kind] = {}


def keep_for_a_time(kind: Kind) -> None:
    """Register this kind for the rules of retention."""
    _kinds[kind.code] = kind


def kinds() -> list[Kind]:
    """Return every kind, by its code."""
    return [_kinds[code] for code in sorted(_kinds)]
