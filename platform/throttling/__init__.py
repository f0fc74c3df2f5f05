"""Count events within a time window, in Django's cache, so that all processes count together.

For counts that may be lost with the cache. A limit that locks somebody out is a
`throttling.limits.Limit`, which survives a restart; `throttling.addresses.client_address` gives the
sender. The window begins with the first event and is not prolonged by later ones.
"""

from collections.abc import Mapping

from django.core.cache import cache


def count(key: str, *, seconds: float) -> int:
    """Count one more event under this key; return how many there are in its window."""
    if cache.add(key, 1, seconds):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # the window ended between the two
        cache.add(key, 1, seconds)
        return 1


def counted(key: str) -> int:
    """Return how many events were counted under this key."""
    return int(cache.get(key, 0))


def any_reached(limits: Mapping[str, int]) -> bool:
    """Return whether one of these keys has reached its limit; one query for all of them."""
    counts = cache.get_many(limits)
    return any(counts.get(key, 0) >= limit for key, limit in limits.items())
