"""The rule of restarts: how often a program that ends is started again, and after what pause."""

import time
from collections import deque
from collections.abc import Callable

MOST = 5
WITHIN = 180.0
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0)


class Restarts:
    """Counts the ends of one program: at most ``MOST`` within ``WITHIN`` seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: deque[float] = deque()

    def pause(self) -> float | None:
        """Return seconds to wait before the next start; None when it ended too often."""
        now = self._clock()
        while self._ends and self._ends[0] < now - WITHIN:
            self._ends.popleft()
        if len(self._ends) >= MOST:
            return None
        self._ends.append(now)
        return PAUSES[len(self._ends) - 1]
