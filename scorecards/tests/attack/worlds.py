"""Other worlds that give the same prints: what a reader cannot tell apart from the truth.

From the true numbers a few people are moved, and ``Reader.fits`` says whether every print of
every release could still be what it is. Each world that fits shows further values of the
numbers in it. What keeps fewer than three values is left to ``equations``, which is exact.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from scorecards.tests.attack.reader import OF_GROUPS, Cell, Pair, Reader, World

ENOUGH = 3
TRIES = 90
SIZE = 4
"""The most people that one try moves."""


class Leaf(NamedTuple):
    """The smallest place and service that people are counted at in one cube."""

    cube: tuple[str, str, bool]
    commune: str
    service: str


class Target(NamedTuple):
    """A number that a reader must not find out: of a release, or (step) its change to it."""

    what: str  # "people", "met" or "not_met"
    t: int
    cell: Cell
    step: bool


@dataclass
class Changed:
    """A world with a few cells changed."""

    base: World
    own: World = field(default_factory=dict)

    def get(self, key: tuple[int, Cell], default: Pair = (0, 0)) -> Pair:
        """The numbers of a cell in a release."""
        entry = self.own.get(key)
        return entry if entry is not None else self.base.get(key, default)

    def add(self, t: int, cell: Cell, met: int, not_met: int) -> None:
        """Move people into (or out of) a cell."""
        now = self.get((t, cell))
        self.own[t, cell] = (now[0] + met, now[1] + not_met)


@dataclass
class Search:
    """The search for other worlds, for one quarter and secret.

    ``owned``: communes that the reader knows exactly, where nothing can be moved.
    """

    reader: Reader
    world: World
    owned: frozenset[str]
    rng: random.Random
    leaves: dict[tuple[str, str, bool], list[Leaf]] = field(default_factory=dict)
    values: dict[Target, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        cells = {cell for _t, cell in self.world}
        self.cells = cells
        self.reader.look_near(self.world, cells)
        results: dict[tuple[str, str, bool], set[Leaf]] = defaultdict(set)
        with_services = {c.cube for c in cells if c.service and not c.is_group}
        for cell in cells:
            finest = bool(cell.service) == (cell.cube in with_services)
            is_leaf = len(cell.place) == 6 and finest and not cell.is_group
            if is_leaf and cell.place not in self.owned:
                results[cell.cube].add(Leaf(cell.cube, cell.place, cell.service))
        self.leaves = {cube: sorted(some) for cube, some in results.items()}
        self.siblings: dict[tuple[str, bool], list[tuple[str, str, bool]]] = defaultdict(list)
        for cube in sorted(results):
            if "-P" in cube[0]:
                self.siblings[cube[1:]].append(cube)

    def is_sound(self) -> bool:
        """Whether the truth fits all that is seen: else the reader's reasoning is wrong."""
        return self.reader.fits(self.world, self.cells)

    def value(self, world: World | Changed, target: Target) -> int:
        """The number itself in a world."""

        def of(t: int) -> int:
            met, not_met = world.get((t, target.cell), (0, 0))
            return {"met": met, "not_met": not_met, "people": met + not_met}[target.what]

        return of(target.t) - of(target.t - 1) if target.step else of(target.t)

    def attack(self, targets: Iterable[Target], tries: int = TRIES) -> list[Target]:
        """Look for three values of each; return those for which there were fewer."""
        wanted = list(targets)
        by_cell: dict[Cell, list[Target]] = defaultdict(list)
        for target in wanted:
            by_cell[target.cell].append(target)
            self.values[target].add(self.value(self.world, target))
        for target in wanted:
            for turn in range(tries):
                if len(self.values[target]) >= ENOUGH:
                    break
                moved = self._moved(target, turn)
                cells = {cell for _t, cell in moved.own} if moved else set()
                if moved and self.reader.fits(moved, cells):
                    for cell in cells:
                        for other in by_cell[cell]:
                            self.values[other].add(self.value(moved, other))
        return [target for target in wanted if len(self.values[target]) < ENOUGH]

    def _moved(self, target: Target, turn: int) -> Changed | None:
        """A world in which the target has another value, other cells moved to make up for it."""
        rng, cell = self.rng, target.cell
        under = [leaf for leaf in self.leaves.get(cell.cube, ()) if self._holds(cell, leaf)]
        if not under:
            return None
        side = {"met": 0, "not_met": 1}.get(target.what, rng.randrange(2))
        size = self._other_size(target)
        times = [*self.reader.times[target.t :]] if target.step else [*self.reader.times]
        if turn % 3 == 2:
            times = [target.t]
        world = Changed(self.world)
        if size < 0:
            full = [one for one in under if self._count(target.t, one, side) >= -size]
            under = full or under
        leaf = rng.choice(under)
        if cell.is_group and turn % 2 == 0:
            return self._relabelled(world, leaf, cell, side, size, times)
        moves = [(leaf, side, size), *self._made_up(leaf, side, size, turn, target.t)]
        groups = {name: rng.choice(("yes", "no")) for name in OF_GROUPS}
        if cell.is_group:
            name, member = cell.service.split(":")
            groups[name] = member
        return world if self._carry_out(world, times, moves, groups) else None

    def _other_size(self, target: Target) -> int:
        """By how many people the target is to differ from the truth: to a value not seen yet."""
        true = self.value(self.world, target)
        least = -SIZE if target.step else max(-SIZE, -true)
        sizes = [n for n in range(least, SIZE + 1) if true + n not in self.values[target]]
        return self.rng.choices(sizes, [1 / size**2 for size in sizes])[0]

    def _count(self, t: int, leaf: Leaf, side: int) -> int:
        return self.world.get((t, Cell(leaf.cube, leaf.commune, leaf.service)), (0, 0))[side]

    def _relabelled(
        self, world: Changed, leaf: Leaf, cell: Cell, side: int, size: int, times: list[int]
    ) -> Changed | None:
        """Voters who are of the group and not of the others, at every question of the meeting."""
        for cube in self.siblings[leaf.cube[1:]]:
            sides = [side] if cube == cell.cube else self.rng.sample((0, 1), 2)
            for one in sides:
                trial = Changed(world.base, dict(world.own))
                for t in times:
                    for place in (leaf.commune, leaf.commune[:2], ""):
                        mine = Cell(cube, place, cell.service)
                        for whose, more in ((mine, size), (mine.partner(), -size)):
                            trial.add(t, whose, *((more, 0) if one == 0 else (0, more)))
                if self.reader.fits(trial, {c for _t, c in trial.own if c.cube == cube}):
                    break
            else:
                return None
            world = trial
        return world

    def _made_up(  # noqa: C901 - one way a line
        self, leaf: Leaf, side: int, size: int, turn: int, t: int
    ) -> Iterator[tuple[Leaf, int, int]]:
        """Moves that keep some totals as they were."""
        rng = self.rng
        every = [o for o in self.leaves[leaf.cube] if o != leaf]
        if abs(size) > 1 and rng.random() < 0.6:  # from as many leaves one each
            step, wide = (1 if size > 0 else -1), rng.random() < 0.5
            able = [
                o
                for o in every
                if (o.service == leaf.service or wide) and (step < 0 or self._count(t, o, side))
            ]
            for other in rng.sample(able, min(abs(size), len(able))):
                yield other, side, -step
            if turn % 2:
                yield leaf, 1 - side, -size
            return
        able = [o for o in every if size < 0 or self._count(t, o, side) >= size]
        beside = [o for o in able if o.commune == leaf.commune]
        near = [o for o in able if o.commune[:2] == leaf.commune[:2] and o.commune != leaf.commune]
        far = [o for o in able if o.service == leaf.service and o.commune[:2] != leaf.commune[:2]]
        alike = [o for o in near if o.service == leaf.service]
        way = turn % 10
        if way in (1, 5, 7):
            yield leaf, 1 - side, -size
        if way == 2 and beside:
            yield rng.choice(beside), side, -size
        if way in (3, 5) and alike:
            yield (other := rng.choice(alike)), side, -size
            if way == 5:
                yield other, 1 - side, size
        if way == 4 and near:
            yield rng.choice(near), side, -size
        if way == 6 and beside and alike:
            other, mate = rng.choice(beside), rng.choice(alike)
            yield other, side, -size
            yield mate, side, -size
            fourth = Leaf(leaf.cube, mate.commune, other.service)
            if fourth in every:
                yield fourth, side, size
        if way == 7 and beside:
            other = rng.choice(beside)
            yield other, side, -size
            yield other, 1 - side, size
        if way in (8, 9) and far:
            yield (other := rng.choice(far)), side, -size
            if way == 9:
                yield leaf, 1 - side, -size
                yield other, 1 - side, size

    def _holds(self, cell: Cell, leaf: Leaf) -> bool:
        return leaf.commune.startswith(cell.place) and (
            cell.service in ("", leaf.service) or cell.is_group
        )

    def _carry_out(
        self,
        world: Changed,
        times: list[int],
        moves: list[tuple[Leaf, int, int]],
        groups: dict[str, str],
    ) -> bool:
        """Move people, and with a voter every question of the meeting; False where none fits."""
        net: dict[Leaf, list[int]] = defaultdict(lambda: [0, 0])
        for leaf, side, size in moves:
            net[leaf][side] += size
        for leaf, (met, not_met) in net.items():
            for t in times:
                self._put(world, t, leaf, (met, not_met), groups)
        more = {leaf: met + not_met for leaf, (met, not_met) in net.items() if met + not_met}
        cube = moves[0][0].cube
        others = self.siblings.get(cube[1:], []) if "-P" in cube[0] and more else []
        return all(
            self._follow(world, other, more, times, groups) for other in others if other != cube
        )

    def _follow(
        self,
        world: Changed,
        cube: tuple[str, str, bool],
        more: dict[Leaf, int],
        times: list[int],
        groups: dict[str, str],
    ) -> bool:
        """Let voters who came or went answer another question too, in some way that fits."""
        for _turn in range(4):
            trial = Changed(world.base, dict(world.own))
            for leaf, size in more.items():
                own = (size, 0) if self.rng.random() < 0.5 else (0, size)
                for t in times:
                    self._put(trial, t, leaf._replace(cube=cube), own, groups)
            if self.reader.fits(trial, {c for _t, c in trial.own if c.cube == cube}):
                world.own = trial.own
                return True
        return False

    def _put(
        self, world: Changed, t: int, leaf: Leaf, own: tuple[int, int], groups: dict[str, str]
    ) -> None:
        parts = {leaf.service, ""}
        if "-P" in leaf.cube[0] and not leaf.cube[2]:
            parts |= {f"{name}:{member}" for name, member in groups.items()}
        for place in (leaf.commune, leaf.commune[:2], ""):
            for part in parts:
                world.add(t, Cell(leaf.cube, place, part), *own)


def targets(reader: Reader, world: World, owned: frozenset[str]) -> list[Target]:
    """Hidden cells with people in them, small sides, and how both changed between releases.

    Left out is what disclosure.md leaves out: cells of the reader's own communes, steps of size
    0, and sides of which the reader's own communes hold two more than is printed: that every
    other commune has none follows from it.
    """
    results = []
    for (t, cell), (met, not_met) in world.items():
        if _inherent(reader, world, owned, t, cell):
            continue
        quantities = []
        if reader.seen(t, cell) is None and met + not_met > 0:
            quantities.append(("people", met + not_met))
        for at, (side, number) in enumerate((("met", met), ("not_met", not_met))):
            if number == 0 and _owned_fills_a_total(reader, world, owned, t, cell, at):
                continue
            if number <= 2 and met + not_met > 0:
                quantities.append((side, number))
        for what, number in quantities:
            results.append(Target(what, t, cell, step=False))
            if t > 0:
                before = world.get((t - 1, cell), (0, 0))
                old = {"met": before[0], "not_met": before[1], "people": sum(before)}[what]
                if number != old:
                    results.append(Target(what, t, cell, step=True))
    return results


def _owned_fills_a_total(
    reader: Reader, world: World, owned: frozenset[str], t: int, cell: Cell, side: int
) -> bool:
    """Whether the own communes hold all that a total above the cell may have of this side."""
    for place in {cell.place[:2], ""}:
        for service in {cell.service, ""}:
            total = cell._replace(place=place, service=service)
            seen = reader.seen(t, total)
            if not isinstance(seen, tuple):
                continue
            own = (
                world.get((t, total._replace(place=commune)), (0, 0))[side]
                for commune in owned
                if commune.startswith(place)
            )
            if sum(own) >= seen[side] + 2:
                return True
    return False


def _inherent(reader: Reader, world: World, owned: frozenset[str], t: int, cell: Cell) -> bool:
    """What the reader knows from own communes alone."""
    if len(cell.place) == 6:
        return cell.place in owned
    mine = [0, 0]
    for commune in owned:
        if commune.startswith(cell.place):
            met, not_met = world.get((t, cell._replace(place=commune)), (0, 0))
            mine[0] += met
            mine[1] += not_met
    seen = reader.seen(t, cell)
    if isinstance(seen, tuple) and any(own >= p + 2 for own, p in zip(mine, seen, strict=True)):
        return True
    return tuple(mine) == world.get((t, cell), (0, 0))
