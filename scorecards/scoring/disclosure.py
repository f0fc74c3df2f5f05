"""Rounded release of counts."""

from scorecards.method.disclosure.rounding import release, rounded

__all__ = ["release", "rounded"]
