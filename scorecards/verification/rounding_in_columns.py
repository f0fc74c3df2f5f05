"""The second computation of a release: the rules again, as joins and columns.

Shares with the first (``method.disclosure.rounding``, ``releases.records``) only the keyed
functions of ``record_keys``: totals, rounding and the rules about totals and earlier states are
written anew. ``differences`` compares the two. ``release_cells_in_groups`` makes the cells from
records; a third program in plain loops checks both in tests.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scorecards.method.disclosure.record_keys import draws
from scorecards.verification.cell_codes import CELL, CellCodes, Rows

_PRINTS = ["kept_met", "kept_not_met"]

_UP = np.array([0, 2**64 // 3 + 1, 2 * 2**64 // 3 + 1], dtype=np.uint64)
"""Draws below which a number with a rest of 0, 1 or 2 is rounded up."""


def decide(cells: pd.DataFrame, kept: pd.DataFrame, secret: str) -> pd.DataFrame:
    """Apply rules 2, 3, 4 and 6 to every cell that has records or states.

    ``cells``: indicator, provider_kind, self_assessment, place_code, service, met, not_met,
    met_key, not_met_key, is_vote (may be missing: none is); ``kept``: states of earlier
    releases, oldest first. Returns the columns of the cell, status, kept_met, kept_not_met
    (NaN: not printed) and is_new.
    """
    codes = CellCodes(cells, kept)
    table = _with_states(cells, kept)
    number = codes.of(table)
    index = pd.Index(number)
    above = [np.where(t >= 0, index.get_indexer(pd.Index(t)), -1) for t in codes.totals(number)]
    truth = table[["met", "not_met"]].to_numpy(dtype=np.int64)
    fresh = np.column_stack(
        [_least(table, side, codes.cube(number), above, secret) for side in (0, 1)]
    )
    old = _in_force(index, codes.of(kept) if len(kept) else np.empty(0, np.int64), kept, truth)
    repeats = old.repeats
    prints = np.where(repeats[:, None], old.prints, fresh)
    shown = np.where(repeats, ~np.isnan(prints[:, 0]), False)
    people, enough = truth.sum(axis=1), prints.sum(axis=1) >= 9
    least = _least_people(table)
    depth = codes.depth(number)
    for level in np.unique(depth):
        rows = np.flatnonzero((depth == level) & ~repeats)
        fits = (people[rows] >= least[rows]) & enough[rows]
        for total in above:
            complete = total[rows]
            rest = people[complete] - people[rows]
            difference = prints[complete].sum(axis=1) - prints[rows].sum(axis=1)
            apart = (rest >= 10) & (difference >= 9)
            fits &= (complete < 0) | ~shown[complete] | (rest == 0) | apart
        shown[rows] = fits
    many = old.changed
    with np.errstate(invalid="ignore"):
        away = repeats & shown & (many >= 5) & (many > prints.sum(axis=1) / 4)
    prints[~shown] = np.nan
    status = np.where(away, "withdrawn", np.where(shown, "printed", "not_printed"))
    return table[CELL].assign(
        status=status, kept_met=prints[:, 0], kept_not_met=prints[:, 1], is_new=~repeats
    )


def _with_states(cells: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Return the cells, and with nobody in them those of which there are only states."""
    table = cells.assign(self_assessment=cells["self_assessment"].astype(bool))
    if kept.empty:
        return table.reset_index(drop=True)
    nobody = kept[CELL].assign(met=0, not_met=0)
    keys = dict.fromkeys(("met_key", "not_met_key"), np.zeros(len(nobody), dtype=np.uint64))
    nobody = nobody.assign(self_assessment=nobody["self_assessment"].astype(bool), **keys)
    both = pd.concat([table, nobody], ignore_index=True)
    return both.drop_duplicates(CELL).reset_index(drop=True)


def _least_people(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the number of people that each cell needs (rule 4).

    It is infinite for votes of two to four communes.
    """
    thirty = table["self_assessment"].astype(bool) | table["place_code"].str.len().lt(6)
    never = pd.Series(data=False, index=table.index)
    if "is_vote" in table:
        votes = table["is_vote"].eq(True) & (table["met"] + table["not_met"] > 0)
        finest = table.loc[votes & (table["place_code"].str.len() == 6), CELL]
        within = [finest.assign(place_code=finest["place_code"].str[:n]) for n in (0, 2, 6)]
        number = pd.concat(within).groupby(CELL, sort=False).size()
        communes = number.reindex(pd.MultiIndex.from_frame(table[CELL])).to_numpy()
        never = votes & (communes >= 2) & (communes <= 4)
        thirty |= votes & table["service"].ne("") & (communes == 1)
    return np.where(never, np.inf, np.where(thirty, 30.0, 10.0))


def _least(
    table: pd.DataFrame, side: int, cube: Rows, above: list[Rows], secret: str
) -> NDArray[np.float64]:
    """Apply rule 2, then rule 3: a set of records never above a set that contains it."""
    name = ("met", "not_met")[side]
    count = table[name].to_numpy(dtype=np.int64)
    key = table[f"{name}_key"].to_numpy(dtype=np.uint64)
    rest = count % 3
    value = count - rest + 3 * (draws(key, secret) < _UP[rest])
    same = pd.DataFrame({"cube": cube, "key": key, "count": count})
    of_set = same.groupby(["cube", "key", "count"], sort=False).ngroup().to_numpy()
    least = pd.Series(value).groupby(of_set).first()
    pairs = pd.concat(
        [pd.DataFrame({"part": of_set[t >= 0], "total": of_set[t[t >= 0]]}) for t in above]
    ).drop_duplicates()
    pairs = pairs[pairs["part"] != pairs["total"]]
    while True:
        limit = least.reindex(pairs["total"]).groupby(pairs["part"].to_numpy()).min()
        lower = np.minimum(least, limit.reindex(least.index).fillna(np.inf)).astype(np.int64)
        if (lower == least).all():
            break
        least = pd.Series(lower, index=least.index)
    return least.to_numpy(dtype=np.float64)[of_set]


class _Old(NamedTuple):
    """The state in force of each cell: people changed since, its prints, whether there is one."""

    changed: NDArray[np.float64]
    prints: NDArray[np.float64]
    repeats: NDArray[np.bool_]


def _in_force(index: pd.Index, of_state: Rows, kept: pd.DataFrame, truth: Rows) -> _Old:
    """Find for each cell the latest state that fewer than ten people changed against (rule 6)."""
    many = np.zeros(len(index))
    prints, repeats = np.full((len(index), 2), np.nan), np.zeros(len(index), dtype=np.bool_)
    if len(kept):
        row = index.get_indexer(pd.Index(of_state))
        before = kept[["met", "not_met"]].to_numpy(dtype=np.int64)
        moved = truth[row] - before
        people = np.maximum(abs(moved).max(axis=1), abs(moved.sum(axis=1)))
        near = pd.DataFrame({"row": row, "state": np.arange(len(kept)), "people": people})
        last = near[near["people"] < 10].drop_duplicates("row", keep="last")
        rows = last["row"].to_numpy()
        repeats[rows], many[rows] = True, last["people"]
        prints[rows] = kept[_PRINTS].to_numpy(dtype=np.float64)[last["state"]]
    return _Old(many, prints, repeats)


def differences(first: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """Return cells that the two decide otherwise: the cell, stored and recomputed, in words."""
    names = ["status", *_PRINTS, "is_new"]
    codes = CellCodes(first, again)
    ours, theirs = (
        table[[*CELL, *names]].set_index(pd.Index(codes.of(table))) for table in (first, again)
    )
    every = ours.index.union(theirs.index)
    one, two = ours.reindex(every), theirs.reindex(every)
    same = (one["status"] == two["status"]) & (one["is_new"] == two["is_new"])
    for name in _PRINTS:
        same &= (one[name] == two[name]) | (one[name].isna() & two[name].isna())
    cells = one[CELL].where(one["status"].notna(), two[CELL])[~same]
    words = {
        name: [_in_words(*row) for row in table.loc[~same, names].itertuples(index=False)]
        for name, table in (("stored", one), ("recomputed", two))
    }
    return cells.assign(**words).reset_index(drop=True)


def _in_words(status: object, met: float, not_met: float, is_new: object) -> str:
    if not isinstance(status, str):
        return "no such cell"
    prints = "-/-" if pd.isna(met) else f"{met:.0f}/{not_met:.0f}"
    return f"{status} {prints}{' new' if is_new else ''}"
