"""Figures of districts: sums of their communes' figures as this person may see them.

No release prints districts: a sum says nothing that its parts do not. Communes without a figure
are not in it, so a district's figure is "of the communes shown". Classes follow the funnel of
all districts around the nation's own line (method, 4).
"""

from typing import Any, Unpack

import numpy as np
import pandas as pd

from scorecards.method.comparison import funnel
from scorecards.method.disclosure.sums import summed
from scorecards.reading import scores
from scorecards.reading.scores import Asked

CELLS = (
    *("place_code", "numerator", "denominator", "share", "low", "high", "status", "why"),
    *("computed_at", "method_version", "working", "rounded"),
)
FULL = 30


def cells(user: object, **asked: Unpack[Asked]) -> pd.DataFrame:
    """Return rows like those of ``scores.cells``: the nation's own, then a sum for each district.

    Columns ``CELLS`` and effect (the design effect of the sum).
    """
    asked["level"] = ("commune", "nation")
    table = scores.cells(user, columns=(*CELLS, "level", "deff"), **asked)
    nation = table[table["level"] == "nation"].assign(effect=np.nan)
    communes = table[(table["level"] == "commune") & table["share"].notna()]
    communes = communes.assign(place_code=communes["place_code"].str[:4])
    if communes.empty:
        return nation[[*CELLS, "effect"]].reset_index(drop=True)
    exact = communes["working"].astype(bool)
    # a person may see some communes' working figures and others' released ones: then rounding is
    # allowed for
    sums = summed(communes, ["place_code"], rounded=not bool(exact.all()))
    facts = communes.groupby("place_code").agg(
        computed_at=("computed_at", "max"),
        method_version=("method_version", "first"),
        working=("working", "max"),
        rounded=("rounded", "max"),
    )
    rows = sums.merge(facts.reset_index(), on="place_code").assign(
        status=lambda r: np.where(r["judged"] >= FULL, "full", "pale"), why=""
    )
    rows = rows.rename(columns={"met": "numerator", "judged": "denominator"})
    both = [nation[[*CELLS, "effect"]], rows[[*CELLS, "effect"]]]
    return pd.concat([one for one in both if len(one)], ignore_index=True)


def classes(table: pd.DataFrame) -> pd.DataFrame:
    """Return the class of each district of ``cells``, in the columns that pages read of stored
    classes.
    """
    nation = table[table["place_code"] == ""]
    rows = table[table["place_code"] != ""].reset_index(drop=True)
    line = float(nation["share"].iloc[0]) if len(nation) else float("nan")
    columns: dict[str, Any] = {
        "place_code": rows["place_code"],
        "numerator": rows["numerator"].astype(float),
        "denominator": rows["denominator"].astype(float),
        "deff": rows["effect"].astype(float),
        "places": len(rows),
        "spread": 0.0,
        "funnel": "not_drawn",
        "arrow": "",
    }
    if len(rows) and not np.isnan(line):
        classes = funnel(
            columns["numerator"], columns["denominator"], deff=columns["deff"], centre=line
        )
        columns["spread"] = classes["spread"].to_numpy()
        columns["funnel"] = classes["place"].astype(str).to_numpy()
    return pd.DataFrame(columns)
