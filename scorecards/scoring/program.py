"""Puzzles of several sums, by linear programming over as few unknowns as say the same."""

import numpy as np
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from .arrays import Booleans, Floats, Integers, floats
from .propagation import tighten
from .puzzle import SMALL_MOST, Puzzle, Reach, Terms, components
from .reduced import Reduced, reduce
from .solver import Solver

EXACT_BELOW = 30
WITNESSES = 1000
PATIENCE = 16
WORTH = 4
PULLED = 0.2
SEED = 11
ROUNDING = 1e-6


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
    own = ~star[terms.number]
    terms = Terms(terms.number[own], terms.cell[own], terms.sign[own], terms.residual)
    tighten(terms.number, terms.cell, terms.sign, terms.residual, low=found.low, high=found.high)
    found.proven[terms.cell] = False
    component, _ = components(puzzle, terms)
    order = np.argsort(component[terms.cell], kind="stable")
    label = component[terms.cell][order]
    for name in np.unique(label):
        part = order[slice(*np.searchsorted(label, [name, name + 1]))]
        asked = _asked(puzzle, np.unique(terms.cell[part]), found, cleared)
        if asked is not None:
            _settle(puzzle, reduce(puzzle, terms, part), found, asked, exact_below=exact_below)


def _asked(
    puzzle: Puzzle, cells: Integers, found: Reach, cleared: Booleans | None
) -> Booleans | None:
    """Which numbers of these cells need a proof; None where the puzzle needs no looking into."""
    asked: Booleans = np.ones((cells.size, found.low.shape[1]), dtype=np.bool_)
    labelled = np.flatnonzero(puzzle.small[cells] >= 0)
    asked[labelled, -1] = False
    asked[labelled, 1 - puzzle.small[cells[labelled]]] = False
    if puzzle.value.shape[1] == 1:
        asked[:, 0] = False
    if cleared is None:
        return asked
    narrow = asked & (found.high[cells] - found.low[cells] < puzzle.need)
    asked &= ~cleared[cells]
    return None if narrow.any() or not asked.any() else asked


def _settle(
    puzzle: Puzzle, reduced: Reduced, found: Reach, asked: Booleans, *, exact_below: int
) -> None:
    """Solve one program as far as is needed, and note what it proves.

    Cells of the same kind are asked about once, unless one of them needs no asking.
    """
    program = _Program(puzzle, reduced)
    np.logical_and.at(program.asked, reduced.kind, asked)
    question = program.asked.copy()
    program.solve(exact=program.asked.shape[0] <= exact_below)
    cells, kind = reduced.cells, reduced.kind
    small = puzzle.small[cells]
    known = question[kind]
    known |= (small >= 0)[:, None] & known.any(axis=1, keepdims=True)
    fixed = np.column_stack([reduced.fixed, reduced.fixed.sum(axis=1)])
    if program.sides == 1:
        fixed[:, -1] = fixed[:, 0]
    found.low[cells] = np.where(known, program.low[kind] + fixed, found.low[cells])
    found.high[cells] = np.where(known, program.high[kind] + fixed, found.high[cells])
    found.proven[cells] |= known
    # "Under 3" cells of a kind differ in how many people they have.
    rows = np.flatnonzero((small >= 0) & known.any(axis=1))
    cell, side, people = cells[rows], small[rows], puzzle.total[cells[rows]]
    found.low[cell, 1 - side] = people - found.high[cell, side]
    found.high[cell, 1 - side] = people - found.low[cell, side]
    found.low[cell, -1] = found.high[cell, -1] = people


class _Program:
    """One puzzle as a linear program: variables are (unknown, side), side varying fastest.

    ``asked``, ``low`` and ``high`` (kinds x sides + 1, people last) are of one cell of
    each kind; the range is widened by every solution found.
    """

    def __init__(self, puzzle: Puzzle, reduced: Reduced) -> None:
        self.puzzle = puzzle
        self.sides = puzzle.value.shape[1]
        self.matrix, self.right = _by_sides(puzzle, reduced)
        self.far = 10.0 * float(np.abs(self.right).sum() + np.abs(reduced.fixed).sum()) + 1000.0
        bounds = np.clip(reduced.bounds, -self.far, self.far)
        self.bounds = bounds.reshape(-1, 2)
        _, one = np.unique(reduced.kind, return_index=True)
        self.first = reduced.cells[one]
        labels = puzzle.small[self.first] >= 0
        self.labelled = np.flatnonzero(labels)
        # Of an "under 3" cell both ends are those of what it shares with its twins.
        self.most = reduced.most[one]
        self.least = _either(reduced.least[one], self.most, labels)
        differ = (self.most - self.least).sum(axis=1) > 0
        self.endless = np.flatnonzero(differ & puzzle.signed)
        shared = reduced.most[one[self.labelled]] @ reduced.count
        self.spare = SMALL_MOST * (shared - 1)
        self.low = np.full((one.size, self.sides + 1), np.inf)
        self.high = -self.low
        self.asked: Booleans = np.ones(self.low.shape, dtype=np.bool_)
        self._solver: Solver | None = None

    def solve(self, *, exact: bool) -> None:
        """Fill ``low`` and ``high``; with ``exact`` every number is asked for by itself."""
        if not exact:
            self._by_witnesses()
        for cell, part in np.argwhere(self.asked):
            if exact or not self._wide()[cell, part]:
                self._ask(self._objective(self.least, cell, part))
            if exact or not self._wide()[cell, part]:
                self._ask(-self._objective(self.most, cell, part))
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
            up = generator.choice([True, True, True, False])
            self._ask((-(self.most.T @ each) if up else self.least.T @ each).ravel())

    def _wide(self) -> Booleans:
        enough = np.greater_equal(self.high - self.low, self.puzzle.need)
        return np.asarray(enough | ~self.asked, dtype=np.bool_).reshape(self.low.shape)

    def _objective(self, ways: csr_array, cell: int, part: int) -> Floats:
        of_unknowns = floats(ways[[cell]].toarray().ravel())
        weights = np.zeros((of_unknowns.size, self.sides))
        weights[:, part if part < self.sides else slice(None)] = (
            of_unknowns if part < self.sides else of_unknowns[:, None]
        )
        return weights.ravel()

    def _ask(self, weights: Floats) -> None:
        """Minimise, and take the solution as a witness for every cell."""
        if self._solver is None:
            self._solver = Solver(self.matrix, self.right, self.bounds)
        point = self._solver.least(weights).reshape(-1, self.sides)
        least, most = self._seen(self.least @ point), self._seen(self.most @ point)
        self._share_small(least, most)
        least[self.endless], most[self.endless] = -np.inf, np.inf
        self.low, self.high = np.minimum(self.low, least), np.maximum(self.high, most)

    def _seen(self, sides: Floats) -> Floats:
        return np.column_stack([sides, sides.sum(axis=1) if self.sides > 1 else sides])

    def _share_small(self, least: Floats, most: Floats) -> None:
        """Of twins that say "under 3" the least and the most that one of them may have."""
        rows, side = self.labelled, self.puzzle.small[self.first[self.labelled]]
        together, people = most[rows, side], self.puzzle.total[self.first[rows]]
        least[rows, side] = np.maximum(together - self.spare, 0.0)
        most[rows, side] = np.minimum(together, np.minimum(SMALL_MOST, people))


def _either(one: csr_array, other: csr_array, choose_other: Booleans) -> csr_array:
    """The rows of the one table, but of the other where that is chosen."""
    chosen = choose_other.astype(np.float64)[:, None]
    return csr_array(one * (1.0 - chosen) + other * chosen)


def _by_sides(puzzle: Puzzle, reduced: Reduced) -> tuple[csr_array, Floats]:
    """The sums of each side, and that met and not met of an "under 3" cell are its people."""
    sides = puzzle.value.shape[1]
    sums, unknowns = reduced.matrix.shape
    labelled = np.flatnonzero(puzzle.small[reduced.first] >= 0)
    terms = reduced.matrix.tocoo()
    rows, columns, signs = [], [], []
    for side in range(sides):
        rows += [terms.row * sides + side, sums * sides + np.arange(labelled.size)]
        columns += [terms.col * sides + side, labelled * sides + side]
        signs += [terms.data, np.ones(labelled.size)]
    right = np.concatenate([reduced.right.ravel(), reduced.total[labelled]])
    matrix = csr_array(
        (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns))),
        shape=(right.size, unknowns * sides),
    )
    return matrix, right
