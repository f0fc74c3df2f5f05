"""Caches of one process for answers that must not cost a query for every request.

Nothing here is shared between processes, so an entry may be outdated for as long as it lives. What
must be the same everywhere at once belongs in Django's cache or in the database.
"""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from cachetools import TTLCache

K = TypeVar("K")
V = TypeVar("V")


class ProcessCache(Generic[K, V]):
    """A bounded dictionary of one process whose entries expire; safe to use from threads.

    ``None`` is never kept: what was not found is looked up again. When it is full, the least
    recently used entry is dropped.
    """

    def __init__(self, *, most: int, seconds: float) -> None:
        self._entries: TTLCache[K, V] = TTLCache(maxsize=most, ttl=seconds)
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Return the entry, or None where there is none or it has expired."""
        with self._lock:
            return self._entries.get(key)

    def keep(self, key: K, value: V) -> V:
        """Keep a value under a key from now on; return it."""
        with self._lock:
            self._entries[key] = value
        return value

    def forget(self, key: K) -> None:
        """Forget one entry, whether there is one or not."""
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def get_or_find(self, key: K, find: Callable[[], V | None]) -> V | None:
        """Return the entry, or what ``find`` answers, which is kept unless it is None.

        Two threads may look for the same key at once: the second answer is kept.
        """
        cached = self.get(key)
        if cached is not None:
            return cached
        fresh = find()
        if fresh is None:
            self.forget(key)
            return None
        return self.keep(key, fresh)
