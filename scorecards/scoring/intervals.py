"""Intervals for shares and differences, and the design effect."""

from scorecards.method.estimates.clustering import design_effect, intraclass_correlation
from scorecards.method.estimates.intervals import newcombe_difference, normal_quantile, wilson

__all__ = [
    "design_effect",
    "intraclass_correlation",
    "newcombe_difference",
    "normal_quantile",
    "wilson",
]
