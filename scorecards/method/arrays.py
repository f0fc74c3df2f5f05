"""Conversion of arguments (numbers, arrays, Series) to float arrays and back."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def floats(values: ArrayLike | pd.Series) -> Floats:
    """Return values as a float array of the same shape; every kind of missing becomes NaN."""
    if isinstance(values, pd.Series):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(values, dtype=np.float64)


def booleans(values: ArrayLike | pd.Series) -> Booleans:
    """Return values as a boolean array; a missing value raises ``ValueError``."""
    numbers = floats(values)
    if np.isnan(numbers).any():
        raise ValueError("a yes or no is missing where one is needed")
    return np.asarray(numbers != 0, dtype=np.bool_)


def like(template: object, values: Floats) -> Any:
    """Return ``values`` in the type the caller passed: a number, an array or a Series."""
    if isinstance(template, pd.Series):
        return pd.Series(values, index=template.index)
    if values.ndim == 0:
        return float(values)
    return values


def pick_template(*candidates: object) -> object:
    """Return the argument whose type the answer has: a Series first, then an array."""
    for kind in (pd.Series, np.ndarray, list):
        for candidate in candidates:
            if isinstance(candidate, kind):
                return candidate
    return candidates[0]
