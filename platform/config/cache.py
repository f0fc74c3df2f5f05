"""The cache: Django's own for Valkey; without the server every page still works."""

import logging
import time
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

log = logging.getLogger(__name__)
REST = 1.0
"""Seconds for which a cache that did not answer is not asked again by this process."""

_asks_again_at = 0.0
_is_away = False


class Client(RedisCacheClient):
    """Makes its client of Valkey once, for reading and for writing.

    Django makes one for every question, with a dictionary of all commands in it: half of
    what a question costs. The connections are the pool's in either way.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._made: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client for reading, or for writing."""
        if write not in self._made:
            self._made[write] = super().get_client(key, write=write)
        return self._made[write]


class Cache(RedisCache):
    """The backend that ``settings.CACHES`` names; without its server this process's own memory.

    What was kept is then not found, and what is counted (tries of a password) is counted by each
    process for itself, so that limits still hold, a few times wider. A line of the log says so.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        # a server that does not answer costs a page two seconds, and not more
        options.setdefault("socket_timeout", 2.0)
        options.setdefault("socket_connect_timeout", 2.0)
        super().__init__(server, params)
        self._class = Client
        self._own = LocMemCache(f"instead of {server}", {})

    def _ask(self, question: str, *about: Any) -> Any:
        global _asks_again_at, _is_away  # noqa: PLW0603 - one for all threads of the process
        if time.monotonic() >= _asks_again_at:
            try:
                answer = getattr(super(), question)(*about)
            except (redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError) as trouble:
                _asks_again_at, _is_away = time.monotonic() + REST, True
                log.warning("The cache does not answer: %s", type(trouble).__name__)
            else:
                if _is_away:
                    _is_away = False
                    self._own.clear()
                return answer
        return getattr(self._own, question)(*about)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Store a value that is not there yet; return whether it was not."""
        return bool(self._ask("add", key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or the default."""
        return self._ask("get", key, default, version)

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep a value."""
        self._ask("set", key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value longer; False when it was not there."""
        return bool(self._ask("touch", key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Delete a value; False when it was not there."""
        return bool(self._ask("delete", key, version))

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        """Return the values that are there."""
        values: dict[Any, Any] = self._ask("get_many", keys, version)
        return values

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Return whether the key is in the cache; False while the cache is unreachable."""
        return bool(self._ask("has_key", key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count up. Raises ValueError where there is no such key."""
        return int(self._ask("incr", key, delta, version))

    def set_many(
        self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        """Store values; return the keys of those that were not stored."""
        return list(self._ask("set_many", data, timeout, version) or [])

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        """Forget values."""
        self._ask("delete_many", keys, version)

    def clear(self) -> None:
        """Forget everything."""
        self._ask("clear")
