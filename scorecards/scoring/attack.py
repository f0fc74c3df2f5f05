"""What an attacker can work out about the hidden cells of a release.

The attacker has the whole release: every number shown, every sum that ties the cells
(``lattice``), counts are never negative, an "under 3" cell shows how many people it has
and that 0, 1 or 2 of them are on its small side. From this the least and the most of
each hidden number follow by linear programming (HiGHS). Three short cuts keep a whole
country feasible, none of which changes an answer:
- sums that share no hidden cell are separate puzzles;
- a puzzle of one sum whose total is shown has a closed form;
- in a large puzzle any two solutions prove how far apart a number can be, so one
  program with a random objective clears many cells, and only the rest are asked for one
  by one. (Ranges of large puzzles are therefore "at least this wide".)
Bounds are rounded inwards to whole people.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog  # type: ignore[import-untyped]
from scipy.sparse import coo_array, csr_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from .arrays import Booleans, Floats, Integers, floats
from .lattice import Lattice
from .propagation import tighten

SMALL_MOST = 2.0
EXACT_BELOW = 30
WITNESSES = 24
SEED = 11
ROUNDING = 1e-6


@dataclass(frozen=True)
class Puzzle:
    """A release as the attacker sees it; ``sides`` is 2 (met, not met) or 1 (people only).

    ``value``: cells x sides, the numbers shown, NaN where hidden. ``total``: people of
    "under 3" cells, NaN elsewhere; ``small``: their small side, -1 elsewhere. ``steps``
    for a table of differences, ``signed`` where those may be negative.
    """

    lattice: Lattice
    value: Floats
    total: Floats
    small: Integers
    signed: bool = False
    steps: bool = False

    @property
    def unknown(self) -> Booleans:
        """Cells with something to find out."""
        return np.asarray(np.isnan(self.value).any(axis=1), dtype=np.bool_)

    @property
    def need(self) -> Floats:
        """How wide each range (sides, then people) must be: 3, or three values for a side."""
        sides = self.value.shape[1]
        return np.array([2.0] * sides + [3.0]) if sides > 1 else np.array([3.0, 3.0])


@dataclass(frozen=True)
class Reach:
    """cells x (sides + 1): least and most of each side and, last, of all people.

    ``proven`` where both ends can really occur; elsewhere the range is an outer bound.
    """

    low: Floats
    high: Floats
    proven: Booleans


@dataclass(frozen=True)
class _Terms:
    """The unknown terms of every sum (children +1, the total itself -1) and what they add up to."""

    number: Integers
    cell: Integers
    sign: Floats
    residual: Floats


def reach(
    puzzle: Puzzle,
    *,
    exact_below: int = EXACT_BELOW,
    cleared: Booleans | None = None,
) -> Reach:
    """The range of every number of every cell; shown numbers have a range of one value.

    Puzzles with at most ``exact_below`` hidden cells are solved exactly; in larger ones
    a range that is wide enough may be wider still, and one that is not is an outer
    bound. ``cleared`` (cells x sides + 1) marks numbers that need no proof; given, a
    puzzle in which the cheap bounds already show a leak is not looked into further.
    """
    value, unknown = puzzle.value, puzzle.unknown
    low = np.column_stack([value, value.sum(axis=1)])
    high = low.copy()
    low[unknown] = -np.inf if puzzle.signed else 0.0
    high[unknown] = np.inf
    _apply_labels(puzzle, low, high)
    terms = _unknown_terms(puzzle)
    component, owner = _components(puzzle, terms)
    sums_in = np.bincount(owner[owner >= 0], minlength=component.max(initial=-1) + 1)
    plain = (owner >= 0) & ~unknown[puzzle.lattice.parent]
    star = plain & (sums_in[np.maximum(owner, 0)] == 1)
    _solve_stars(puzzle, terms, star, low, high)
    found = Reach(low, high, np.ones(low.shape, dtype=np.bool_))
    if (~star[terms.number]).any():
        _solve_rest(puzzle, terms, star, found, exact_below=exact_below, cleared=cleared)
    return found


def _solve_rest(
    puzzle: Puzzle,
    terms: _Terms,
    star: Booleans,
    found: Reach,
    *,
    exact_below: int,
    cleared: Booleans | None,
) -> None:
    """Every puzzle of several sums. Hidden cells in exactly the same sums become one.

    Such twins can stand for each other: any one of them may have all that they have
    together, or nothing.
    """
    twin, many = _twins(puzzle, terms, star)
    own = ~star[terms.number] & (twin[terms.cell] == terms.cell)
    terms = _Terms(terms.number[own], terms.cell[own], terms.sign[own], terms.residual)
    found.proven[twin >= 0] = False
    low, high = found.low.copy(), found.high.copy()
    tighten(terms.number, terms.cell, terms.sign, terms.residual, low=low, high=high)
    found.low[:], found.high[:] = low, high
    found.low[many] = -np.inf if puzzle.signed else 0.0
    if puzzle.signed:
        found.high[many] = np.inf
    _solve_by_program(
        puzzle,
        terms,
        Reach(low, high, many),
        found=found,
        exact_below=exact_below,
        cleared=cleared,
    )
    pairs = np.flatnonzero(twin >= 0)
    for part in (found.low, found.high, found.proven):
        part[pairs] = part[twin[pairs]]


def _twins(puzzle: Puzzle, terms: _Terms, star: Booleans) -> tuple[Integers, Booleans]:
    """For each unknown cell outside the stars its first twin (else -1); firsts with others."""
    own = ~star[terms.number]
    generator = np.random.default_rng(SEED)
    code = generator.integers(1, 2**62, size=(puzzle.lattice.parent.size, 2))
    mark = np.zeros((puzzle.lattice.cells, 3), dtype=np.int64)
    np.add.at(
        mark, (terms.cell[own], np.where(terms.sign[own] > 0, 0, 1)), code[terms.number[own], 0]
    )
    single = (puzzle.small >= 0) | (mark[:, 1] != 0)
    mark[single, 2] = 1 + np.flatnonzero(single)
    cells = np.unique(terms.cell[own])
    _, first, group, size = np.unique(
        mark[cells], axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    twin = np.full(puzzle.lattice.cells, -1, dtype=np.int64)
    twin[cells] = cells[first][group.ravel()]
    many = np.zeros(puzzle.lattice.cells, dtype=np.bool_)
    many[cells[first[size > 1]]] = True
    return twin, many


def _apply_labels(puzzle: Puzzle, low: Floats, high: Floats) -> None:
    """What an "under 3" cell says by itself."""
    for side in range(puzzle.value.shape[1]):
        cell = np.flatnonzero(puzzle.small == side)
        people = puzzle.total[cell]
        low[cell, side], high[cell, side] = 0.0, np.minimum(SMALL_MOST, people)
        low[cell, 1 - side], high[cell, 1 - side] = people - high[cell, side], people
        low[cell, -1] = high[cell, -1] = people


def _unknown_terms(puzzle: Puzzle) -> _Terms:
    lattice, unknown = puzzle.lattice, puzzle.unknown
    sums = np.arange(lattice.parent.size)
    number = np.concatenate([lattice.term_sum, sums])
    cell = np.concatenate([lattice.term_cell, lattice.parent])
    sign = np.concatenate([np.ones(lattice.term_sum.size), -np.ones(sums.size)])
    open_ = unknown[cell]
    shown = np.where(open_[:, None], 0.0, puzzle.value[cell])
    residual = np.column_stack(
        [
            -np.bincount(number, weights=sign * side, minlength=sums.size)
            for side in np.nan_to_num(shown).T
        ]
    )
    return _Terms(number[open_], cell[open_], sign[open_], floats(residual))


def _components(puzzle: Puzzle, terms: _Terms) -> tuple[Integers, Integers]:
    """Number of the separate puzzle each cell and each sum belongs to (-1: nothing open)."""
    cells, sums = puzzle.lattice.cells, puzzle.lattice.parent.size
    graph = coo_array(
        (np.ones(terms.cell.size), (terms.cell, cells + terms.number)),
        shape=(cells + sums, cells + sums),
    )
    labels = connected_components(graph, directed=False)[1]
    component = np.asarray(labels[:cells], dtype=np.int64)
    owner = np.full(sums, -1, dtype=np.int64)
    owner[terms.number] = component[terms.cell]
    return component, owner


def _solve_stars(puzzle: Puzzle, terms: _Terms, star: Booleans, low: Floats, high: Floats) -> None:
    """Puzzles of one sum with its total shown: exact, all at once."""
    picked = star[terms.number]
    cell, number = terms.cell[picked], terms.number[picked]
    labelled = puzzle.small[cell] >= 0
    hidden = ~labelled
    sums = star.size
    many = np.bincount(number[hidden], minlength=sums)

    def added(values: Floats) -> Floats:
        return floats(np.bincount(number[labelled], weights=values[labelled], minlength=sums))

    least, most = added(low[cell, 0]), added(high[cell, 0])
    people = terms.residual.sum(axis=1) - added(np.nan_to_num(puzzle.total[cell]))
    first = terms.residual[:, 0]
    if puzzle.value.shape[1] == 1:
        lower = upper = people
    else:
        lower = np.maximum(0.0, first - most)
        upper = np.minimum(people, first - least)
    own, e = cell[hidden], number[hidden]
    alone = many[e] == 1
    floor = -np.inf if puzzle.signed else 0.0
    ceiling = np.inf if puzzle.signed else 1.0
    low[own, -1] = np.where(alone, people[e], floor)
    high[own, -1] = np.where(alone, people[e], np.maximum(people[e], 0) * ceiling)
    if puzzle.signed:
        lower, upper = first, first
    low[own, 0] = np.where(alone, lower[e], floor)
    high[own, 0] = np.where(alone, upper[e], np.maximum(upper[e], 0) * ceiling)
    if puzzle.value.shape[1] == 2:
        low[own, 1] = np.where(alone, people[e] - upper[e], floor)
        high[own, 1] = np.where(alone, people[e] - lower[e], (people - lower)[e] * ceiling)
        own, e = cell[labelled], number[labelled]
        down = np.maximum(low[own, 0], first[e] - (most[e] - high[own, 0]) - people[e])
        up = np.minimum(high[own, 0], first[e] - (least[e] - low[own, 0]))
        low[own, 0], high[own, 0] = down, up
        low[own, 1], high[own, 1] = puzzle.total[own] - up, puzzle.total[own] - down


def _solve_by_program(
    puzzle: Puzzle,
    terms: _Terms,
    bounds: Reach,
    *,
    found: Reach,
    exact_below: int,
    cleared: Booleans | None,
) -> None:
    """Every other puzzle by linear programming, one after the other, into ``found``.

    ``bounds`` holds what is known of each variable, and in ``proven`` which are twins.
    """
    component, _ = _components(puzzle, terms)
    by_cell = np.argsort(component[terms.cell], kind="stable")
    label = component[terms.cell][by_cell]
    for name in np.unique(label):
        own = by_cell[slice(*np.searchsorted(label, [name, name + 1]))]
        program = _Program(puzzle, terms, own, bounds)
        cells = program.cells
        exact = cells.size <= exact_below
        narrow = program.asked & (found.high[cells] - found.low[cells] < puzzle.need)
        if cleared is not None:
            program.asked &= ~cleared[cells]
            if narrow.any() or not program.asked.any():
                continue
        elif not exact:
            program.asked &= ~narrow
        asked = program.asked.copy()
        program.solve(exact=exact)
        found.low[cells] = np.where(asked, program.low, found.low[cells])
        found.high[cells] = np.where(asked, program.high, found.high[cells])
        found.proven[cells] |= asked


class _Program:
    """One puzzle as a linear program: variables are (cell, side), side varying fastest."""

    def __init__(self, puzzle: Puzzle, terms: _Terms, own: Integers, bounds: Reach) -> None:
        self.sides = puzzle.value.shape[1]
        self.need = puzzle.need
        self.cells, place = np.unique(terms.cell[own], return_inverse=True)
        sums, row = np.unique(terms.number[own], return_inverse=True)
        rows, columns, signs = [], [], []
        right = [terms.residual[sums].ravel()]
        for side in range(self.sides):
            rows.append(row * self.sides + side)
            columns.append(place * self.sides + side)
            signs.append(terms.sign[own])
        labelled = np.flatnonzero(puzzle.small[self.cells] >= 0)
        for side in range(self.sides):
            rows.append(sums.size * self.sides + np.arange(labelled.size))
            columns.append(labelled * self.sides + side)
            signs.append(np.ones(labelled.size))
        right.append(puzzle.total[self.cells[labelled]])
        self.right = np.concatenate(right)
        self.width = self.cells.size * self.sides
        self.matrix = csr_array(
            (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns))),
            shape=(self.right.size, self.width),
        )
        self.far = 10.0 * float(np.abs(self.right).sum()) + 1000.0
        lower = bounds.low[self.cells, : self.sides]
        upper = bounds.high[self.cells, : self.sides]
        self.bounds = np.clip(np.column_stack([lower.ravel(), upper.ravel()]), -self.far, self.far)
        self.low = np.full((self.cells.size, self.sides + 1), np.inf)
        self.high = -self.low
        self.low[bounds.proven[self.cells]] = -np.inf if puzzle.signed else 0.0
        if puzzle.signed:
            self.high[bounds.proven[self.cells]] = np.inf
        self.asked = np.ones(self.low.shape, dtype=np.bool_)
        self.asked[labelled, -1] = False
        if self.sides == 1:
            self.asked[:, 0] = False

    def solve(self, *, exact: bool) -> None:
        """Fill ``low`` and ``high``; with ``exact`` every number is asked for by itself."""
        if not exact:
            self._by_witnesses()
        for cell, part in np.argwhere(self.asked):
            if exact or not self._wide()[cell, part]:
                for direction in (1.0, -1.0):
                    self._ask(self._objective(cell, part) * direction)
        if self.sides == 1:
            self.low[:, 0], self.high[:, 0] = self.low[:, 1], self.high[:, 1]
        self.low = np.where(self.low <= 0.5 - self.far, -np.inf, np.ceil(self.low - ROUNDING) + 0.0)
        self.high = np.where(self.high >= self.far - 0.5, np.inf, np.floor(self.high + ROUNDING))

    def _by_witnesses(self) -> None:
        """Random objectives over what is not yet wide: each solution clears many cells."""
        generator = np.random.default_rng(SEED)
        for _ in range(WITNESSES):
            waiting: Booleans = np.logical_not(self._wide())
            if not waiting.any():
                return
            push = generator.choice([-1.0, 1.0], size=(self.cells.size, 1))
            sway = generator.choice([-1.0, 0.0, 1.0], size=(self.cells.size, self.sides))
            wanted = np.where(waiting.any(axis=1, keepdims=True), push + 0.5 * sway, 0.0)
            self._ask(wanted.ravel())

    def _wide(self) -> Booleans:
        enough = np.greater_equal(self.high - self.low, self.need)
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
        answer = linprog(
            weights, A_eq=self.matrix, b_eq=self.right, bounds=self.bounds, method="highs"
        )
        if answer.status != 0:
            raise ValueError(f"the release contradicts itself: {answer.message}")
        point = np.asarray(answer.x, dtype=np.float64).reshape(self.cells.size, self.sides)
        seen = np.column_stack([point, point.sum(axis=1)])
        self.low, self.high = np.minimum(self.low, seen), np.maximum(self.high, seen)
