"""Packed columns: one value per column, instead of a tuple per row and an object per cell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

_NO_MOMENT = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Packing:
    """The packing of one column into a single value in SQL, and back.

    ``sql`` has a place for the column's name. ``unpacked`` gets None where there are no rows.
    """

    sql: str
    unpacked: Callable[[Any], Any]

    def packed(self, column: str) -> str:
        """Return the aggregate of a column, as SQL; it keeps the order of the rows."""
        return self.sql.format(column)


def _moments(packed: bytes | None) -> pd.DatetimeIndex:
    moments = np.frombuffer(packed or b"", dtype=">i8").astype("datetime64[us]")
    return pd.DatetimeIndex(moments).tz_localize("UTC")


NUMBER = Packing(
    "string_agg(float8send(coalesce({}::float8, 'NaN')), ''::bytea)",
    lambda packed: np.frombuffer(packed or b"", dtype=">f8").astype(np.float64),
)
"""Numbers as float64, a missing one NaN."""

MOMENT = Packing(f"string_agg(int8send(coalesce({{}}, '{_NO_MOMENT}')), ''::bytea)", _moments)
"""Microseconds since 1970 as moments in UTC."""

FLAG = Packing(
    "string_agg(boolsend({}), ''::bytea)",
    lambda packed: np.frombuffer(packed or b"", dtype=np.bool_).copy(),
)
"""Yes and no, never missing."""

NESTED = Packing("json_agg({})", lambda packed: packed or [])
"""Lists, of different lengths or none: an array of arrays would have to be a rectangle."""

PLAIN = Packing("array_agg({})", lambda packed: packed or [])
"""Texts and whole numbers as a list, a missing one None."""
