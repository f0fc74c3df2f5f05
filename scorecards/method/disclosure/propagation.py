"""Outer bounds on hidden numbers, before any linear program is solved.

Each sum bounds each of its terms by the remainder of the others; repeated until no bound changes.
The bounds always contain the true range, so a range that is too narrow here is certainly a leak,
while a wide one still needs proof.
"""

import numpy as np

from scorecards.method.arrays import Floats, Integers

ROUNDS = 12
STILL = 1e-9


def tighten(
    number: Integers,
    cell: Integers,
    sign: Floats,
    residual: Floats,
    *,
    low: Floats,
    high: Floats,
) -> None:
    """Narrow ``low`` and ``high`` (cells x sides + 1, people last) in place.

    One entry of ``number``, ``cell``, ``sign`` per unknown term of a sum; ``residual``
    (sums x sides) is what the unknown terms of each sum add up to.
    """
    sides = residual.shape[1]
    totals = np.column_stack([residual, residual.sum(axis=1)])
    for _ in range(ROUNDS):
        before = np.nan_to_num(high - low, posinf=1e15).sum()
        for part in range(sides + 1):
            _narrow(number, cell, sign, totals[:, part], low=low[:, part], high=high[:, part])
        _couple(low, high, sides)
        if before - np.nan_to_num(high - low, posinf=1e15).sum() < STILL:
            return


def _narrow(
    number: Integers,
    cell: Integers,
    sign: Floats,
    total: Floats,
    *,
    low: Floats,
    high: Floats,
) -> None:
    least = np.where(sign > 0, low[cell], -high[cell])
    most = np.where(sign > 0, high[cell], -low[cell])
    up = total[number] - _others(number, least, total.size, -np.inf)
    down = total[number] - _others(number, most, total.size, np.inf)
    plus = sign > 0
    np.minimum.at(high, cell, np.where(plus, up, -down))
    np.maximum.at(low, cell, np.where(plus, down, -up))


def _others(number: Integers, bound: Floats, sums: int, endless: float) -> Floats:
    """Sum the bounds of the other terms of the same sum; ``endless`` if one of them is."""
    finite = np.isfinite(bound)
    held = np.where(finite, bound, 0.0)
    added = np.bincount(number, weights=held, minlength=sums)
    loose = np.bincount(number, weights=~finite, minlength=sums)
    return np.where(loose[number] - ~finite > 0, endless, added[number] - held)


def _couple(low: Floats, high: Floats, sides: int) -> None:
    """Apply that people are met plus not met."""
    if sides == 1:
        low[:, 0] = low[:, 1] = np.maximum(low[:, 0], low[:, 1])
        high[:, 0] = high[:, 1] = np.minimum(high[:, 0], high[:, 1])
        return
    np.maximum(low[:, 2], low[:, 0] + low[:, 1], out=low[:, 2])
    np.minimum(high[:, 2], high[:, 0] + high[:, 1], out=high[:, 2])
    for side in (0, 1):
        np.minimum(high[:, side], high[:, 2] - low[:, 1 - side], out=high[:, side])
        np.maximum(low[:, side], low[:, 2] - high[:, 1 - side], out=low[:, side])
