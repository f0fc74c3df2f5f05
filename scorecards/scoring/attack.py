"""What an attacker can work out about the hidden cells of a release.

The attacker has the whole release: every number shown, every sum that ties the cells
(``lattice``), counts are never negative, an "under 3" cell shows how many people it has
and that 0, 1 or 2 of them are on its small side. From this the least and the most of
each hidden number follow by linear programming (HiGHS). Four short cuts keep a whole
country feasible, none of which changes an answer:
- sums that share no hidden cell are separate puzzles;
- a puzzle of one sum whose total is shown has a closed form;
- a hidden total is replaced by its parts, and hidden cells that take part in exactly the
  same sums can stand for each other and are one variable (``reduced``);
- in a large puzzle any two solutions prove how far apart a number can be, so one
  program with a random objective clears many cells, and only the rest are asked for one
  by one. (Ranges of large puzzles are therefore "at least this wide".)
Bounds are rounded inwards to whole people.
"""

import numpy as np

from .arrays import Booleans, Floats, floats
from .program import EXACT_BELOW, solve_by_program
from .puzzle import Puzzle, Reach, Terms, apply_labels, components, unknown_terms

__all__ = ["EXACT_BELOW", "reach"]


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
    apply_labels(puzzle, low, high)
    terms = unknown_terms(puzzle)
    component, owner = components(puzzle, terms)
    sums_in = np.bincount(owner[owner >= 0], minlength=component.max(initial=-1) + 1)
    plain = (owner >= 0) & ~unknown[puzzle.lattice.parent]
    star = plain & (sums_in[np.maximum(owner, 0)] == 1)
    _solve_stars(puzzle, terms, star, low, high)
    found = Reach(low, high, np.ones(low.shape, dtype=np.bool_))
    if (~star[terms.number]).any():
        solve_by_program(puzzle, terms, star, found, exact_below=exact_below, cleared=cleared)
    return found


def _solve_stars(puzzle: Puzzle, terms: Terms, star: Booleans, low: Floats, high: Floats) -> None:
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
