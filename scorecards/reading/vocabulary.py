"""Classes, thresholds and limits of figures, for pages that show them."""

from scorecards.method.comparison import five_like, funnel_limits
from scorecards.method.estimates.votes import LEAST_GROUP
from scorecards.method.vocabulary import Change, FunnelClass

__all__ = ["LEAST_GROUP", "Change", "FunnelClass", "five_like", "funnel_limits"]
