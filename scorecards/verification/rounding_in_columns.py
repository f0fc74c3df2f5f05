"""The second computation of a release: the rules again, as joins and columns.

Shares with the first (``method.disclosure.rounding``, ``releases.records``) only the keyed
functions of ``record_keys``: totals, rounding and the rules about totals and earlier states are
written anew. ``differences`` compares the two. ``release_cells_in_groups`` makes the cells from
records; a third program in plain loops checks both in tests.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scorecards.method.disclosure.record_keys import draws

_CUBE = ["indicator", "provider_kind", "self_assessment"]
_CELL = [*_CUBE, "place_code", "service"]
_PRINTS = ["kept_met", "kept_not_met"]
_LENGTHS = (0, 2, 6)
"""Digits of the places that cells exist for: the nation, provinces, communes."""

_UP = np.array([0, 2**64 // 3 + 1, 2 * 2**64 // 3 + 1], dtype=np.uint64)
"""Below this a number with a rest of 0, 1 or 2 is rounded up."""

Rows = NDArray[np.int64]


class _Codes:
    """Cells as whole numbers: cube, place and service, so that a total's number is computed."""

    def __init__(self, *tables: pd.DataFrame) -> None:
        cells = [table[_CELL] for table in tables if len(table)]
        both = pd.concat(cells, ignore_index=True) if cells else pd.DataFrame(columns=_CELL)
        self._cubes = pd.Index(_cube_names(both)).unique()
        places = {code[:n] for code in pd.unique(both["place_code"]) for n in _LENGTHS}
        self.places = pd.Index(sorted(places, key=lambda code: (len(code), code)), dtype=object)
        services = pd.unique(both["service"])
        self._services = pd.Index(sorted({"", *services}), dtype=object)  # "" comes first: 0
        self._size = np.array([len(code) for code in self.places], dtype=np.int64)

    def of(self, table: pd.DataFrame) -> Rows:
        """The number of each row's cell."""
        cube = self._cubes.get_indexer(pd.Index(_cube_names(table)))
        place = self.places.get_indexer(pd.Index(table["place_code"], dtype=object))
        service = self._services.get_indexer(pd.Index(table["service"], dtype=object))
        return self._joined(cube, place, service)

    def _joined(self, cube: Rows, place: Rows, service: Rows) -> Rows:
        return (cube * len(self.places) + place) * len(self._services) + service

    def totals(self, number: Rows) -> Iterator[Rows]:
        """For each larger place and for all services, the numbers of the totals; -1 for itself."""
        service = number % len(self._services)
        place = number // len(self._services) % len(self.places)
        cube = self.cube(number)
        for length in _LENGTHS:
            shorter = self.places.get_indexer(pd.Index([code[:length] for code in self.places]))
            at = np.where(self._size[place] >= length, shorter[place], -1)
            for part in (service, np.zeros_like(service)):
                joined = self._joined(cube, at, part)
                yield np.where((at < 0) | (joined == number), -1, joined)

    def cube(self, number: Rows) -> Rows:
        """The number of the cube that a cell is in."""
        return number // len(self._services) // len(self.places)

    def depth(self, number: Rows) -> Rows:
        """How far from the top a cell is: its totals are all less deep."""
        place = number // len(self._services) % len(self.places)
        return self._size[place] + (number % len(self._services) > 0)


def _cube_names(table: pd.DataFrame) -> NDArray[np.object_]:
    """Indicator, kind and self-assessment as one text a row; few of them are different."""
    number = np.zeros(len(table), dtype=np.int64)
    for name in _CUBE:
        codes, distinct = pd.factorize(table[name].astype(object))
        number = number * max(len(distinct), 1) + codes
    _cubes, first, of_row = np.unique(number, return_index=True, return_inverse=True)
    names = ["|".join(str(table[name].iloc[row]) for name in _CUBE) for row in first]
    return np.array(names, dtype=object)[of_row]


def decide(cells: pd.DataFrame, kept: pd.DataFrame, secret: str) -> pd.DataFrame:
    """Apply rules 2, 3, 4 and 6 to every cell that has records or states.

    ``cells``: indicator, provider_kind, self_assessment, place_code, service, met, not_met,
    met_key, not_met_key; ``kept``: states of earlier releases, oldest first. Returns the
    columns of the cell, status, kept_met, kept_not_met (NaN: not printed) and is_new.
    """
    codes = _Codes(cells, kept)
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
    depth = codes.depth(number)
    for level in np.unique(depth):
        rows = np.flatnonzero((depth == level) & ~repeats)
        fits = (people[rows] >= 10) & enough[rows]
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
    return table[_CELL].assign(
        status=status, kept_met=prints[:, 0], kept_not_met=prints[:, 1], is_new=~repeats
    )


def _with_states(cells: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """The cells, and with nobody in them those of which there are only states."""
    table = cells.assign(self_assessment=cells["self_assessment"].astype(bool))
    if kept.empty:
        return table.reset_index(drop=True)
    nobody = kept[_CELL].assign(met=0, not_met=0)
    keys = dict.fromkeys(("met_key", "not_met_key"), np.zeros(len(nobody), dtype=np.uint64))
    nobody = nobody.assign(self_assessment=nobody["self_assessment"].astype(bool), **keys)
    both = pd.concat([table, nobody], ignore_index=True)
    return both.drop_duplicates(_CELL).reset_index(drop=True)


def _least(
    table: pd.DataFrame, side: int, cube: Rows, above: list[Rows], secret: str
) -> NDArray[np.float64]:
    """Rule 2, then rule 3: a set of records never above a set that contains it."""
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
    """Of each cell the state in force: people changed since, its prints, whether there is one."""

    changed: NDArray[np.float64]
    prints: NDArray[np.float64]
    repeats: NDArray[np.bool_]


def _in_force(index: pd.Index, of_state: Rows, kept: pd.DataFrame, truth: Rows) -> _Old:
    """Rule 6: for each cell the latest state that fewer than ten people changed against."""
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
    """Cells that the two decide otherwise: the cell, stored and recomputed, in words."""
    names = ["status", *_PRINTS, "is_new"]
    codes = _Codes(first, again)
    ours, theirs = (
        table[[*_CELL, *names]].set_index(pd.Index(codes.of(table))) for table in (first, again)
    )
    every = ours.index.union(theirs.index)
    one, two = ours.reindex(every), theirs.reindex(every)
    same = (one["status"] == two["status"]) & (one["is_new"] == two["is_new"])
    for name in _PRINTS:
        same &= (one[name] == two[name]) | (one[name].isna() & two[name].isna())
    cells = one[_CELL].where(one["status"].notna(), two[_CELL])[~same]
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
