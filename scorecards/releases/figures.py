"""Printed figures from decided cells: shares and intervals, and the gaps between groups.

Everything here is made from printed numbers and from design effects with one decimal.
"""

import numpy as np
import pandas as pd

from scorecards import columns
from scorecards.method.arrays import Floats, floats
from scorecards.method.disclosure.rounding import effect, intervals
from scorecards.method.estimates.intervals import newcombe_difference
from scorecards.method.estimates.shares import share_status
from scorecards.method.vocabulary import Status
from scorecards.pipeline.vote_gaps import IS_MEMBER
from scorecards.releases.records import CELL, CUBE, group_name
from scorecards.storage import partitions
from scorecards.storage.copy_in import plain
from scorecards.storage.copy_out import copied

FIGURES = list(columns.names(*columns.COUNTS, *columns.ESTIMATES))
GAP_NUMBERS = ["voters", "others", "satisfied", "others_satisfied", "share", "others_share"]
GAP_NUMBERS += ["share_gap", "share_low", "share_high"]
_LEVELS = {0: "nation", 2: "province", 6: "commune"}


def design_effects(period: str) -> pd.DataFrame:
    """Read CELL and deff of the working figures of a period, of cells of ten people or more."""
    effects = copied(
        f"SELECT {', '.join(CELL)}, deff FROM {partitions.SCORES} "  # noqa: S608 - names of ours
        "WHERE period = %s AND level <> 'provider' AND denominator >= 10",
        [period],
    )
    return plain(effects)


def of_cells(decided: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of ``ReleasedCell`` for every printed or withdrawn cell of ``decided``.

    ``effects``: see ``design_effects``. Cells of groups of voters are no rows of their own: see
    ``of_gaps``.
    """
    there = decided["status"].isin(["printed", "withdrawn"]) & ~_is_group(decided["service"])
    cells = decided.loc[there].reset_index(drop=True)
    met, judged = floats(cells["printed_met"]), floats(cells["printed_judged"])
    deff = np.where(np.isnan(judged), np.nan, _effect_of(cells[CELL], effects))
    low, high = intervals(met, judged, np.nan_to_num(deff, nan=1.0))
    withdrawn = (cells["status"] == "withdrawn").to_numpy()
    status = np.where(withdrawn, str(Status.WITHDRAWN), [str(s) for s in share_status(judged)])
    # A printed 9 stands for ten or more: it has a figure, however pale.
    status = np.where(~withdrawn & (judged < 10), str(Status.PALE), status)
    length = cells["place_code"].str.len()
    return cells[CELL].assign(
        level=length.map(_LEVELS),
        province_code=cells["place_code"].str[:2],
        status=status,
        why="",
        numerator=met,
        denominator=judged,
        share=met / judged,
        low=low,
        high=high,
        deff=deff,
    )


def is_one_sided(decided: pd.DataFrame) -> "pd.Series[bool]":
    """Mark cells with one side printed as 0: gaps of such groups of voters have no row.

    A printed 0 is a true 0, 1 or 2; of a group of few, of whom several questions bound the
    number, that is too near.
    """
    return decided[["kept_met", "kept_not_met"]].eq(0).any(axis=1)


def of_gaps(decided: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of ``VoteGap`` for every group of voters of which both sides may be shown.

    Both are printed and none is one-sided, or the row is withdrawn because one of them is being
    corrected.
    """
    groups = decided[_is_group(decided["service"]) & ~is_one_sided(decided)]
    keys = [*CUBE, "place_code"]
    effects = effects[effects["service"] == ""]
    tables = []
    for among in IS_MEMBER:
        ours = groups[groups["service"] == group_name(among, member=True)]
        others = groups[groups["service"] == group_name(among, member=False)]
        both = ours.merge(others, on=keys, suffixes=("", "_of_others"))
        is_printed = (both["status"] != "not_printed") & (both["status_of_others"] != "not_printed")
        tables.append(_gaps(both[is_printed].reset_index(drop=True), effects).assign(among=among))
    return plain(pd.concat(tables, ignore_index=True))


def _gaps(both: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    deff = _effect_of(both[[*CUBE, "place_code"]].assign(service=""), effects)
    numbers = {}
    for name, side in (("", "printed"), ("others_", "others")):
        end = "" if side == "printed" else "_of_others"
        numbers[f"{name}met"] = floats(both[f"printed_met{end}"])
        numbers[f"{name}judged"] = floats(both[f"printed_judged{end}"])
    met, judged = numbers["met"], numbers["judged"]
    others_met, others = numbers["others_met"], numbers["others_judged"]
    wide, wider = effect(met, judged, deff), effect(others_met, others, deff)
    low, high = newcombe_difference(met / wide, judged / wide, others_met / wider, others / wider)
    shown = ~np.isnan(judged) & ~np.isnan(others)
    table = both[["indicator", "provider_kind", "place_code"]].assign(
        level=both["place_code"].str.len().map(_LEVELS),
        status=np.where(shown, "shown", str(Status.WITHDRAWN)),
        voters=judged,
        others=others,
        satisfied=met,
        others_satisfied=others_met,
        share=met / judged,
        others_share=others_met / others,
        share_gap=met / judged - others_met / others,
        share_low=low,
        share_high=high,
    )
    table.loc[~shown, GAP_NUMBERS] = np.nan
    return table


def _is_group(service: "pd.Series[str]") -> "pd.Series[bool]":
    return service.isin([group_name(among, m) for among in IS_MEMBER for m in (True, False)])


def _effect_of(cells: pd.DataFrame, effects: pd.DataFrame) -> Floats:
    """Return the design effect of each cell to one decimal, 1 where none is known."""
    texts = {name: object for name in CELL if name != "self_assessment"}
    deff = cells.astype(texts).merge(effects, on=CELL, how="left")["deff"].fillna(1.0)
    return np.maximum(np.round(floats(deff), 1), 1.0)
