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
    known = cells[cells["denominator"].notna() & (cells["denominator"] > 0)]
    judged = known["denominator"].astype(float)
    deff = known["deff"].fillna(1.0).astype(float)
    wide = effect(known["numerator"], judged, deff) if rounded else deff
    parts = known[list(by)].assign(
        met=known["numerator"].astype(float), judged=judged, weighted=wide * judged
    )
    found = parts.groupby(list(by), sort=True, as_index=False).sum()
    found["effect"] = np.maximum(found.pop("weighted") / found["judged"], 1.0)
    found["share"] = found["met"] / found["judged"]
    low, high = wilson(found["met"], found["judged"], deff=found["effect"])
    return found.assign(low=low, high=high)
