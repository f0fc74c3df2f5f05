"""Classes of cells that are not ranked: single services of communes, and provinces.

Class, line, change and arrow of a cell are computed once, here or in ``comparisons`` (all
services of a commune together, with ranks), stored, and read by pages, files and API.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scorecards.method.comparison import changes, funnel
from scorecards.method.estimates.shares import LEAST_JUDGED
from scorecards.periods import Period
from scorecards.standard_changes import Breaks
from scorecards.storage.copy_out import copied

COLUMNS = (
    *("indicator", "provider_kind", "service", "level", "place_code"),
    *("numerator", "denominator", "deff"),
)
KEY = ["indicator", "provider_kind", "service", "place_code"]
CUBE = ["level", "indicator", "provider_kind", "service"]
WHERE = (
    "NOT s.self_assessment AND"
    " (s.service <> '' AND s.level = 'commune' OR s.level IN ('province', 'nation'))"
)
"""The cells that are classed here, and the nation's, which are their lines."""


def is_classed(period: Period) -> bool:
    """Return whether cells of this period are classed by service; those of a month are not.

    A month has too few cases of one service.
    """
    return period.length != "month"


def working(period: Period) -> pd.DataFrame:
    """Return the working cells of a period in COLUMNS."""
    chosen = ", ".join(f"s.{name}" for name in COLUMNS)
    table = copied(
        f"SELECT {chosen} FROM scorecards_score s WHERE s.period = %s AND {WHERE}"  # noqa: S608
        f" AND s.denominator >= {LEAST_JUDGED}",
        [period.code],
    )
    return plain(table)


def chosen(cells: pd.DataFrame) -> pd.DataFrame:
    """Select the cells of a release that are classed here, and the nation's."""
    single = (cells["service"] != "") & (cells["level"] == "commune")
    return plain(cells[single | cells["level"].isin(["province", "nation"])])


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with texts as objects and counts as floats."""
    numbers = ("numerator", "denominator", "deff")
    kinds = {name: float if name in numbers else object for name in COLUMNS}
    return table[list(COLUMNS)].astype(kinds)


def of_cells(
    period: Period, now: pd.DataFrame, before: pd.DataFrame, breaks: Breaks
) -> pd.DataFrame:
    """Return the columns of ``PlaceClass`` for the cells ``now``, changed since the period before.

    Both are tables of COLUMNS, the nation's cells among them; ``before`` may be empty.
    """
    nation = now[now["level"] == "nation"].set_index(["indicator", "provider_kind", "service"])
    lines = (nation["numerator"] / nation["denominator"]).to_dict()
    placed = now[now["level"] != "nation"].sort_values([*CUBE, "place_code"], ignore_index=True)
    if placed.empty:
        return pd.DataFrame()
    table = placed.assign(**_classes(placed, lines))
    return table.assign(**_changes(period, table, before, breaks))


def _classes(placed: pd.DataFrame, lines: Mapping[Any, float]) -> dict[str, Any]:
    """Compute places, line, spread, class and outlier of each row, from all rows of its cube."""
    met, judged, deff = (placed[name].to_numpy() for name in ("numerator", "denominator", "deff"))
    size = len(placed)
    places, whole, spread = np.zeros(size, np.int64), np.full(size, np.nan), np.full(size, np.nan)
    classes, outlier = np.full(size, "", dtype=object), np.zeros(size, dtype=np.bool_)
    of_cube = placed.groupby(CUBE, sort=False).ngroup().to_numpy()
    for number, (_level, *cube) in enumerate(placed[CUBE].drop_duplicates().to_numpy()):
        rows = np.flatnonzero(of_cube == number)
        line = float(lines.get(tuple(cube), np.nan))
        classed = funnel(met[rows], judged[rows], deff=deff[rows], centre=line)
        places[rows], whole[rows] = len(rows), classed["centre"]
        spread[rows], outlier[rows] = classed["spread"], classed["outlier"]
        classes[rows] = [str(one) for one in classed["place"]]
    return {
        "places": places,
        "whole": whole,
        "spread": spread,
        "funnel": classes,
        "outlier": outlier,
    }


def _changes(
    period: Period, table: pd.DataFrame, before: pd.DataFrame, breaks: Breaks
) -> dict[str, Any]:
    both = table[KEY].merge(before, how="left", on=KEY)
    pair = [period.previous, period]
    cubes = table[["provider_kind", "service", "indicator"]].drop_duplicates()
    broken = {
        (kind, service, indicator): breaks.between(kind, service, indicator, pair)[0]
        for kind, service, indicator in cubes.itertuples(index=False, name=None)
    }
    of_row = table[["provider_kind", "service", "indicator"]].itertuples(index=False, name=None)
    change = changes(
        both["numerator"].to_numpy(dtype=float),
        both["denominator"].to_numpy(dtype=float),
        table["numerator"].to_numpy(dtype=float),
        table["denominator"].to_numpy(dtype=float),
        new_standard=np.array([broken[cube] for cube in of_row], dtype=bool),
        deff=table["deff"].to_numpy(dtype=float),
        deff_before=both["deff"].fillna(1.0).to_numpy(dtype=float),
    )
    return {
        "change": change["change"].to_numpy(),
        "change_low": change["low"].to_numpy(),
        "change_high": change["high"].to_numpy(),
        "arrow": change["arrow"].astype(str).to_numpy(),
        "change_alarm": change["alarm"].to_numpy(),
    }
