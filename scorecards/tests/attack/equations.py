"""The reader's equations, solved with mixed-integer programs (``scipy.optimize.milp``).

True numbers of one cube (of votes: of all questions of one kind, which share their voters) are
unknowns; addition, windows of two around prints, and the rules about totals, repeats and hidden
cells are constraints. One province is taken in detail, the others as sums. ``Program.possible``
says which values a number can have besides those seen already; where a rule is an alternative
it is kept as one, or left out, so that the truth always satisfies everything
(``Program.broken_by_the_truth``). Bounds are tightened before anything is solved.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.optimize import milp

from scorecards.tests.attack.bounds import Choice, Expression, Numbers, Problem, Row, minus, plus
from scorecards.tests.attack.reader import OF_GROUPS, Cell, Reader, World
from scorecards.tests.attack.worlds import ENOUGH, Target

MOST = 3000
SECONDS = 60.0
INFEASIBLE = 2
"""What ``milp`` says where nothing satisfies everything."""


Part = tuple[Expression, float, float]
"""A sum of unknowns and the numbers that it lies between."""


class Possible(NamedTuple):
    """Values that a number can have; whether the search for further ones came to an end."""

    values: set[int]
    solved: bool


class Program:
    """Equations of ``cubes`` (siblings) with the communes of one province; "" for provinces."""

    def __init__(
        self,
        reader: Reader,
        world: World,
        cubes: Iterable[tuple[str, str, bool]],
        province: str,
        owned: frozenset[str],
        *,
        complete: bool = False,
    ) -> None:
        self.complete = complete
        self.reader, self.cubes, self.province = reader, sorted(cubes), province
        self.rng = np.random.default_rng(len(province))
        self.truth: list[int] = []
        self.rows: list[Row] = []
        self.choices: list[list[Choice]] = []
        self.cells: dict[tuple[int, Cell], tuple[Expression, Expression]] = {}
        self._unknowns(world, owned)
        for t, cell in list(self.cells):
            self._equations(t, cell)
        if "-P" in self.cubes[0][0]:
            self._same_voters()
        self.problem = Problem(len(self.truth), MOST, self.rows, self.choices)

    def _unknowns(self, world: World, owned: frozenset[str]) -> None:
        mine = [cell for cell in {c for _t, c in world} if cell.cube in self.cubes]
        places = {c.place for c in mine}
        leaves = {p for p in places if len(p) == 6 and p[:2] == self.province}
        leaves |= {p for p in places if len(p) == 2 and p != self.province}
        services = {c.cube for c in mine if c.service and not c.is_group}
        for cell in sorted(mine):
            finest = cell.is_group or bool(cell.service) == (cell.cube in services)
            if cell.place in leaves and finest:
                self._leaf(world, cell, is_known=cell.place in owned)
        for t in self.reader.times:
            for cell in mine:
                if ((t, cell) not in self.cells and len(cell.place) < 6) or cell.place in leaves:
                    self._sum(t, cell, leaves)

    def _leaf(self, world: World, cell: Cell, *, is_known: bool) -> None:
        for t in self.reader.times:
            numbers = world.get((t, cell), (0, 0))
            both = []
            for number in numbers:
                both.append({len(self.truth): 1.0})
                self.truth.append(number)
                if is_known:
                    self._between(both[-1], number, number)
            self.cells[t, cell] = (both[0], both[1])

    def _sum(self, t: int, cell: Cell, leaves: set[str]) -> None:
        if (t, cell) in self.cells:
            return
        met: Expression = {}
        not_met: Expression = {}
        for (when, part), (m, f) in list(self.cells.items()):
            inside = part.place in leaves and part.place.startswith(cell.place)
            same = part.service == cell.service or (cell.service == "" and not part.is_group)
            if when == t and part.cube == cell.cube and inside and same:
                met, not_met = {**met, **m}, {**not_met, **f}
        self.cells[t, cell] = (met, not_met)

    def people(self, t: int, cell: Cell) -> Expression:
        """Everybody judged in the cell."""
        return plus(*self.cells[t, cell])

    def expression(self, target: Target) -> Expression:
        """The number that is attacked."""

        def of(t: int) -> Expression:
            met, not_met = self.cells.get((t, target.cell), ({}, {}))
            return {"met": met, "not_met": not_met, "people": plus(met, not_met)}[target.what]

        return minus(of(target.t), of(target.t - 1)) if target.step else of(target.t)

    def _between(self, what: Expression, low: float, high: float) -> None:
        if what:
            self.rows.append(Row(what, low, high))

    def _either(self, choices: list[list[Part]]) -> None:
        """At least one of the choices, each a list of constraints."""
        self.choices.append([[Row(*row) for row in choice] for choice in choices])

    def _equations(self, t: int, cell: Cell) -> None:
        seen = self.reader.seen(t, cell)
        if isinstance(seen, tuple):
            self._printed(t, cell, seen)
        elif seen == "withdrawn":
            self._withdrawn(t, cell)
        elif not cell.is_group:
            self._hidden(t, cell)

    def _printed(self, t: int, cell: Cell, seen: tuple[int, int]) -> None:
        """Decided anew, or the print of an earlier state: it may look like one by chance."""
        earlier = [back for back in range(t) if self.reader.seen(back, cell) == seen]
        if earlier:
            self._repeated(t, cell, seen, earlier)
        elif t == 0 or not cell.is_group:
            for row in self._window_rows(t, cell, seen):
                self._between(*row)
        if cell.is_group or earlier:
            return
        self._beside_totals(t, cell, seen)
        for back in range(t):
            if back == 0 or self.reader.is_fresh(back, cell):
                self._far(t, back, cell)

    def _repeated(self, t: int, cell: Cell, seen: tuple[int, int], earlier: list[int]) -> None:
        """Near the state that printed these numbers first; or, by chance, another has the same."""
        most = min(9, max(4, sum(seen) // 4))
        near = self._near_rows(t, earlier[0], cell, most)
        if all(self._is_true(*row) for row in near):  # which of both it is the reader is given
            for row in near:
                self._between(*row)
        elif not cell.is_group:
            others = [self._near_rows(t, back, cell, 9) for back in earlier]
            self._either([self._window_rows(t, cell, seen), *others])

    def _is_true(self, what: Expression, low: float, high: float) -> bool:
        return low <= sum(value * self.truth[name] for name, value in what.items()) <= high

    def _withdrawn(self, t: int, cell: Cell) -> None:
        last = [b for b in range(t) if isinstance(self.reader.seen(b, cell), tuple)]
        if not last or cell.is_group:
            return
        state = min(
            b for b in last if self.reader.seen(b, cell) == self.reader.seen(last[-1], cell)
        )
        near = self._near_rows(t, state, cell, 9)
        if all(self._is_true(*row) for row in near):
            for row in near:
                self._between(*row)

    def _window_rows(self, t: int, cell: Cell, seen: tuple[int, int]) -> list[Part]:
        sides = zip(self.cells[t, cell], seen, strict=True)
        rows: list[Part] = [(what, max(0, print_ - 2), print_ + 2) for what, print_ in sides]
        return [*rows, (self.people(t, cell), self.reader.least(t, cell), np.inf)]

    def _steps(self, t: int, back: int, cell: Cell) -> list[Expression]:
        pairs = zip(self.cells[t, cell], self.cells[back, cell], strict=True)
        met, not_met = (minus(now, old) for now, old in pairs)
        return [met, not_met, plus(met, not_met)]

    def _near_rows(self, t: int, back: int, cell: Cell, most: float) -> list[Part]:
        return [(step, -most, most) for step in self._steps(t, back, cell)]

    def _far(self, t: int, back: int, cell: Cell) -> None:
        """Ten or more came or went."""
        steps = self._steps(t, back, cell)
        ways = [[(s, 10.0, np.inf)] for s in steps] + [[(s, -np.inf, -10.0)] for s in steps]
        self._either(ways)

    def _beside_totals(self, t: int, cell: Cell, seen: tuple[int, int]) -> None:
        for total in cell.totals():
            above = self.reader.print_in_force(t, total)
            if (t, total) not in self.cells or above is None or self.reader.seen(t, total) is None:
                continue
            rest = minus(self.people(t, total), self.people(t, cell))
            more = sum(above) - sum(seen)
            if more < 9:
                self._between(rest, 0, 0)
            elif more < 22:
                self._either([[(rest, 0, 0)], [(rest, 10, np.inf)]])
            if self.reader.is_fresh(t, total):
                for side in (0, 1):
                    if above[side] != seen[side]:
                        sides = self.cells[t, total][side], self.cells[t, cell][side]
                        self._between(minus(*sides), 1, np.inf)

    def _hidden(self, t: int, cell: Cell) -> None:
        people = self.people(t, cell)
        if not people or (t, cell) in self.reader.few:
            return
        ways: list[list[Part]] = [[(people, 0, self.reader.least(t, cell))]]
        for total in cell.totals():
            above = self.reader.print_in_force(t, total)
            if (t, total) in self.cells and above is not None:
                rest = minus(self.people(t, total), people)
                ways += [[(rest, 1, 9)], [(people, sum(above) - 12, np.inf), (rest, 1, np.inf)]]
        for back in range(t):
            if self.reader.seen(back, cell) is None:
                ways.append(self._near_rows(t, back, cell, 9))
        self._either(ways)

    def _same_voters(self) -> None:
        """The same voters answered every question; those of a group and the others are among them.

        Who did not tell whether they belong to a group is in neither, so that both need not add
        up to all. A reader who knew that everybody told would know more (``complete``).
        """
        first, *others = self.cubes
        for (t, cell), sides in list(self.cells.items()):
            if cell.cube == first:
                for cube in others:
                    self._same_at_both(t, cell, cell._replace(cube=cube))
            is_leaf = len(cell.place) == (6 if cell.place[:2] == self.province else 2)
            if cell.service == "" and is_leaf:
                for name in OF_GROUPS:
                    parts = [cell._replace(service=f"{name}:{m}") for m in ("yes", "no")]
                    existing = [self.cells.get((t, part), ({}, {})) for part in parts]
                    if any(side for pair in existing for side in pair):
                        for side in (0, 1):
                            both = plus(existing[0][side], existing[1][side])
                            if self.complete:
                                self._contains(sides[side], both)
                            else:
                                self._between(minus(sides[side], both), 0, np.inf)

    def _same_at_both(self, t: int, cell: Cell, twin: Cell) -> None:
        if (t, twin) not in self.cells:
            return
        sides, others = self.cells[t, cell], self.cells[t, twin]
        self._contains(plus(*sides), plus(*others))
        side = self.reader.differ(t, cell, twin)
        if side is not None:
            self._between(plus(sides[1 - side], others[1 - side]), 1, np.inf)

    def _contains(self, complete_sum: Expression, parts: Expression) -> None:
        """Equal, unless some did not answer: which numbers are complete the reader is given."""
        rest = minus(complete_sum, parts)
        missing = sum(value * self.truth[name] for name, value in rest.items())
        self._between(rest, min(missing, 0), max(missing, 0))

    def broken_by_the_truth(self) -> Iterator[Row | list[Choice]]:
        """Equations that the true numbers do not satisfy: none, or the reasoning is wrong."""
        yield from (row for row in self.rows if not self._is_true(*row))
        for choices in self.choices:
            if not any(all(self._is_true(*row) for row in choice) for choice in choices):
                yield choices

    def allows(self, target: Target, low: float, high: float) -> "Numbers | bool | None":
        """Numbers with the target from ``low`` to ``high``; False: none; None: no answer in time."""
        asked = self.problem.to_solve(Row(self.expression(target), low, high))
        if asked is None:
            return False
        # Any solution will do: costs drawn at random only make them differ from each other.
        asked["c"] = self.rng.integers(-1, 2, len(asked["c"])).astype(float)
        results = milp(**asked, options={"time_limit": SECONDS, "mip_rel_gap": 1e9})
        if results.x is None:
            return False if results.status == INFEASIBLE else None
        return np.round(results.x)

    def value(self, target: Target, numbers: Numbers) -> int:
        """The attacked number, if the unknowns are these."""
        return int(sum(v * numbers[name] for name, v in self.expression(target).items()))

    def possible(
        self, wanted: Iterable[Target], existing: Mapping[Target, Iterable[int]]
    ) -> dict[Target, Possible]:
        """Of each number its ``existing`` values and others, until ``ENOUGH`` or no more.

        What solves the equations for one number shows values of all the others.
        """
        values = {target: set(existing.get(target, ())) for target in wanted}
        solved = dict.fromkeys(values, True)
        for target, results in values.items():
            closed = set[tuple[float, float]]()
            while len(results) < ENOUGH and (gap := _gap(results, closed)):
                numbers = self.allows(target, *gap)
                if isinstance(numbers, np.ndarray):
                    for other, seen in values.items():
                        seen.add(self.value(other, numbers))
                else:
                    closed.add(gap)
                    solved[target] &= numbers is False
        return {t: Possible(v, solved[t] or len(v) >= ENOUGH) for t, v in values.items()}


def _gap(results: set[int], closed: set[tuple[float, float]]) -> tuple[float, float] | None:
    """A range of values that nobody has looked at: the one above first, then those between."""
    ends = [-np.inf, *sorted(results), np.inf]
    gaps = [(a + 1, b - 1) for a, b in pairwise(ends) if a + 1 < b]
    return next((gap for gap in reversed(gaps) if gap not in closed), None)
