"""Linear constraints with alternatives, their bounds tightened, as ``scipy.optimize.milp`` wants.

Tight bounds are what makes the reader's programs quick: an alternative is written with the least
number that switches its constraints off, and one that bounds exclude is left out.
"""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import csr_array

Expression = dict[int, float]
"""A sum of unknowns: number of the unknown -> factor."""

ROUNDS = 30
Numbers = NDArray[np.float64]


class Row(NamedTuple):
    """``what`` lies from ``low`` to ``high``."""

    what: Expression
    low: float
    high: float


Choice = list[Row]
"""Constraints that hold together, if this alternative is the one."""


def minus(a: Expression, b: Expression) -> Expression:
    """The difference of two expressions; what cancels out is left away."""
    results: dict[int, float] = defaultdict(float, a)
    for name, value in b.items():
        results[name] -= value
    return {name: value for name, value in results.items() if value}


def plus(a: Expression, b: Expression) -> Expression:
    """The sum of two expressions."""
    return minus(a, {name: -value for name, value in b.items()})


class Problem:
    """Unknowns from 0 to ``most``, rows, and lists of alternatives of which one holds."""

    def __init__(
        self, unknowns: int, most: float, rows: list[Row], choices: list[list[Choice]]
    ) -> None:
        self.rows = rows
        self.low, self.high = np.zeros(unknowns), np.full(unknowns, float(most))
        left = choices
        for _turn in range(ROUNDS):
            before = self.low.sum(), self.high.sum(), len(left)
            tighten(_Matrix(self.rows, unknowns), self.low, self.high)
            left = self._without_settled(left)
            if before == (self.low.sum(), self.high.sum(), len(left)):
                break
        self.choices = left
        self._matrix = self._written()

    def _without_settled(self, choices: list[list[Choice]]) -> list[list[Choice]]:
        """Alternatives that bounds leave open; the only one left becomes plain rows."""
        left = []
        for some in choices:
            able = [choice for choice in some if all(self._may_hold(row) for row in choice)]
            if len(able) == 1:
                self.rows = [*self.rows, *able[0]]
            elif not any(all(self._must_hold(row) for row in choice) for choice in able):
                left.append(able)
        return left

    def _ends(self, what: Expression) -> tuple[float, float]:
        """The least and the most that the bounds let an expression be."""
        names, factors = np.array([*what], dtype=int), np.array([*what.values()])
        up, down = np.maximum(factors, 0), np.minimum(factors, 0)
        low, high = self.low[names], self.high[names]
        return float(up @ low + down @ high), float(up @ high + down @ low)

    def _may_hold(self, row: Row) -> bool:
        least, most = self._ends(row.what)
        return least <= row.high and most >= row.low

    def _must_hold(self, row: Row) -> bool:
        least, most = self._ends(row.what)
        return row.low <= least and most <= row.high

    def _written(self) -> tuple[list[Row], int]:
        """Return all rows, alternatives with a switch (0 or 1) each, and the number of unknowns."""
        rows, size = list(self.rows), len(self.low)
        for some in self.choices:
            switches = range(size, size := size + len(some))
            rows.append(Row(dict.fromkeys(switches, 1.0), 1, np.inf))
            for switch, choice in zip(switches, some, strict=True):
                for row in choice:
                    least, most = self._ends(row.what)
                    if most > row.high:
                        far = most - row.high
                        rows.append(Row({**row.what, switch: far}, -np.inf, row.high + far))
                    if least < row.low:
                        far = row.low - least
                        rows.append(Row({**row.what, switch: -far}, row.low - far, np.inf))
        return rows, size

    def to_solve(self, extra: Row) -> dict[str, Any] | None:
        """Arguments of ``milp`` with one row more; None where bounds alone exclude it."""
        rows, size = self._matrix
        if not self._may_hold(extra):
            return None
        low = np.concatenate([self.low, np.zeros(size - len(self.low))])
        high = np.concatenate([self.high, np.ones(size - len(self.low))])
        matrix = _Matrix([*rows, extra], size)
        if not tighten(matrix, low, high):
            return None
        return {
            "c": np.zeros(size),
            "constraints": LinearConstraint(matrix.factors, matrix.low, matrix.high),
            "integrality": np.ones(size),
            "bounds": Bounds(low, high),
        }


class _Matrix:
    def __init__(self, rows: list[Row], unknowns: int) -> None:
        entries = [(i, j, v) for i, row in enumerate(rows) for j, v in row.what.items()]
        self.i, self.j = (np.array([e[n] for e in entries], dtype=int) for n in (0, 1))
        self.v = np.array([e[2] for e in entries], dtype=float)
        self.factors = csr_array((self.v, (self.i, self.j)), shape=(len(rows), unknowns))
        self.low = np.array([row.low for row in rows], dtype=float)
        self.high = np.array([row.high for row in rows], dtype=float)


def tighten(matrix: _Matrix, low: Numbers, high: Numbers) -> bool:
    """Tighten the bounds of whole unknowns in place; False where nothing is left between them."""
    i, j, v = matrix.i, matrix.j, matrix.v
    count = len(matrix.low)
    for _turn in range(ROUNDS):
        before = low.sum(), high.sum()
        least, most = (
            np.where(v > 0, v * low[j], v * high[j]),
            np.where(v > 0, v * high[j], v * low[j]),
        )
        lowest = np.bincount(i, least, count)[i] - least
        highest = np.bincount(i, most, count)[i] - most
        up, down = (matrix.high[i] - lowest) / v, (matrix.low[i] - highest) / v
        np.minimum.at(high, j, np.floor(np.where(v > 0, up, down) + 1e-6))
        np.maximum.at(low, j, np.ceil(np.where(v > 0, down, up) - 1e-6))
        if (low > high).any():
            return False
        if before == (low.sum(), high.sum()):
            break
    return True
