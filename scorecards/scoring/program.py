"""Puzzles of several sums, by linear programming, with twins merged into one variable.

Unknown cells that take part in exactly the same sums are twins: whatever one may be, any
of them may be. Hidden twins become one variable, their sum; one of them may have all of
it or nothing. Twins that say "under 3" of the same side likewise: their small sides add
up to one number, and one of them may have as much of it as 2 allows. Both are exact, and
a country's communes shrink to a handful of variables.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from .arrays import Booleans, Floats, Integers, floats
from .propagation import tighten
from .puzzle import SMALL_MOST, Puzzle, Reach, Terms, components
from .solver import Solver

EXACT_BELOW = 30
WITNESSES = 1000
PATIENCE = 16
WORTH = 4
PULLED = 0.2
SEED = 11
ROUNDING = 1e-6


@dataclass(frozen=True)
class _Merged:
    """Variables per first twin: bounds of the merged cell, its people, and how many it is."""

    low: Floats
    high: Floats
    total: Floats
    count: Integers


def solve_by_program(
    puzzle: Puzzle,
    terms: Terms,
    star: Booleans,
    found: Reach,
    *,
    exact_below: int,
    cleared: Booleans | None,
) -> None:
    """Fill ``found`` for every cell outside the sums marked ``star``, puzzle by puzzle."""
    twin = _twins(puzzle, terms, star)
    merged = _merge(puzzle, twin, found)
    own = ~star[terms.number] & (twin[terms.cell] == terms.cell)
    terms = Terms(terms.number[own], terms.cell[own], terms.sign[own], terms.residual)
    tighten(terms.number, terms.cell, terms.sign, terms.residual, low=merged.low, high=merged.high)
    firsts = np.unique(terms.cell)
    low, high = _of_one(puzzle, firsts, merged, merged.low[firsts], merged.high[firsts])
    found.low[firsts], found.high[firsts] = low, high
    found.proven[firsts] = False
    component, _ = components(puzzle, terms)
    order = np.argsort(component[terms.cell], kind="stable")
    label = component[terms.cell][order]
    for name in np.unique(label):
        part = order[slice(*np.searchsorted(label, [name, name + 1]))]
        program = _Program(puzzle, terms, part, merged)
        _settle(program, puzzle, found, exact_below=exact_below, cleared=cleared)
    _share_out(puzzle, twin, found)


def _twins(puzzle: Puzzle, terms: Terms, star: Booleans) -> Integers:
    """For each unknown cell outside the stars its first twin; -1 for all others."""
    own = ~star[terms.number]
    code = np.random.default_rng(SEED).integers(1, 2**62, size=puzzle.lattice.parent.size)
    mark = np.zeros((puzzle.lattice.cells, 2), dtype=np.int64)
    np.add.at(mark[:, 0], terms.cell[own], code[terms.number[own]])
    mark[:, 1] = puzzle.small
    alone = (puzzle.small >= 0) & ~(puzzle.total >= SMALL_MOST)
    alone[terms.cell[own & (terms.sign < 0)]] = True
    mark[alone, 1] = 2 + np.flatnonzero(alone)
    cells = np.unique(terms.cell[own])
    _, first, group = np.unique(mark[cells], axis=0, return_index=True, return_inverse=True)
    twin = np.full(puzzle.lattice.cells, -1, dtype=np.int64)
    twin[cells] = cells[first][group.ravel()]
    return twin


def _merge(puzzle: Puzzle, twin: Integers, found: Reach) -> _Merged:
    """Bounds of each merged variable before any sum is looked at."""
    cells = np.flatnonzero(twin >= 0)
    size = puzzle.lattice.cells
    count = np.bincount(twin[cells], minlength=size)
    low, high = found.low.copy(), found.high.copy()
    total = puzzle.total.copy()
    many = np.flatnonzero(count > 1)
    labelled = many[puzzle.small[many] >= 0]
    people = np.bincount(twin[cells], weights=puzzle.total[cells], minlength=size)
    total[labelled] = people[labelled]
    for side in range(puzzle.value.shape[1]):
        pick = labelled[puzzle.small[labelled] == side]
        high[pick, side] = SMALL_MOST * count[pick]
        low[pick, 1 - side], high[pick, 1 - side] = total[pick] - high[pick, side], total[pick]
        low[pick, -1] = high[pick, -1] = total[pick]
    return _Merged(low, high, total, count)


def _of_one(
    puzzle: Puzzle, cells: Integers, merged: _Merged, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """The range of one twin, given the range of all together; ``low``, ``high`` per cell."""
    low, high = low.copy(), high.copy()
    many = merged.count[cells] > 1
    hidden = many & (puzzle.small[cells] < 0)
    low[hidden] = -np.inf if puzzle.signed else 0.0
    if puzzle.signed:
        high[hidden] = np.inf
    rows = np.flatnonzero(puzzle.small[cells] >= 0)
    side, people = puzzle.small[cells[rows]], puzzle.total[cells[rows]]
    spare = SMALL_MOST * (merged.count[cells[rows]] - 1)
    least = np.maximum(low[rows, side] - spare, 0.0)
    most = np.minimum(high[rows, side], np.minimum(SMALL_MOST, people))
    low[rows, side], high[rows, side] = least, most
    low[rows, 1 - side], high[rows, 1 - side] = people - most, people - least
    low[rows, -1] = high[rows, -1] = people
    return low, high


def _settle(
    program: "_Program",
    puzzle: Puzzle,
    found: Reach,
    *,
    exact_below: int,
    cleared: Booleans | None,
) -> None:
    """Solve one program as far as is needed, and note what it proves."""
    cells = program.cells
    exact = cells.size <= exact_below
    narrow = program.asked & (found.high[cells] - found.low[cells] < puzzle.need)
    if cleared is not None:
        program.asked &= ~cleared[cells]
        if narrow.any() or not program.asked.any():
            return
    elif not exact:
        program.asked &= ~narrow
    asked = program.asked.copy()
    program.solve(exact=exact)
    asked |= (puzzle.small[cells] >= 0)[:, None] & asked.any(axis=1, keepdims=True)
    found.low[cells] = np.where(asked, program.low, found.low[cells])
    found.high[cells] = np.where(asked, program.high, found.high[cells])
    found.proven[cells] |= asked


def _share_out(puzzle: Puzzle, twin: Integers, found: Reach) -> None:
    """Every twin has the range of the first; "under 3" cells each with their own people."""
    cells = np.flatnonzero(twin >= 0)
    for part in (found.low, found.high, found.proven):
        part[cells] = part[twin[cells]]
    rows = cells[puzzle.small[cells] >= 0]
    side, people = puzzle.small[rows], puzzle.total[rows]
    found.low[rows, 1 - side] = people - found.high[rows, side]
    found.high[rows, 1 - side] = people - found.low[rows, side]
    found.low[rows, -1] = found.high[rows, -1] = people


class _Program:
    """One puzzle as a linear program: variables are (cell, side), side varying fastest.

    ``low`` and ``high`` are those of one twin, widened by every solution found.
    """

    def __init__(self, puzzle: Puzzle, terms: Terms, part: Integers, merged: _Merged) -> None:
        self.puzzle, self.merged = puzzle, merged
        self.sides = puzzle.value.shape[1]
        self.cells, place = np.unique(terms.cell[part], return_inverse=True)
        sums, row = np.unique(terms.number[part], return_inverse=True)
        labelled = np.flatnonzero(puzzle.small[self.cells] >= 0)
        rows, columns, signs = [], [], []
        for side in range(self.sides):
            rows += [row * self.sides + side, sums.size * self.sides + np.arange(labelled.size)]
            columns += [place * self.sides + side, labelled * self.sides + side]
            signs += [terms.sign[part], np.ones(labelled.size)]
        people = merged.total[self.cells[labelled]]
        self.right = np.concatenate([terms.residual[sums].ravel(), people])
        self.width = self.cells.size * self.sides
        self.matrix = csr_array(
            (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns))),
            shape=(self.right.size, self.width),
        )
        self.far = 10.0 * float(np.abs(self.right).sum()) + 1000.0
        lower = merged.low[self.cells, : self.sides]
        upper = merged.high[self.cells, : self.sides]
        self.bounds = np.clip(np.column_stack([lower.ravel(), upper.ravel()]), -self.far, self.far)
        self.low = np.full((self.cells.size, self.sides + 1), np.inf)
        self.high = -self.low
        self._solver: Solver | None = None
        self.asked = np.ones(self.low.shape, dtype=np.bool_)
        self.asked[labelled, -1] = False
        self.asked[labelled, 1 - puzzle.small[self.cells[labelled]]] = False
        if self.sides == 1:
            self.asked[:, 0] = False

    def solve(self, *, exact: bool) -> None:
        """Fill ``low`` and ``high``; with ``exact`` every number is asked for by itself."""
        if not exact:
            self._by_witnesses()
        for cell, part in np.argwhere(self.asked):
            for direction in (-1.0, 1.0):
                if exact or not self._wide()[cell, part]:
                    self._ask(self._objective(cell, part) * direction)
        self.low = np.where(self.low <= 0.5 - self.far, -np.inf, np.ceil(self.low - ROUNDING) + 0.0)
        self.high = np.where(self.high >= self.far - 0.5, np.inf, np.floor(self.high + ROUNDING))

    def _by_witnesses(self) -> None:
        """Pull at a random few of the numbers not yet wide: each solution clears many of them.

        It ends when asking for each by itself would be quicker.
        """
        generator = np.random.default_rng(SEED)
        left: list[int] = []
        for _ in range(WITNESSES):
            waiting: Booleans = np.logical_not(self._wide())
            left.append(int(waiting.sum()))
            worth = len(left) <= PATIENCE or left[-1 - PATIENCE] - left[-1] >= PATIENCE * WORTH
            if left[-1] == 0 or not worth:
                return
            pulled = floats(waiting & (generator.random(waiting.shape) < PULLED))
            each = pulled[:, : self.sides] + pulled[:, -1:]
            self._ask((each * generator.choice([-1.0, -1.0, -1.0, 1.0])).ravel())

    def _wide(self) -> Booleans:
        enough = np.greater_equal(self.high - self.low, self.puzzle.need)
        return np.asarray(enough | ~self.asked, dtype=np.bool_).reshape(self.low.shape)

    def _objective(self, cell: int, part: int) -> Floats:
        weights = np.zeros(self.width)
        begin = cell * self.sides
        if part < self.sides:
            weights[begin + part] = 1.0
        else:
            weights[begin : begin + self.sides] = 1.0
        return weights

    def _ask(self, weights: Floats) -> None:
        """Minimise, and take the solution as a witness for every cell."""
        if self._solver is None:
            self._solver = Solver(self.matrix, self.right, self.bounds)
        point = self._solver.least(weights).reshape(self.cells.size, self.sides)
        seen = np.column_stack([point, point.sum(axis=1)])
        if self.sides == 1:
            seen = np.column_stack([point, point])
        least, most = _of_one(self.puzzle, self.cells, self.merged, seen, seen)
        self.low, self.high = np.minimum(self.low, least), np.maximum(self.high, most)
