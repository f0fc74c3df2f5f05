"""Intervals for shares and differences, and the design effect."""

from scorecards.method.estimates.clustering import design_effect
from scorecards.method.estimates.intervals import newcombe_difference, wilson

__all__ = ["design_effect", "newcombe_difference", "wilson"]
