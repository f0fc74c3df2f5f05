"""Places as columns: what a page needs of the nation, quicker than from a DataFrame."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Table:
    """One row a place; ``columns`` are arrays of one length, texts as plain objects.

    A page counts 1,652 rows and shows twenty-five: making a DataFrame for it, and asking
    that for one column after the other, took a third of the page. Figures and files, which
    walk through every row, take the ``frame``.
    """

    columns: Columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def take(self, rows: ArrayLike) -> "Table":
        """Return the rows at these positions, in this order."""
        at = np.asarray(rows, dtype=np.intp)
        return Table({name: column[at] for name, column in self.columns.items()})

    def row(self, at: int) -> dict[Hashable, Any]:
        """Return one row: column -> value."""
        return {name: column[at] for name, column in self.columns.items()}

    def frame(self) -> pd.DataFrame:
        """Return the same as a DataFrame, texts as plain objects there too."""
        return pd.DataFrame(
            {name: pd.Series(column, dtype=column.dtype) for name, column in self.columns.items()}
        )


Rows = TypeVar("Rows", Table, pd.DataFrame)
"""Either of the two: columns, length and positions work the same in both."""


def texts(words: Sequence[str]) -> NDArray[np.object_]:
    """Return texts as a column."""
    column = np.empty(len(words), dtype=object)
    column[:] = words
    return column
