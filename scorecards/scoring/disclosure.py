"""Rounded release of counts, and intervals that allow for the rounding."""

from scorecards.method.disclosure.rounding import effect, intervals, release, rounded, states

__all__ = ["effect", "intervals", "release", "rounded", "states"]
