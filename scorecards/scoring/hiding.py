"""Choosing which further cell to hide, so that no hidden one can be subtracted out."""

import numpy as np
from numpy.typing import NDArray

from .arrays import Booleans, Floats, Integers, floats
from .lattice import Lattice
from .puzzle import SMALL_MOST, Puzzle
from .vocabulary import Status


class Hiding:
    """The cells of a release with their true counts, and what of each is hidden so far.

    ``value``: cells x sides (met, not met; or people alone), the truth. ``hidden``: the
    cell shows nothing. ``small``: the side of an "under 3" cell, else -1. Cells are only
    ever hidden further, never shown again, so choosing ends.
    """

    def __init__(self, lattice: Lattice, value: Floats) -> None:
        if (value < 0).any():
            raise ValueError("met must lie between 0 and the number of people")
        self.lattice, self.value = lattice, value
        self.people = value.sum(axis=1)
        self.hidden: Booleans = np.zeros(len(value), dtype=np.bool_)
        self.small: Integers = np.full(len(value), -1, dtype=np.int64)
        sums = np.arange(lattice.parent.size)
        number = np.concatenate([lattice.term_sum, sums])
        cell = np.concatenate([lattice.term_cell, lattice.parent])
        order = np.argsort(cell, kind="stable")
        self._sums = number[order]
        self._begins = np.searchsorted(cell[order], np.arange(len(value) + 1))
        self._waiting: Booleans = np.zeros(sums.size, dtype=np.bool_)

    def hide(self, cells: Booleans) -> None:
        """Show nothing of these cells."""
        self.hidden |= cells
        self.small[self.hidden] = -1

    def label(self, cells: Booleans) -> None:
        """Show "under 3" for the smaller side of these cells, unless they are hidden already."""
        pick = cells & ~self.hidden
        self.small[pick] = np.argmin(self.value[pick], axis=1)

    def label_or_hide(self, cells: Booleans) -> None:
        """Show no more than "under 3" of these cells; hide those where that would be untrue."""
        fits = self.value.min(axis=1) <= SMALL_MOST
        self.label(cells & fits)
        self.hide(cells & ~fits)

    def status(self) -> NDArray[np.object_]:
        """Shown, under three or hidden, per cell."""
        answer = np.full(len(self.value), Status.SHOWN, dtype=object)
        answer[self.small >= 0] = Status.UNDER_THREE
        answer[self.hidden] = Status.HIDDEN
        return answer

    def puzzle(self) -> Puzzle:
        """The release as the attacker would see it now."""
        labelled = self.small >= 0
        seen = np.where((self.hidden | labelled)[:, None], np.nan, self.value)
        total = np.where(labelled, self.people, np.nan)
        return Puzzle(self.lattice, seen, total, self.small.copy())

    def protect(self, leaks: Booleans) -> bool:
        """Hide one more cell for each sum that leaks; False if there was nothing left to hide.

        ``leaks``: cells x (sides + 1), True where a number can be worked out. For each
        leaking cell the sum with the fewest unknown cells is served, each sum once a
        round; a cell that serves two waiting sums at once is hidden before a smaller one.
        """
        unknown = self.hidden | (self.small >= 0)
        open_in = floats(
            np.bincount(
                self.lattice.term_sum,
                weights=unknown[self.lattice.term_cell],
                minlength=self.lattice.parent.size,
            )
        )
        cells = np.flatnonzero(leaks.any(axis=1))
        self._waiting = np.zeros(self.lattice.parent.size, dtype=np.bool_)
        for cell in cells:
            self._waiting[self._sums_of(int(cell))] = True
        leaking: Booleans = np.logical_or.reduce(leaks, axis=1)
        calm: Booleans = np.logical_not(leaking[self.lattice.parent])
        acted = self._serve(cells, leaks, open_in, calm)
        if not acted:
            everywhere: Booleans = np.ones(self.lattice.parent.size, dtype=np.bool_)
            acted = self._serve(cells, leaks, open_in, everywhere)
        return acted or self._hide_anything(leaks)

    def _serve(self, cells: Integers, leaks: Booleans, open_in: Floats, fit: Booleans) -> bool:
        """One hiding for each leaking cell whose sums all still wait, in a sum that is fit.

        A sum whose total leaks itself is not fit at first: the total is helped before
        its parts, which often need nothing more then. And a total is helped among its
        peers, unless all its own parts are shown.
        """
        acted = False
        for cell in cells:
            own = self._sums_of(int(cell))
            if own.size and not self._waiting[own].all():
                continue
            is_total = self.lattice.parent[own] == cell
            last = is_total & (open_in[own] > 0)
            allowed = fit[own] | is_total
            order = np.lexsort((open_in[own], last))
            for number in own[order[allowed[order]]]:
                if self._protect_in(int(number), int(cell), leaks[cell]):
                    self._waiting[number] = False
                    acted = True
                    break
        return acted

    def _protect_in(self, number: int, cell: int, leaks: Booleans) -> bool:
        """Hide the cheapest useful cell of one sum; False if it shows nothing more."""
        parent = int(self.lattice.parent[number])
        children = self.lattice.children(number)
        others = children[(children != cell) & ~self.hidden[children] & (self.people[children] > 0)]
        full = others[self.small[others] < 0]
        if leaks[-1]:
            return self._hide_smallest(others) or self._hide_parent(parent, cell)
        side = int(np.argmin(np.where(leaks[:-1], self.value[cell], np.inf)))
        useful = full[self.value[full, side] > SMALL_MOST]
        if self._hide_smallest(useful) or self._label_parent(parent, cell, side):
            return True
        unknown = children[self.hidden[children] | (self.small[children] >= 0)]
        if self.value[unknown, side].sum() > SMALL_MOST and self._hide_smallest(full):
            return True
        return self._hide_parent(parent, cell) or self._hide_smallest(others)

    def _hide_smallest(self, cells: Integers) -> bool:
        if cells.size == 0:
            return False
        helped = [int(self._waiting[self._sums_of(int(cell))].sum()) for cell in cells]
        best = cells[np.lexsort((self.people[cells], -np.array(helped)))[0]]
        self._waiting[self._sums_of(int(best))] = False
        self._hide_one(int(best))
        return True

    def _hide_parent(self, parent: int, cell: int) -> bool:
        if parent == cell or self.hidden[parent] or self.people[parent] == 0:
            return False
        self._hide_one(parent)
        return True

    def _label_parent(self, parent: int, cell: int, side: int) -> bool:
        """Say "under 3" of a total whose own side is that small: others may be 0, 1 or 2."""
        fully_shown = not self.hidden[parent] and self.small[parent] < 0
        if parent == cell or not fully_shown or self.value[parent, side] > SMALL_MOST:
            return False
        if self.people[parent] == 0:
            return False
        self.small[parent] = side
        return True

    def _hide_one(self, cell: int) -> None:
        self.hidden[cell] = True
        self.small[cell] = -1

    def _hide_anything(self, leaks: Booleans) -> bool:
        """Last resort: the smallest cell still shown in any sum near a leak."""
        near = np.flatnonzero(leaks.any(axis=1))
        for _ in range(self.lattice.parent.size + 1):
            sums = np.unique(np.concatenate([self._sums_of(int(cell)) for cell in near]))
            cells = np.unique(
                np.concatenate(
                    [self.lattice.parent[sums], *(self.lattice.children(int(e)) for e in sums)]
                )
            )
            shown = cells[~self.hidden[cells] & (self.people[cells] > 0)]
            if self._hide_smallest(shown):
                return True
            if cells.size == near.size:
                return False
            near = cells
        return False

    def _sums_of(self, cell: int) -> Integers:
        return self._sums[self._begins[cell] : self._begins[cell + 1]]
