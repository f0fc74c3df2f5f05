"""Classes, thresholds and drawn limits of figures, for those who show them."""

from scorecards.method.comparison import five_like, funnel_limits
from scorecards.method.estimates.votes import LEAST_GROUP
from scorecards.method.vocabulary import Change, FunnelClass

__all__ = ["LEAST_GROUP", "Change", "FunnelClass", "five_like", "funnel_limits"]
