"""Comparison of each place with places of its kind.

Province, urban or rural, remoteness (section 4).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from scorecards.method.arrays import Floats, floats
from scorecards.method.comparison.change import clearly_differs
from scorecards.method.comparison.funnel import ALARM_LEVEL
from scorecards.method.estimates.intervals import newcombe_difference


def peers(table: pd.DataFrame, kinds: Sequence[str], *, deff: ArrayLike = 1.0) -> pd.DataFrame:
    """Compare each place with the others of its kind, itself left out; the index of ``table``.

    ``table`` has one row per place of one indicator, with met, judged and one column per kind in
    ``kinds`` ("province", "urban", "remote"). For each kind: {kind}_places (how many others with
    cases), {kind}_share (their pooled share, 0..1), {kind}_gap (own share minus theirs) with
    {kind}_low and {kind}_high (Newcombe, 95%), {kind}_alarm (a sentence may say so: the interval at
    99.8% leaves out zero and the gap is 5 points or more). NaN where the kind is not known, the
    place has no cases, or no other place of the kind has any. ``deff`` is one number or one per
    place; that of the others together is the mean of theirs weighted by their cases, which is the
    effect of a sum over separate clusters.
    """
    met, judged = floats(table["met"]), floats(table["judged"])
    own_effect = np.broadcast_to(floats(deff), judged.shape)
    columns: dict[str, object] = {}
    for kind in kinds:
        group = table[kind]
        others_met, others, places = (
            _sum_of_others(values, group)
            for values in (met, judged, np.asarray(judged > 0, dtype=np.float64))
        )
        others_met = np.where(others > 0, others_met, np.nan)
        weighed = _sum_of_others(judged * own_effect, group)
        effect = np.maximum(np.where(others > 0, weighed / np.where(others > 0, others, 1), 1.0), 1)
        low, high = newcombe_difference(
            met, judged, others_met, others, deff=own_effect, deff2=effect
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            share = others_met / others
            gap = met / judged - share
        far = newcombe_difference(
            met, judged, others_met, others, ALARM_LEVEL, deff=own_effect, deff2=effect
        )
        columns[f"{kind}_places"] = places
        columns[f"{kind}_share"] = share
        columns[f"{kind}_gap"] = gap
        columns[f"{kind}_low"] = low
        columns[f"{kind}_high"] = high
        columns[f"{kind}_alarm"] = clearly_differs(gap, *far)
    return pd.DataFrame(columns, index=table.index)


def five_like(
    table: pd.DataFrame, place: str | int, kinds: Sequence[str], *, size: int = 5
) -> pd.Index:
    """Return the places most like ``place`` (a label of the index of ``table``), most alike first.

    Most kinds in common first, then the nearest number of judged cases, then the order
    of the labels; ``place`` itself and places without judged cases are never among them.
    Never chosen by the share, so that nobody is shown only better or only worse ones.
    Raises ``KeyError`` for an unknown place.
    """
    if place not in table.index:
        raise KeyError(place)
    own = table[table.index == place].iloc[0]
    rest = table[(table.index != place) & (table["judged"] > 0)]
    alike = sum((rest[kind] == own[kind]).astype(int) for kind in kinds)
    order = pd.DataFrame(
        {
            "unlike": -alike if len(kinds) else 0,
            "apart": (rest["judged"] - own["judged"]).abs(),
            "label": rest.index,
        },
        index=rest.index,
    )
    return order.sort_values(["unlike", "apart", "label"]).index[:size]


def _sum_of_others(values: Floats, group: pd.Series) -> Floats:
    """Sum over the other rows of the same group; NaN where the group is missing."""
    counts = pd.Series(np.nan_to_num(values, nan=0.0), index=group.index)
    total = counts.groupby(group, observed=True).transform("sum")
    return (total - counts).to_numpy(dtype=np.float64)
