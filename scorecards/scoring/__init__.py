"""Stable names of the method for analysts, benchmarks and checks (docs/analysts.md).

The functions are defined in ``scorecards.method``; our own code imports them from there.
"""

from scorecards.method import METHOD_VERSION

__all__ = ["METHOD_VERSION"]
