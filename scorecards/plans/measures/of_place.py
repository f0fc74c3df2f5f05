"""Measures of agreed actions: shares with intervals, slippage, and how long confirmation takes.

Actions are public, each one with its state, so their counts are not rounded; numbers of people
who answered are (``services.disclosure``).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from scorecards.method.estimates.intervals import wilson
from scorecards.method.estimates.timeliness import median_days
from scorecards.plans.models import Action, State

LEAST: Final = 10
"""The smallest number of agreed actions of which a share is given."""


@dataclass(frozen=True)
class Share:
    """A share with its numbers and 95% interval; NaN below ten."""

    name: str
    numerator: int
    denominator: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Measures:
    """All measures of the agreed actions of one place."""

    agreed: int
    shares: tuple[Share, ...]
    median_days: float
    """Days from agreeing to confirmation, Kaplan-Meier, open actions censored; NaN: not known."""
    mean_slip: float
    """Days by which promises were moved, over all agreed actions; NaN without any."""

    def share(self, name: str) -> Share:
        """Return one share by its name."""
        return next(one for one in self.shares if one.name == name)


def measures(place: str = "", *, level: str = "", today: date | None = None) -> Measures:
    """Measure the agreed actions of a place ("" is the nation), of a level where one is named.

    Shares: ``on_time`` (confirmed by a claim no later than the first promised day, of those whose
    first promised day has passed), ``said_done`` (ever, of agreed), ``confirmed`` (of agreed),
    ``denied`` and ``over_claimed`` (ever denied, of agreed and of reported done), ``moved``.
    """
    today = today or timezone.localdate()
    rows = Action.objects.agreed().exclude(state=State.DROPPED)
    if place:
        rows = rows.filter(commune__code__startswith=place)
    if level:
        rows = rows.filter(level=level)
    actions: list[Any] = list(
        rows.values_list(
            "state", "first_due_on", "due_on", "said_done_on", "confirmed_on", "claim", "denials",
            "moves", "plan__agreed_on",
        )
    )  # fmt: skip
    if not actions:
        return Measures(0, tuple(_share(name, 0, 0) for name in _NAMES), np.nan, np.nan)
    confirmed = np.array([row[0] == State.CONFIRMED for row in actions])
    days = [((row[4] or today) - (row[8] or row[1])).days for row in actions]
    counts = _counts(actions, confirmed, today)
    return Measures(
        agreed=len(actions),
        shares=tuple(_share(name, *counts[name]) for name in _NAMES),
        median_days=median_days(days, confirmed) if len(actions) >= LEAST else np.nan,
        mean_slip=float(np.mean([(row[2] - row[1]).days for row in actions])),
    )


def _counts(
    actions: list[Any], confirmed: NDArray[np.bool_], today: date
) -> dict[str, tuple[int, int]]:
    """Count each share's (numerator, denominator) over the rows that ``measures`` reads."""
    passed = np.array([row[1] < today for row in actions])
    in_time = np.array(
        [row[0] == State.CONFIRMED and row[3] is not None and row[3] <= row[1] for row in actions]
    )
    claimed = np.array([row[5] > 0 for row in actions])
    denied = np.array([row[6] > 0 for row in actions])
    moved = np.array([row[7] > 0 for row in actions])
    n = len(actions)
    return {
        "on_time": (int((in_time & passed).sum()), int(passed.sum())),
        "said_done": (int(claimed.sum()), n),
        "confirmed": (int(confirmed.sum()), n),
        "denied": (int(denied.sum()), n),
        "over_claimed": (int((claimed & denied).sum()), int(claimed.sum())),
        "moved": (int(moved.sum()), n),
    }


_NAMES: Final = ("on_time", "said_done", "confirmed", "denied", "over_claimed", "moved")


def _share(name: str, numerator: int, denominator: int) -> Share:
    if denominator < LEAST:
        return Share(name, numerator, denominator, np.nan, np.nan, np.nan)
    low, high = wilson(numerator, denominator)
    return Share(name, numerator, denominator, numerator / denominator, float(low), float(high))
