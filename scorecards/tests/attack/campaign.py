"""One attack: releases with corrections between, everything fetched, every number attacked."""

import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd
from django.core.cache import cache
from django.test import Client, override_settings

from accounts.models import User
from scorecards import periods
from scorecards.method.disclosure import rounding
from scorecards.releases import records
from scorecards.tests import nation
from scorecards.tests.attack import collect, corrections
from scorecards.tests.attack.equations import Possible, Program
from scorecards.tests.attack.reader import Cell, Reader, Shown, World
from scorecards.tests.attack.worlds import ENOUGH, Search, Target, targets


@dataclass
class History:
    """What readers saw of one quarter, release by release, and the truth behind it."""

    period: str
    shown: list[dict[Cell, Shown]] = field(default_factory=list)
    world: World = field(default_factory=dict)
    decided: list[pd.DataFrame] = field(default_factory=list)


@dataclass
class Found:
    """What the attack opened in one quarter with one secret."""

    period: str
    secret: str
    targets: int
    one: list[Target]
    two: list[Target]
    unsolved: list[Target]
    programs: int
    printed: list[int]
    withdrawn: list[int]
    seconds: float


def history(
    periods_: Iterable[str], secret: str, releases: int, seed: int, *, roles: Sequence[str] = ()
) -> list[History]:
    """Decide the quarters ``releases`` times, with corrections between.

    With ``roles`` each release is published, and each of them fetches it through every channel;
    what they get is what was decided. Without, it is taken as decided.
    """
    results = [History(period) for period in periods_]
    rng = random.Random(seed)
    with override_settings(ROUNDING_SECRET=secret, ALLOWED_HOSTS=["*"]):
        for turn in range(releases):
            for one in results:
                span = periods.parse(one.period)
                if turn:
                    corrections.correct(rng, span.first, span.last)
                _note(one, turn, secret)
                if roles:
                    release = nation.publish(_leader(), one.period)
                    assert release.is_current, release.note
                    cache.clear()
                    for role in roles if turn == releases - 1 else roles[:1]:
                        _fetch(one, role)
    return results


def _leader() -> User:
    results = User.objects.filter(username="coordinator-").first()
    return results or nation.make_person("coordinator", "")


def _note(one: History, turn: int, secret: str) -> None:
    settled = frozenset(
        (str(row.indicator), str(row.provider_kind))
        for table in one.decided
        for row in table[["indicator", "provider_kind"]].drop_duplicates().itertuples()
    )
    cells = records.count_cells(periods.parse(one.period), secret, settled=settled)
    one.decided.append(rounding.release(cells, one.decided, secret))
    one.shown.append(collect.of_decided(one.decided[-1]))
    for row in cells[[*records.CELL, "met", "not_met"]].itertuples(index=False):
        cube = (str(row.indicator), str(row.provider_kind), bool(row.self_assessment))
        cell = Cell(cube, str(row.place_code), str(row.service))
        one.world[turn, cell] = (int(row.met), int(row.not_met))


def _fetch(one: History, role: str) -> None:
    """What a role gets of the newest release; a member sees no more than everybody."""
    client = Client()
    if role:
        client.force_login(_person(role))
    assert collect.everything(client, one.period) == one.shown[-1], role
    assert collect.files_show_only(client, one.period, one.shown[-1]) > 0


def _person(role: str) -> User:
    commune = "" if role == "donor" else _communes()[0]
    place = commune[:4] if role == "district_officer" else commune
    results = User.objects.filter(username=f"{role}-{place}").first()
    return results or nation.make_person(role, place)


def _communes() -> list[str]:
    from surveys.models import Case

    return sorted(set(Case.objects.values_list("commune_id", flat=True)))


def owned(one: History, rng: random.Random) -> frozenset[str]:
    """Three communes of a facilitator, who knows them exactly."""
    communes = sorted({cell.place for _t, cell in one.world if len(cell.place) == 6})
    return frozenset(rng.sample(communes, min(3, len(communes))))


def attack(
    one: History, secret: str, *, share: float = 1.0, programs: int | None = None, tries: int = 40
) -> Found:
    """Attack every hidden and small number (or a ``share`` of them); see ``Found``.

    First other worlds are looked for, then the equations are solved for what is left, at most
    ``programs`` of them. What no program answers in time is "unsolved", and counted as such.
    """
    start, rng = time.monotonic(), random.Random(f"{one.period} {secret}")
    reader, mine = Reader(one.shown), owned(one, rng)
    search = Search(reader, one.world, mine, rng)
    assert search.is_sound(), "the truth does not fit what is seen: the reasoning is wrong"
    wanted = targets(reader, one.world, mine)
    if share < 1:
        wanted = rng.sample(wanted, round(share * len(wanted)))
    left = search.attack(wanted, tries)
    if programs is not None:
        left = rng.sample(left, min(programs, len(left)))
    solved = _solve(search, left)
    few = [(target, results) for target, results in solved.items() if len(results.values) < ENOUGH]
    return Found(
        one.period,
        secret,
        len(wanted),
        [target for target, results in few if results.solved and len(results.values) == 1],
        [target for target, results in few if results.solved and len(results.values) == 2],
        [target for target, results in few if not results.solved],
        len(left),
        [sum(isinstance(s, tuple) and not c.is_group for c, s in shown.items())
         for shown in one.shown],
        [sum(s == "withdrawn" and not c.is_group for c, s in shown.items())
         for shown in one.shown],
        time.monotonic() - start,
    )  # fmt: skip


def _solve(search: Search, left: Iterable[Target]) -> dict[Target, Possible]:
    """Solve the equations for each number: of its cube (or all questions) and its province."""
    parts: dict[tuple[tuple[tuple[str, str, bool], ...], str], list[Target]] = defaultdict(list)
    for target in left:
        cube = target.cell.cube
        cubes = search.siblings[cube[1:]] if "-P" in cube[0] else [cube]
        parts[tuple(cubes), target.cell.place[:2]].append(target)
    solved: dict[Target, Possible] = {}
    for (cubes_, province), wanted in parts.items():
        program = Program(search.reader, search.world, cubes_, province, search.owned)
        broken = next(program.broken_by_the_truth(), None)
        assert broken is None, f"the truth breaks the equations of {wanted[0]}: {broken}"
        solved |= program.possible(wanted, search.values)
    return solved
