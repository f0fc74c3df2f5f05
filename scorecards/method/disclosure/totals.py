"""The totals above each cell, as row numbers: the shape of a released table."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scorecards.method.arrays import Integers

Rows = NDArray[np.intp]


class Ladder:
    """The cells of a table (place_code, service, columns of the cube) and the totals above them.

    A cell lies in every cell of the same cube whose place its own place begins with and
    whose service is its own or all (""). ``totals``: cells x slots, the row of each total or
    -1. ``floors``: rows by their distance from the top, the uppermost first, so that
    whoever goes through them has decided all totals of a cell before it. ``is_finest``: whether
    the place of a cell has the longest code of all.
    """

    def __init__(self, keys: pd.DataFrame) -> None:
        cube = [name for name in keys.columns if name not in ("place_code", "service")]
        number = keys.groupby(cube, sort=False).ngroup() if cube else pd.Series(0, keys.index)
        place = keys["place_code"].astype(str)
        service, _ = pd.factorize(keys["service"].astype(str))
        empty = (keys["service"].astype(str) == "").to_numpy()
        lengths = sorted({int(n) for n in place.str.len().unique()}, reverse=True)
        codes, names = pd.factorize(place)
        values = pd.Index(names)
        # One number per cell: cube, place, service (0 is all services).
        part = np.where(empty, 0, service + 1)
        width, parts = len(names) + 1, int(part.max(initial=0)) + 1
        own = (number.to_numpy() * width + codes) * parts + part
        order = np.argsort(own)
        length = place.str.len().to_numpy()

        def row_of(places: Integers, services: Integers) -> Integers:
            wanted = (number.to_numpy() * width + places) * parts + services
            at = np.minimum(np.searchsorted(own[order], wanted), max(len(own) - 1, 0))
            row = order[at] if len(own) else at
            return np.where((places >= 0) & (own[row] == wanted), row, -1)

        slots = []
        for size in lengths:
            shorter = values.get_indexer(pd.Index([name[:size] for name in names]))
            above = np.where(length >= size, shorter[codes], -1)
            slots += [row_of(above, part), row_of(above, np.zeros_like(part))]
        rows = np.arange(len(keys))
        totals = np.column_stack(slots) if slots else np.empty((0, 0), dtype=np.int64)
        self.totals: Integers = np.where(totals == rows[:, None], -1, totals)
        depth = np.searchsorted(np.array(lengths[::-1]), length) + (part > 0)
        self.floors: list[Rows] = [np.flatnonzero(depth == level) for level in np.unique(depth)]
        self._cube = number.to_numpy()
        self.is_finest = (place.str.len() == (lengths or [0])[0]).to_numpy()

    def above(self, rows: Rows) -> list[Integers]:
        """For each slot the totals of these rows; -1 where there is none."""
        return [self.totals[rows, slot] for slot in range(self.totals.shape[1])]

    def finest_places(self, counted: NDArray[np.bool_]) -> Integers:
        """Count the places with the longest codes in each cell, of cells that are ``counted``."""
        rows = np.flatnonzero(self.is_finest & counted)
        result = np.zeros(len(self._cube), dtype=np.int64)
        result[rows] = 1
        for total in self.totals[rows, ::2].T:  # the other slots are of the same service
            np.add.at(result, total[total >= 0], 1)
        return result

    def same_sets(self, key: NDArray[np.uint64], size: Integers) -> Integers:
        """Return a number for each set of records.

        Cells of one cube with equal key and size share it.
        """
        table = pd.DataFrame({"cube": self._cube, "key": key, "size": size})
        return np.asarray(table.groupby(["cube", "key", "size"], sort=False).ngroup(), np.int64)

    def least_above(self, values: Integers, of_set: Integers) -> Integers:
        """Return the least of each cell's value and those of every set that contains it (rule 3).

        A set has all the totals of all its cells, so that one set keeps one number.
        """
        least = np.full(int(of_set.max(initial=-1)) + 1, np.iinfo(np.int64).max)
        np.minimum.at(least, of_set, values)
        pairs = [
            (of_set[below], of_set[slot[below]])
            for slot in self.totals.T
            if (below := np.flatnonzero(slot >= 0)).size
        ]
        child = np.concatenate([pair[0] for pair in pairs]) if pairs else np.empty(0, np.int64)
        total = np.concatenate([pair[1] for pair in pairs]) if pairs else child
        while True:
            before = least.copy()
            np.minimum.at(least, child, before[total])
            if (least == before).all():
                return least[of_set]
