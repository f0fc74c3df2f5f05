"""Sums of printed figures: several quarters or places together, from printed numbers only."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from scorecards.method.disclosure.rounding import effect
from scorecards.method.estimates.intervals import wilson

SUMS = ("met", "judged", "effect", "share", "low", "high")


def summed(cells: pd.DataFrame, by: Sequence[str], *, rounded: bool = True) -> pd.DataFrame:
    """Add up printed cells of disjoint sets of people; one row for each value of ``by``.

    ``cells``: numerator and denominator as printed, deff. Adds to ``by``: met, judged, effect
    (the design effect of the sum, which allows for the rounding of every part), share, low and
    high (95%). The variance of a count is the sum of its parts' variances, judged times effect
    times p (1 - p); with one share for all parts the effect of the sum is the mean of the
    effects, weighted by judged (disclosure, rule 8, extended to sums). ``rounded`` False: the
    counts are exact, so no rounding is allowed for.
    """
    chosen = cells[cells["denominator"].notna() & (cells["denominator"] > 0)]
    judged = chosen["denominator"].astype(float)
    deff = chosen["deff"].fillna(1.0).astype(float)
    wide = effect(chosen["numerator"], judged, deff) if rounded else deff
    parts = chosen[list(by)].assign(
        met=chosen["numerator"].astype(float), judged=judged, weighted=wide * judged
    )
    sums = parts.groupby(list(by), sort=True, as_index=False).sum()
    sums["effect"] = np.maximum(sums.pop("weighted") / sums["judged"], 1.0)
    sums["share"] = sums["met"] / sums["judged"]
    low, high = wilson(sums["met"], sums["judged"], deff=sums["effect"])
    return sums.assign(low=low, high=high)
