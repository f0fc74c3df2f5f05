"""Funnel limits, over-dispersion, shrunk ranks and trend."""

from scorecards.method.comparison import funnel_limits, overdispersion, shrink, trend

__all__ = ["funnel_limits", "overdispersion", "shrink", "trend"]
