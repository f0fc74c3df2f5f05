"""What a reader knows: the cells of the nation, what each release shows of them, and the rules.

Nothing here is the product's: ``Reader.fits`` replays the published rules (disclosure, rules 2
to 6) on supposed true numbers, with unknown draws, and says whether they could have given the
prints that the reader sees. Worlds are supposed numbers of all cells in all releases.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

NEAR = 40
"""People by which a total may exceed a part and still matter for whether the part is printed."""

OF_GROUPS = ("women", "youth", "poor_card", "disability", "minority")


class Cell(NamedTuple):
    """A cell: cube (indicator, kind, self-assessment), place ("" the nation), service or group."""

    cube: tuple[str, str, bool]
    place: str
    service: str

    @property
    def is_group(self) -> bool:
        """Whether it is a group of voters, shown only together with the others."""
        return ":" in self.service

    @property
    def least(self) -> int:
        """The fewest people that are printed: some cells need more than others."""
        return 30 if self.cube[2] or len(self.place) < 6 else 10

    def partner(self) -> "Cell":
        """The other voters of a group."""
        name, member = self.service.split(":")
        return self._replace(service=f"{name}:{'no' if member == 'yes' else 'yes'}")

    def totals(self) -> "list[Cell]":
        """Every cell that contains this one: larger places, and all services."""
        places = dict.fromkeys([self.place, self.place[:2], ""])
        results = [Cell(self.cube, place, part) for place in places for part in {self.service, ""}]
        return [cell for cell in results if cell != self]


Pair = tuple[int, int]
Shown = Pair | str | None
"""Printed numbers (met, not met), "withdrawn", or None for no row."""

World = dict[tuple[int, Cell], Pair]
"""Supposed true numbers of a cell in a release; (0, 0) where it is missing."""


def down(x: int) -> int:
    """The multiple of three at or below."""
    return x - x % 3


def up(x: int) -> int:
    """The multiple of three at or above."""
    return -(-x // 3) * 3


def changed(now: Pair, before: Pair) -> int:
    """People changed between two states, as rule 6 counts them."""
    met, not_met = now[0] - before[0], now[1] - before[1]
    return max(abs(met), abs(not_met), abs(met + not_met))


class Step(NamedTuple):
    """One release of one cell as a world explains it."""

    status: str
    kept: Pair | None
    is_new: bool


@dataclass
class Reader:
    """All that is seen: for each release the shown cells; and which cells there may be."""

    shown: list[dict[Cell, Shown]]
    parts: dict[Cell, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    wholes: dict[Cell, list[Cell]] = field(default_factory=dict)
    twins: dict[Cell, list[Cell]] = field(default_factory=dict)
    few: set[tuple[int, Cell]] = field(default_factory=set)
    """Votes of two to four communes: never printed, whatever they hold."""
    single: set[tuple[int, Cell]] = field(default_factory=set)
    """Groups of voters of one commune, and totals that hold no other: thirty are needed."""

    @property
    def times(self) -> range:
        """Numbers of the releases."""
        return range(len(self.shown))

    def look_near(self, world: World, cells: Iterable[Cell]) -> None:
        """Note totals that are only a few people larger than a part, at any release."""
        for cell in cells:
            near = []
            for total in cell.totals():
                rests = [
                    sum(world.get((t, total), (0, 0))) - sum(world.get((t, cell), (0, 0)))
                    for t in self.times
                ]
                if min(rests) <= NEAR:
                    near.append(total)
                    self.parts[total].append(cell)
            self.wholes[cell] = near
        self._note_few_communes(world)
        questions = sorted({cell.cube for cell in self.wholes if "-P" in cell.cube[0]})
        for cell in self.wholes:
            alike = [c for c in questions if c[1:] == cell.cube[1:] and c != cell.cube]
            if "-P" in cell.cube[0]:
                self.twins[cell] = [cell._replace(cube=cube) for cube in alike]

    def _note_few_communes(self, world: World) -> None:
        """Which communes voted is known to everybody."""
        communes: dict[tuple[int, Cell], int] = defaultdict(int)
        for (t, cell), people in world.items():
            if "-P" in cell.cube[0] and len(cell.place) == 6 and sum(people):
                for place in (cell.place, cell.place[:2], ""):
                    communes[t, cell._replace(place=place)] += 1
        self.few = {total for total, number in communes.items() if 2 <= number <= 4}
        self.single = {key for key, number in communes.items() if number == 1 and key[1].is_group}

    def least(self, t: int, cell: Cell) -> int:
        """The fewest people that are printed."""
        return 30 if (t, cell) in self.single else cell.least

    def seen(self, t: int, cell: Cell) -> Shown:
        """What the release shows of the cell."""
        return self.shown[t].get(cell)

    def print_in_force(self, t: int, cell: Cell) -> Pair | None:
        """The print of a shown cell, of a withdrawn one the last that was seen."""
        for back in range(t, -1, -1):
            result = self.seen(back, cell)
            if isinstance(result, tuple):
                return result
            if result is None:
                return None
        return None

    def fits(self, world: Mapping[tuple[int, Cell], Pair], cells: Iterable[Cell]) -> bool:
        """Could these numbers have given what is seen? Looks at ``cells`` and all near to them."""
        wanted: set[Cell] = set()
        for cell in cells:
            wanted.add(cell)
            wanted.update(self.parts.get(cell, ()))
        done: set[Cell] = set()
        for cell in wanted:
            if cell in done:
                continue
            done.add(cell)
            if any(min(world.get((t, cell), (0, 0))) < 0 for t in self.times):
                return False
            if not self._other_answers_fit(world, cell):
                return False
            if cell.is_group:
                done.add(cell.partner())
                if not self._both_fit(world, cell):
                    return False
            elif not any(
                all(_agrees(step, self.seen(t, cell)) for t, step in enumerate(steps))
                for steps in self._stories(world, cell)
            ):
                return False
        return True

    def differ(self, t: int, cell: Cell, twin: Cell) -> int | None:
        """The side on which two questions of one meeting show different sets, if one does.

        The same voters answered both. Equal sets have equal keys and draws, and get one number
        unless a total is below it; where no total can be, other numbers mean other sets.
        """
        prints = self.seen(t, cell), self.seen(t, twin)
        if not all(isinstance(one, tuple) for one in prints) or t > 0:
            return None
        for side in (0, 1):
            numbers = [one[side] for one in prints if isinstance(one, tuple)]
            if numbers[0] != numbers[1] and all(
                isinstance(above := self.seen(t, total), tuple) and above[side] >= max(numbers) + 3
                for one in (cell, twin)
                for total in one.totals()
            ):
                return side
        return None

    def _other_answers_fit(self, world: Mapping[tuple[int, Cell], Pair], cell: Cell) -> bool:
        """Where two questions show other sets of one side, the other sides are not both empty."""
        for twin in self.twins.get(cell, ()):
            side = self.differ(0, cell, twin)
            if side is not None:
                both = world.get((0, cell), (0, 0)), world.get((0, twin), (0, 0))
                same_people = sum(both[0]) == sum(both[1])
                if same_people and both[0][1 - side] == both[1][1 - side] == 0:
                    return False
        return True

    def _both_fit(self, world: Mapping[tuple[int, Cell], Pair], cell: Cell) -> bool:
        """A group and the others are shown together or not at all."""
        other = cell.partner()
        theirs = list(self._stories(world, other))
        for mine in self._stories(world, cell):
            for others in theirs:
                if all(self._pair_agrees(t, cell, other, mine[t], others[t]) for t in self.times):
                    return True
        return False

    def _pair_agrees(self, t: int, cell: Cell, other: Cell, mine: Step, theirs: Step) -> bool:
        seen = self.seen(t, cell)
        both = {mine.status, theirs.status}
        if seen is None:
            kept = [*(mine.kept or ()), *(theirs.kept or ())]
            return "not_printed" in both or 0 in kept
        if seen == "withdrawn":
            return "not_printed" not in both and "withdrawn" in both
        return both == {"printed"} and (mine.kept, theirs.kept) == (seen, self.seen(t, other))

    def _stories(self, world: Mapping[tuple[int, Cell], Pair], cell: Cell) -> Iterable[list[Step]]:
        """Every way in which the rules may have treated the cell, as far as prints are seen."""
        stories: list[tuple[list[Step], list[tuple[Pair, Pair | None]]]] = [([], [])]
        for t in self.times:
            now = world.get((t, cell), (0, 0))
            fresh = []
            for steps, states in stories:
                near = [state for state in states if changed(now, state[0]) < 10]
                if near:
                    fresh.append(([*steps, _repeat(now, near[-1])], states))
                    continue
                for kept in self._new_prints(world, t, cell, now):
                    status = "printed" if kept is not None else "not_printed"
                    step = Step(status, kept, is_new=True)
                    fresh.append(([*steps, step], [*states, (now, kept)]))
            if not cell.is_group:
                fresh = [one for one in fresh if _agrees(one[0][-1], self.seen(t, cell))]
            stories = fresh
        return [steps for steps, _states in stories]

    def _new_prints(
        self, world: Mapping[tuple[int, Cell], Pair], t: int, cell: Cell, now: Pair
    ) -> Iterable[Pair | None]:
        """What may be decided of a cell that is decided anew: prints, or None for not printed."""
        if self._may_be_hidden(world, t, cell, now):
            yield None
        seen = self.seen(t, cell)
        if isinstance(seen, tuple):
            choices: list[Pair] = [seen]
        elif cell.is_group and sum(now) >= self.least(t, cell):
            later = [self.seen(back, cell) for back in self.times[t:]]
            choices = [one for one in later if isinstance(one, tuple)][:1]
            able = product(*({down(x), up(x)} for x in now))
            choices += [one for one in able if one not in choices]
        else:
            return
        for kept in choices:
            if self._may_be_printed(world, t, cell, now, kept):
                yield kept

    def _may_be_printed(
        self, world: Mapping[tuple[int, Cell], Pair], t: int, cell: Cell, now: Pair, kept: Pair
    ) -> bool:
        if any(p not in (down(x), up(x)) for p, x in zip(kept, now, strict=True)):
            return False
        if sum(now) < self.least(t, cell) or sum(kept) < 9 or (t, cell) in self.few:
            return False
        for total in self.wholes.get(cell, ()):
            above = self.print_in_force(t, total) if not total.is_group else None
            if above is None or self.seen(t, total) is None:
                continue
            complete = world.get((t, total), (0, 0))
            rest = sum(complete) - sum(now)
            if rest and (rest < 10 or sum(above) - sum(kept) < 9):
                return False
            if self.is_fresh(t, total):
                for side in (0, 1):
                    same = complete[side] == now[side]
                    if kept[side] > above[side] or (same and kept[side] != above[side]):
                        return False
        return True

    def _may_be_hidden(
        self, world: Mapping[tuple[int, Cell], Pair], t: int, cell: Cell, now: Pair
    ) -> bool:
        if (
            sum(now) < self.least(t, cell)
            or down(now[0]) + down(now[1]) < 9
            or (t, cell) in self.few
        ):
            return True
        most = up(now[0]) + up(now[1])
        for total in self.wholes.get(cell, ()):
            above = self.print_in_force(t, total)
            if above is not None and self.seen(t, total) is not None:
                rest = sum(world.get((t, total), (0, 0))) - sum(now)
                if rest and (rest < 10 or sum(above) - most < 9):
                    return True
        return False

    def is_fresh(self, t: int, total: Cell) -> bool:
        """The reader sees that the total was decided anew: it is the first, or has other numbers."""
        now = self.seen(t, total)
        return isinstance(now, tuple) and all(self.seen(back, total) != now for back in range(t))


def _repeat(now: Pair, state: tuple[Pair, Pair | None]) -> Step:
    before, kept = state
    if kept is None:
        return Step("not_printed", None, is_new=False)
    many = changed(now, before)
    withdrawn = many >= 5 and 4 * many > sum(kept)
    return Step("withdrawn" if withdrawn else "printed", kept, is_new=False)


def _agrees(step: Step, seen: Shown) -> bool:
    if seen is None:
        return step.status == "not_printed"
    if seen == "withdrawn":
        return step.status == "withdrawn"
    return step.status == "printed" and step.kept == seen
