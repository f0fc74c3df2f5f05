"""Clear differences, of which a sentence may say "better" or "worse", from 95% intervals.

The rule of alarms (docs/method.md, fair comparison): five points or more, and an interval of
99.8% that leaves out zero. At 95% one comparison in twenty is false where nothing differs.
"""

from collections.abc import Mapping
from math import hypot
from statistics import NormalDist
from typing import Any

import pandas as pd

from scorecards.method.comparison.change import LEAST_CHANGE
from scorecards.method.comparison.funnel import ALARM_LEVEL

LONGER_ARM = NormalDist().inv_cdf((1 + ALARM_LEVEL) / 2) / NormalDist().inv_cdf(0.975)
"""The length of an interval's arms at 99.8% divided by those at 95%, about."""

VOTES_SPAN = 4
"""The distance from the worst vote, 1, to the best, 5."""


def is_clear(difference: float, towards_zero: float, span: float = 1) -> bool:
    """Return whether a difference is clear, from the arm of its 95% interval towards zero.

    ``span``: the length of the scale that both are measured on; 1 for shares.
    """
    far = abs(difference) > LONGER_ARM * towards_zero
    return bool(far and abs(difference) >= LEAST_CHANGE * span)


def is_clear_gap(row: Mapping[Any, Any]) -> bool:
    """Return whether a group of voters may be called less or more satisfied than the others.

    ``row``: of ``statistics.gaps``, released (shares) or working (means of votes).
    """
    released = not pd.isna(row["share_gap"])
    names = ("share_gap", "share_low", "share_high") if released else ("gap", "low", "high")
    gap, low, high = (row[name] for name in names)
    if pd.isna(gap) or pd.isna(low):
        return False
    return is_clear(gap, gap - low if gap > 0 else high - gap, 1 if released else VOTES_SPAN)


def is_clearly_better(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    """Return whether the first of two figures (share, low, high) may be called the better.

    The arm of the difference is Newcombe's: both arms that point to each other, squared.
    """
    difference = one["share"] - other["share"]
    arm = hypot(one["share"] - one["low"], other["high"] - other["share"])
    return bool(difference > 0) and is_clear(difference, arm)
