"""From counts by commune to a table of every place: shares, intervals, classes of the funnel."""

from typing import Final

import numpy as np
import pandas as pd

from scorecards.method.comparison.funnel import funnel
from scorecards.method.disclosure import rounding
from scorecards.method.estimates.intervals import wilson
from scorecards.method.vocabulary import FunnelClass

LEAST: Final = 10
"""The smallest number of which a share is given."""
LENGTHS: Final = (6, 4, 2, 0)
"""Digits of the codes of communes, districts, provinces and the nation."""
KEYS: Final = ["measure", "split", "place_code"]


def rolled_up(rows: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    """Sum counts by commune to every level; ``commune`` becomes ``place_code`` ("" the nation)."""
    keys = [name for name in ("measure", "split") if name in rows.columns]
    levels = [
        rows.assign(place_code=rows["commune"].str[:length])
        .groupby([*keys, "place_code"], as_index=False)[values]
        .sum()
        for length in LENGTHS
    ]
    return pd.concat(levels, ignore_index=True)


def exact(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the table of what is public one by one.

    ``numerator``, ``denominator``, share and classes.
    """
    table = rolled_up(rows, ["met", "total"])
    table = table.rename(columns={"met": "numerator", "total": "denominator"})
    enough = table["denominator"] >= LEAST
    low, high = wilson(table["numerator"].where(enough), table["denominator"].where(enough))
    return with_funnel(_shares(table, enough, low, high))


def printed(decided: pd.DataFrame) -> pd.DataFrame:
    """Return the table of rounded numbers of people.

    Printed cells alone, wider intervals (rule 8).
    """
    shown = decided.loc[decided["status"] == "printed"].reset_index(drop=True)
    table = shown[["measure", "place_code"]].assign(
        split="",
        numerator=shown["printed_met"].astype("int64"),
        denominator=shown["printed_judged"].astype("int64"),
    )
    if table.empty:
        return _shares(table, np.array([], bool), np.array([]), np.array([])).assign(standing="")
    low, high = rounding.intervals(table["numerator"], table["denominator"])
    enough = np.ones(len(table), bool)
    return with_funnel(_shares(table, enough, low, high))


def _shares(table: pd.DataFrame, enough: object, low: object, high: object) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = table["numerator"] / table["denominator"].where(table["denominator"] > 0)
    return table.assign(
        share=share.where(np.asarray(enough)),
        low=pd.Series(np.asarray(low, float), index=table.index),
        high=pd.Series(np.asarray(high, float), index=table.index),
    )


def with_funnel(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``standing``, the class of each place against the nation among places of its level."""
    level = table["place_code"].str.len()
    table = table.assign(standing=str(FunnelClass.NOT_DRAWN))
    nation = table.loc[level == 0]
    names = zip(nation["measure"], nation["split"], strict=True)
    lines = dict(zip(names, nation["share"].to_numpy(dtype=float), strict=True))
    for (measure, split, length), group in table.groupby(["measure", "split", level]):
        has_share = group["share"].notna()
        line = lines.get((measure, split), float("nan"))
        if length == 0 or not has_share.any() or not 0 < line < 1:
            continue
        rows = group.loc[has_share]
        places = funnel(rows["numerator"], rows["denominator"], centre=line)["place"]
        table.loc[rows.index, "standing"] = places.astype(str).to_numpy()
    return table
