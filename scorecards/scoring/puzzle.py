"""A release as an attacker sees it: what is known, what is open, and the sums between."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from .arrays import Booleans, Floats, Integers, floats
from .lattice import Lattice

SMALL_MOST = 2.0


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
class Terms:
    """The unknown terms of every sum (children +1, the total itself -1) and what they add up to."""

    number: Integers
    cell: Integers
    sign: Floats
    residual: Floats


def apply_labels(puzzle: Puzzle, low: Floats, high: Floats) -> None:
    """What an "under 3" cell says by itself."""
    for side in range(puzzle.value.shape[1]):
        cell = np.flatnonzero(puzzle.small == side)
        people = puzzle.total[cell]
        low[cell, side], high[cell, side] = 0.0, np.minimum(SMALL_MOST, people)
        low[cell, 1 - side], high[cell, 1 - side] = people - high[cell, side], people
        low[cell, -1] = high[cell, -1] = people


def unknown_terms(puzzle: Puzzle) -> Terms:
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
    return Terms(number[open_], cell[open_], sign[open_], floats(residual))


def components(puzzle: Puzzle, terms: Terms) -> tuple[Integers, Integers]:
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
