"""Cells joined with their stored class, line and change."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboards.data.comparison import STANDING_OF_CLASS

KEY = ["place_code", "provider_kind", "service", "indicator"]
CLASSED = ["funnel", "whole", "arrow", "change", "change_alarm"]
"""The columns of a cell's stored class that are read."""


def standing_of(row: Mapping[Any, Any]) -> str:
    """Return how a cell compares with the national line, from its stored class."""
    return STANDING_OF_CLASS.get(row["funnel"], "waiting")


def with_classes(cells: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Join ``cells`` (rows of ``scores``) with ``classes`` (rows of ``statistics.classes``).

    Adds funnel, arrow ("" where there is none), whole, difference (NaN) and change_alarm. A
    class that was computed from other counts than those shown is being computed again, and is
    left out.
    """
    counts = ["numerator", "denominator"]
    texts = dict.fromkeys(KEY, object)  # also of no row at all
    values = classes[[*KEY, *counts, *CLASSED]].astype(texts)
    both = cells.astype(texts).merge(values, on=KEY, how="left", suffixes=("", "_classed"))
    same = pd.Series(True, index=both.index)
    for name in counts:
        same &= both[name].astype(float) == both[f"{name}_classed"].astype(float)
    joined = {name: both[name].astype(object).where(same & both[name].notna()) for name in CLASSED}
    return both.assign(
        funnel=joined["funnel"].where(joined["funnel"].notna(), ""),
        arrow=joined["arrow"].where(joined["arrow"].notna(), ""),
        change_alarm=joined["change_alarm"].eq(True),
        whole=joined["whole"].astype(float),
        difference=joined["change"].astype(float),
    )
