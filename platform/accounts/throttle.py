"""Guessing passwords is slow: failures are counted in the cache, by name and by address.

A commune office shares one address, and anybody may type somebody else's name.
So the tight limit is on the pair; a name or an address alone is given more room.
"""

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

import throttling
from khmer.text import fold

WINDOW = 15 * 60
PAIR_LIMIT = 8
NAME_LIMIT = 40
ADDRESS_LIMIT = 120


def _limits(name: str, address: str) -> dict[str, int]:
    def key(*parts: str) -> str:
        return "sign-in:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()

    folded = fold(name)
    return {
        key("pair", folded, address): PAIR_LIMIT,
        key("name", folded): NAME_LIMIT,
        key("address", address): ADDRESS_LIMIT,
    }


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: its sender, or whom the proxy in front names last."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def minutes_to_wait(*, name: str, address: str) -> int:
    """0 when a try is allowed, else how many minutes this may last at most."""
    return WINDOW // 60 if throttling.any_reached(_limits(name, address)) else 0


def count_failure(*, name: str, address: str) -> None:
    """Remember one wrong try."""
    for key in _limits(name, address):
        throttling.count(key, seconds=WINDOW)


def forget(*, name: str, address: str) -> None:
    """A right password clears this person's failures at this address, not the address's."""
    cache.delete(next(iter(_limits(name, address))))
