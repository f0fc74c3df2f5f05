"""Cells as whole numbers, so that joins and totals of large tables are arithmetic."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CUBE = ["indicator", "provider_kind", "self_assessment"]
CELL = [*CUBE, "place_code", "service"]
LENGTHS = (0, 2, 6)
"""Digits of the places that cells exist for: the nation, provinces, communes."""

Rows = NDArray[np.int64]


class CellCodes:
    """Cells as whole numbers: cube, place and service, so that a total's number is computed."""

    def __init__(self, *tables: pd.DataFrame) -> None:
        cells = [table[CELL] for table in tables if len(table)]
        both = pd.concat(cells, ignore_index=True) if cells else pd.DataFrame(columns=CELL)
        self._cubes = pd.Index(_cube_names(both)).unique()
        places = {code[:n] for code in pd.unique(both["place_code"]) for n in LENGTHS}
        self.places = pd.Index(sorted(places, key=lambda code: (len(code), code)), dtype=object)
        services = pd.unique(both["service"])
        self._services = pd.Index(sorted({"", *services}), dtype=object)  # "" comes first: 0
        self._size = np.array([len(code) for code in self.places], dtype=np.int64)

    def of(self, table: pd.DataFrame) -> Rows:
        """Return the number of each row's cell."""
        cube = self._cubes.get_indexer(pd.Index(_cube_names(table)))
        place = self.places.get_indexer(pd.Index(table["place_code"], dtype=object))
        service = self._services.get_indexer(pd.Index(table["service"], dtype=object))
        return self._joined(cube, place, service)

    def _joined(self, cube: Rows, place: Rows, service: Rows) -> Rows:
        return (cube * len(self.places) + place) * len(self._services) + service

    def totals(self, number: Rows) -> Iterator[Rows]:
        """Yield, for each larger place and for all services, the numbers of the cells' totals.

        A cell has -1 in place of itself, and where there is no such place.
        """
        service = number % len(self._services)
        place = number // len(self._services) % len(self.places)
        cube = self.cube(number)
        for length in LENGTHS:
            shorter = self.places.get_indexer(pd.Index([code[:length] for code in self.places]))
            at = np.where(self._size[place] >= length, shorter[place], -1)
            for part in (service, np.zeros_like(service)):
                joined = self._joined(cube, at, part)
                yield np.where((at < 0) | (joined == number), -1, joined)

    def cube(self, number: Rows) -> Rows:
        """Return the number of the cube that a cell is in."""
        return number // len(self._services) // len(self.places)

    def depth(self, number: Rows) -> Rows:
        """Return the depth of each cell in its hierarchy; its totals are all less deep."""
        place = number // len(self._services) % len(self.places)
        return self._size[place] + (number % len(self._services) > 0)


def _cube_names(table: pd.DataFrame) -> NDArray[np.object_]:
    """Return indicator, kind and self-assessment as one text per row; few of them are different."""
    number = np.zeros(len(table), dtype=np.int64)
    for name in CUBE:
        codes, distinct = pd.factorize(table[name].astype(object))
        number = number * max(len(distinct), 1) + codes
    _cubes, first, of_row = np.unique(number, return_index=True, return_inverse=True)
    names = ["|".join(str(table[name].iloc[row]) for name in CUBE) for row in first]
    return np.array(names, dtype=object)[of_row]
