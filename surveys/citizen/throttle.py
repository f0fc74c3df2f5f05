"""How much one address may send: counted in the cache, under a keyed hash, for minutes only.

Whole villages share one address of a mobile network, so the limits are wide; only the
guessing of codes is narrow, and it counts wrong codes alone.
"""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

import throttling
from accounts.throttle import address_of


@dataclass(frozen=True)
class Limit:
    """At most ``most`` of one thing in ``minutes`` from one address."""

    name: str
    most: int
    minutes: int

    def _key(self, request: HttpRequest) -> str:
        digest = salted_hmac(f"citizen:{self.name}", address_of(request), algorithm="sha256")
        return f"citizen:limit:{self.name}:{digest.hexdigest()[:32]}"

    def reached(self, request: HttpRequest) -> bool:
        """True where this address must wait."""
        return throttling.counted(self._key(request)) >= self.most

    def count(self, request: HttpRequest) -> None:
        """One more from this address."""
        throttling.count(self._key(request), seconds=self.minutes * 60)


SENDING: Final = Limit("sending", most=120, minutes=60)
WRONG_CODES: Final = Limit("wrong-codes", most=12, minutes=15)
REPORTS: Final = Limit("reports", most=30, minutes=60)
