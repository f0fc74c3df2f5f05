"""Fair comparison: the functions of sections 4 and 5 of the method."""

from scorecards.method.comparison.change import changes, series_change, trend, trends
from scorecards.method.comparison.funnel import funnel, funnel_limits, outliers, overdispersion
from scorecards.method.comparison.peers import five_like, peers
from scorecards.method.comparison.ranking import fit_prior, james_stein, shrink

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
