"""The reader's equations, solved with mixed-integer programs (``scipy.optimize.milp``).

True numbers of one cube (of votes: of all questions of one kind, which share their voters) are
unknowns; addition, windows of two around prints, and the rules about totals, repeats and hidden
cells are constraints. One province is taken in detail, the others as sums. ``Program.values``
says which values a number can have; where a rule is an alternative it is kept as one, or left
out, so that the truth always satisfies everything.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from scorecards.tests.attack.reader import OF_GROUPS, Cell, Reader, World
from scorecards.tests.attack.worlds import Target

MOST = 3000
SECONDS = 20.0
Expression = dict[int, float]


def minus(a: Expression, b: Expression) -> Expression:
    """The difference of two expressions."""
    results: dict[int, float] = defaultdict(float, a)
    for name, value in b.items():
        results[name] -= value
    return dict(results)


def plus(a: Expression, b: Expression) -> Expression:
    """The sum of two expressions."""
    return minus(a, {name: -value for name, value in b.items()})


class Program:
    """Equations of ``cubes`` (siblings) with the communes of one province; "" for provinces."""

    def __init__(
        self,
        reader: Reader,
        world: World,
        cubes: Iterable[tuple[str, str, bool]],
        province: str,
        owned: frozenset[str],
    ) -> None:
        self.reader, self.cubes, self.province = reader, sorted(cubes), province
        self.truth: list[int] = []
        self.upper: list[float] = []
        self.rows: list[tuple[Expression, float, float]] = []
        self.cells: dict[tuple[int, Cell], tuple[Expression, Expression]] = {}
        self._unknowns(world, owned)
        for t, cell in list(self.cells):
            self._equations(t, cell)
        if "-P" in self.cubes[0][0]:
            self._same_voters()

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
                both.append({len(self.upper): 1.0})
                self.upper.append(MOST)
                if is_known:
                    self.rows.append((both[-1], number, number))
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
        self.rows.append((what, low, high))

    def _either(self, choices: list[list[tuple[Expression, float, float]]]) -> None:
        """At least one of the choices, each a list of constraints."""
        chosen: Expression = {}
        big = 4.0 * MOST
        for choice in choices:
            chosen[len(self.upper)] = 1.0
            name = len(self.upper)
            self.upper.append(1)
            for what, low, high in choice:
                if high < np.inf:
                    self.rows.append(({**what, name: big}, -np.inf, high + big))
                if low > -np.inf:
                    self.rows.append(({**what, name: -big}, low - big, np.inf))
        self._between(chosen, 1, len(choices))

    def _equations(self, t: int, cell: Cell) -> None:  # noqa: C901 - one rule a branch
        seen = self.reader.seen(t, cell)
        earlier = [b for b in range(t) if self.reader.seen(b, cell) == seen]
        if isinstance(seen, tuple):
            fresh = not earlier and (t == 0 or not cell.is_group)
            if fresh:
                self._window(t, cell, seen)
            if earlier:
                near = 9 if earlier[-1] < t - 1 else min(9, max(4, sum(seen) // 4))
                self._near(t, earlier[-1], cell, near)
            elif t and not cell.is_group:
                self._far(t, t - 1, cell)
            if fresh and not cell.is_group:
                self._beside_totals(t, cell, seen)
        elif seen == "withdrawn":
            for back in range(t - 1, -1, -1):
                if isinstance(self.reader.seen(back, cell), tuple):
                    if t - back == 1 and not cell.is_group:
                        self._near(t, back, cell, 9)
                    break
        elif not cell.is_group:
            self._hidden(t, cell)

    def _window(self, t: int, cell: Cell, seen: tuple[int, int]) -> None:
        for what, printed in zip(self.cells[t, cell], seen, strict=True):
            self._between(what, max(0, printed - 2), printed + 2)
        self._between(self.people(t, cell), 10, np.inf)

    def _steps(self, t: int, back: int, cell: Cell) -> list[Expression]:
        pairs = zip(self.cells[t, cell], self.cells[back, cell], strict=True)
        met, not_met = (minus(now, old) for now, old in pairs)
        return [met, not_met, plus(met, not_met)]

    def _near(self, t: int, back: int, cell: Cell, most: float) -> None:
        for step in self._steps(t, back, cell):
            self._between(step, -most, most)

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
        if not people:
            return
        ways: list[list[tuple[Expression, float, float]]] = [[(people, 0, 10)]]
        for total in cell.totals():
            above = self.reader.print_in_force(t, total)
            if (t, total) in self.cells and above is not None:
                rest = minus(self.people(t, total), people)
                ways += [[(rest, 1, 9)], [(people, sum(above) - 12, np.inf), (rest, 1, np.inf)]]
        if t and self.reader.seen(t - 1, cell) is None:
            ways.append([(step, -9, 9) for step in self._steps(t, t - 1, cell)])
        self._either(ways)

    def _same_voters(self) -> None:
        """Every voter answered every question; and is of a group or of the others."""
        first, *others = self.cubes
        for (t, cell), sides in list(self.cells.items()):
            if cell.cube == first:
                for cube in others:
                    twin = (t, cell._replace(cube=cube))
                    if twin in self.cells:
                        same = minus(plus(*sides), plus(*self.cells[twin]))
                        self._between(same, 0, 0)
                        side = self.reader.differ(t, cell, twin[1])
                        if side is not None:
                            others = plus(sides[1 - side], self.cells[twin][1 - side])
                            self._between(others, 1, np.inf)
            if cell.service == "" and len(cell.place) == (
                6 if cell.place[:2] == self.province else 2
            ):
                for name in OF_GROUPS:
                    parts = [cell._replace(service=f"{name}:{m}") for m in ("yes", "no")]
                    existing = [self.cells.get((t, part), ({}, {})) for part in parts]
                    if any(side for pair in existing for side in pair):
                        for side in (0, 1):
                            both = plus(existing[0][side], existing[1][side])
                            self._between(minus(sides[side], both), 0, 0)

    def solve(
        self, objective: Expression, extra: tuple[Expression, float, float] | None = None
    ) -> "np.ndarray | None":
        """The unknowns that make the objective least, or None where nothing satisfies all."""
        rows = [*self.rows, *([extra] if extra else [])]
        entries = [(i, j, v) for i, (what, _l, _h) in enumerate(rows) for j, v in what.items()]
        i, j, v = zip(*entries, strict=True)
        matrix = coo_array((v, (i, j)), shape=(len(rows), len(self.upper)))
        costs = np.zeros(len(self.upper))
        for name, value in objective.items():
            costs[name] = value
        low, high = [row[1] for row in rows], [row[2] for row in rows]
        result = milp(
            costs,
            constraints=LinearConstraint(matrix.tocsr(), low, high),
            integrality=np.ones(len(self.upper)),
            bounds=Bounds(0, np.array(self.upper)),
            options={"time_limit": SECONDS, "mip_rel_gap": 0.0},
        )
        return None if result.x is None else np.round(result.x)

    def values(self, target: Target) -> set[int]:
        """Values that the target can have: the least, the most, and one between."""
        what = self.expression(target)

        def at(solution: "np.ndarray") -> int:
            return int(sum(value * solution[name] for name, value in what.items()))

        ends = [self.solve(what), self.solve({name: -value for name, value in what.items()})]
        results = {at(end) for end in ends if end is not None}
        if len(results) == 2 and max(results) - min(results) > 1:
            middle = self.solve({}, (what, min(results) + 1, max(results) - 1))
            if middle is not None:
                results.add(at(middle))
        return results
