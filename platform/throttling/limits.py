"""Limits on attempts, counted in PostgreSQL, so that a restart does not reset them.

``Limit`` counts in the database, under keyed hashes that reveal neither names nor addresses.
``ForgetfulLimit`` counts in the memory of the process alone, for what must leave no trace.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

from throttling.models import Counter

_COUNT = """
INSERT INTO throttling_counter AS c (key, count, until)
VALUES (%(key)s, 1, %(now)s + %(seconds)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN c.until <= %(now)s THEN 1 ELSE c.count + 1 END,
    until = CASE WHEN c.until <= %(now)s THEN excluded.until ELSE c.until END
RETURNING count
"""
_SWEEP = """
DELETE FROM throttling_counter WHERE key IN (
    SELECT key FROM throttling_counter WHERE until <= %s LIMIT 100 FOR UPDATE SKIP LOCKED)
"""


def _new_secret() -> str:
    return get_random_string(32)


@dataclass(frozen=True)
class Limit:
    """At most ``most`` of one thing in ``minutes``, from the first on."""

    name: str
    most: int
    minutes: float

    def key(self, *about: str) -> str:
        """Return the row's key for these parts, such as a name and an address."""
        text = json.dumps([self.name, *about])
        return salted_hmac("throttling.Limit", text, algorithm="sha256").hexdigest()

    def count(self, *about: str) -> int:
        """Count one more attempt; return how many there are in the window now.

        To be called outside a transaction that may be rolled back.
        """
        now = timezone.now()
        values: dict[str, str | float | datetime] = {
            "key": self.key(*about),
            "now": now,
            "seconds": self.minutes * 60,
        }
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, values)
            count = int(cursor.fetchone()[0])
            if count == 1:
                cursor.execute(_SWEEP, [now])
        return count

    def is_reached(self, *about: str) -> bool:
        """Return whether the next attempt must wait."""
        return any_reached([(self, about)])

    def forget(self, *about: str) -> None:
        """Start counting again."""
        Counter.objects.filter(key=self.key(*about)).delete()


def any_reached(asked: Iterable[tuple[Limit, tuple[str, ...]]]) -> bool:
    """Return whether one of these limits is reached; one query for all of them."""
    most = {limit.key(*about): limit.most for limit, about in asked}
    rows = Counter.objects.filter(key__in=most, until__gt=timezone.now())
    return any(count >= most[key] for key, count in rows.values_list("key", "count"))


@dataclass
class ForgetfulLimit:
    """The same in this process's memory, under a key that exists only there: it leaves no trace.

    Several processes count each for itself, and a restart forgets: the price of keeping nothing.
    """

    name: str
    most: int
    minutes: float
    _secret: str = field(default_factory=_new_secret, repr=False)
    _seen: dict[str, tuple[int, float]] = field(default_factory=dict, repr=False)

    def _key(self, about: tuple[str, ...]) -> str:
        text = json.dumps([self._secret, self.name, *about])
        return salted_hmac("throttling.ForgetfulLimit", text).hexdigest()

    def _alive(self) -> dict[str, tuple[int, float]]:
        now = time.monotonic()
        for key in [key for key, (_count, until) in self._seen.items() if until <= now]:
            self._seen.pop(key, None)
        return self._seen

    def count(self, *about: str) -> int:
        """Count one more attempt; return how many there are in the window now."""
        key, seen = self._key(about), self._alive()
        count, until = seen.get(key, (0, time.monotonic() + self.minutes * 60))
        seen[key] = (count + 1, until)
        return count + 1

    def is_reached(self, *about: str) -> bool:
        """Return whether the next attempt must wait."""
        return self._alive().get(self._key(about), (0, 0.0))[0] >= self.most

    def forget_all(self) -> None:
        """Start counting again (in tests)."""
        self._seen.clear()
