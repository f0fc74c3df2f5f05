"""Funnel limits, over-dispersion, shrunk ranks, peers, change and trend."""

from scorecards.method.comparison import (
    changes,
    fit_prior,
    five_like,
    funnel,
    funnel_limits,
    james_stein,
    outliers,
    overdispersion,
    peers,
    series_change,
    shrink,
    trend,
    trends,
)

__all__ = [
    "changes",
    "fit_prior",
    "five_like",
    "funnel",
    "funnel_limits",
    "james_stein",
    "outliers",
    "overdispersion",
    "peers",
    "series_change",
    "shrink",
    "trend",
    "trends",
]
