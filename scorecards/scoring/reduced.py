"""The same puzzle in as few unknowns as say the same.

Two steps, both exact:
- A hidden total is what its hidden parts and its shown parts add up to, and nothing else
  is known of it (it cannot be negative, for they cannot). So it is replaced by them
  wherever it stands, and its own sum goes.
- Unknown cells that now take part in exactly the same sums are twins: whatever one may
  be, any of them may be. Hidden twins become one unknown, their sum; one of them may have
  all of it or nothing. Twins that say "under 3" of the same side likewise: their small
  sides add up to one number, and one of them may have as much of it as 2 allows.

A country's communes so shrink to a handful of unknowns: where every service of a commune
and their total are hidden, its services are twins of those of other such communes.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, eye_array  # type: ignore[import-untyped]

from .arrays import Floats, Integers
from .puzzle import SMALL_MOST, Puzzle, Terms

SEED = 11


@dataclass(frozen=True)
class Reduced:
    """Unknowns numbered 0.., the sums that are left, and what each cell is in them.

    ``cells`` are the unknown cells of the puzzle. ``matrix`` (sums x unknowns) and
    ``right`` (sums x sides) are what is left of the sums; ``bounds`` (unknowns x sides x
    2) holds of each unknown by itself. ``first`` is one cell of each unknown, ``count``
    how many it stands for, ``total`` the people of those that say "under 3". A cell lies
    between ``least @ unknowns`` and ``most @ unknowns``, plus ``fixed`` (cells x sides).
    Cells of the same ``kind`` have the same range but for ``fixed``.
    """

    cells: Integers
    matrix: csr_array
    right: Floats
    bounds: Floats
    first: Integers
    count: Integers
    total: Floats
    least: csr_array
    most: csr_array
    fixed: Floats
    kind: Integers


def reduce(puzzle: Puzzle, terms: Terms, part: Integers) -> Reduced:
    """One separate puzzle, whose terms are the entries ``part`` of ``terms``."""
    cells, column = np.unique(terms.cell[part], return_inverse=True)
    sums, row = np.unique(terms.number[part], return_inverse=True)
    matrix = csr_array((terms.sign[part], (row, column)), shape=(sums.size, cells.size))
    right = terms.residual[sums]
    parent = puzzle.lattice.parent[sums]
    spoken, fixed = _without_totals(puzzle, cells, parent, matrix=matrix, right=right)
    matrix, right = matrix @ spoken, right - matrix @ fixed
    matrix.eliminate_zeros()
    left = (np.diff(matrix.indptr) > 0) | (right != 0).any(axis=1)
    matrix, right = matrix[left], right[left]
    own = np.flatnonzero(spoken.diagonal() > 0)
    first, twin, count = _twins(puzzle, cells, parent, matrix=matrix, spoken=spoken, own=own)
    member = csr_array((np.ones(own.size), (own, twin)), shape=(cells.size, first.size))
    among = (spoken @ member).tocoo()
    all_of_it = among.data == count[among.col]
    least = _ones(among.row[all_of_it], among.col[all_of_it], among.shape)
    most = _ones(among.row, among.col, among.shape)
    firsts = cells[first]
    people = np.bincount(twin, weights=puzzle.total[cells[own]], minlength=first.size)
    total = np.where(puzzle.small[firsts] >= 0, people, np.nan)
    small = puzzle.small[cells]
    return Reduced(
        cells=cells,
        matrix=matrix[:, first],
        right=right,
        bounds=_bounds(puzzle, firsts, count, total),
        first=firsts,
        count=count,
        total=total,
        least=least,
        most=most,
        fixed=fixed,
        kind=_alike(_marks(least), _marks(most), small[:, None])[1],
    )


def _without_totals(
    puzzle: Puzzle, cells: Integers, parent: Integers, *, matrix: csr_array, right: Floats
) -> tuple[csr_array, Floats]:
    """Each cell (rows) as those that are no hidden totals (columns), and a shown rest."""
    sums = np.flatnonzero(np.isin(parent, cells) & (puzzle.small[parent] < 0))
    _, once = np.unique(parent[sums], return_index=True)
    chosen = sums[once]
    owner = np.searchsorted(cells, parent[chosen])
    pick = _ones(owner, chosen, (cells.size, parent.size))
    # A sum says "parts - total = rest"; so the total is "parts - rest".
    step = csr_array(eye_array(cells.size) + pick @ matrix)
    shown = -(pick @ right)
    total = np.zeros(cells.size)
    total[owner] = 1.0
    spoken, rest = step, shown
    while (spoken @ total).any():
        # Parts that are totals themselves are replaced in turn, level by level.
        spoken, rest = csr_array(spoken @ step), rest + spoken @ shown
    spoken.eliminate_zeros()
    return spoken, rest


def _twins(
    puzzle: Puzzle,
    cells: Integers,
    parent: Integers,
    *,
    matrix: csr_array,
    spoken: csr_array,
    own: Integers,
) -> tuple[Integers, Integers, Integers]:
    """Of the cells ``own``: one of each group of twins, each one's group, and their numbers.

    Under-3 cells are twins only below the same replaced totals, so that a total has all
    of them or none. One of fewer than 2 people is nobody's twin, nor is a total.
    """
    labelled = puzzle.small[cells] >= 0
    alone = labelled & (~(puzzle.total[cells] >= SMALL_MOST) | np.isin(cells, parent))
    label = np.where(alone, 2 + np.arange(cells.size), puzzle.small[cells])
    replaced = np.ones(cells.size)
    replaced[own] = 0.0
    above = _marks((spoken * replaced[:, None]).T) * labelled[:, None]
    first, twin = _alike(_marks(matrix.T)[own], above[own], label[own, None])
    return own[first], twin, np.bincount(twin)


def _marks(matrix: csr_array) -> Integers:
    """Two numbers for each row, the same for rows that are the same, else different by chance."""
    code = np.random.default_rng(SEED).integers(1, 2**48, size=(matrix.shape[1], 2))
    return np.asarray(csr_array(matrix).astype(np.int64) @ code, dtype=np.int64)


def _alike(*columns: Integers) -> tuple[Integers, Integers]:
    """The first of each group of equal rows, and each row's group."""
    rows = np.column_stack(columns)
    _, first, group = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return first, group.ravel()


def _ones(rows: Integers, columns: Integers, shape: tuple[int, int]) -> csr_array:
    return csr_array((np.ones(rows.size), (rows, columns)), shape=shape)


def _bounds(puzzle: Puzzle, firsts: Integers, count: Integers, total: Floats) -> Floats:
    """What each unknown is by itself: unknowns x sides x (least, most)."""
    bounds = np.zeros((firsts.size, puzzle.value.shape[1], 2))
    bounds[..., 0] = -np.inf if puzzle.signed else 0.0
    bounds[..., 1] = np.inf
    for side in (0, 1):
        pick = np.flatnonzero(puzzle.small[firsts] == side)
        if not pick.size:
            continue
        small = np.minimum(SMALL_MOST * count[pick], total[pick])
        bounds[pick, side] = np.column_stack([np.zeros(pick.size), small])
        bounds[pick, 1 - side] = np.column_stack([total[pick] - small, total[pick]])
    return bounds
