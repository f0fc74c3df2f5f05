"""One attack: releases with corrections between, everything fetched, every number attacked."""

import random
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.cache import cache
from django.test import Client, override_settings

from accounts.models import User
from scorecards import periods
from scorecards.releases import records
from scorecards.tests import nation
from scorecards.tests.attack import collect, corrections
from scorecards.tests.attack.equations import Program
from scorecards.tests.attack.reader import Cell, Reader, Shown, World
from scorecards.tests.attack.worlds import ENOUGH, Search, Target, targets


@dataclass
class History:
    """What readers saw of one quarter, release by release, and the truth behind it."""

    period: str
    shown: list[dict[Cell, Shown]] = field(default_factory=list)
    world: World = field(default_factory=dict)


@dataclass
class Found:
    """What the attack opened in one quarter with one secret."""

    period: str
    secret: str
    targets: int
    one: list[Target]
    two: list[Target]
    programs: int
    printed: list[int]
    withdrawn: list[int]
    seconds: float


def history(
    periods_: Iterable[str], secret: str, releases: int, seed: int, *, all_roles: bool = False
) -> list[History]:
    """Release the quarters ``releases`` times with corrections between, and fetch each release."""
    results = [History(period) for period in periods_]
    rng = random.Random(seed)
    with override_settings(ROUNDING_SECRET=secret, ALLOWED_HOSTS=["*"]):
        by = _leader()
        for turn in range(releases):
            for one in results:
                span = periods.parse(one.period)
                if turn:
                    corrections.correct(rng, span.first, span.last)
                release = nation.publish(by, one.period)
                assert release.is_current, release.note
                cache.clear()
                _note(one, turn, secret, all_roles=all_roles)
    return results


def _leader() -> User:
    user = User.objects.filter(username="coordinator-").first()
    return user or nation.make_person("coordinator", "")


def _note(one: History, turn: int, secret: str, *, all_roles: bool) -> None:
    shown = collect.everything(Client(), one.period)
    if all_roles and turn > 0:
        for role in collect.ROLES[1:]:
            client = Client()
            client.force_login(_person(role))
            # A member sees no more than everybody: working figures are for who collects them.
            assert collect.everything(client, one.period) == shown, role
            assert collect.files_show_only(client, one.period, shown) > 0
    one.shown.append(shown)
    cells = records.count_cells(periods.parse(one.period), secret)
    for row in cells[[*records.CELL, "met", "not_met"]].itertuples(index=False):
        cube = (str(row.indicator), str(row.provider_kind), bool(row.self_assessment))
        cell = Cell(cube, str(row.place_code), str(row.service))
        one.world[turn, cell] = (int(row.met), int(row.not_met))


def _person(role: str) -> User:
    commune = "" if role == "donor" else _communes()[0]
    place = commune[:4] if role == "district_officer" else commune
    user = User.objects.filter(username=f"{role}-{place}").first()
    return user or nation.make_person(role, place)


def _communes() -> list[str]:
    from surveys.models import Case

    return sorted(set(Case.objects.values_list("commune_id", flat=True)))


def owned(one: History, rng: random.Random) -> frozenset[str]:
    """Three communes of a facilitator, who knows them exactly."""
    communes = sorted({cell.place for _t, cell in one.world if len(cell.place) == 6})
    return frozenset(rng.sample(communes, min(3, len(communes))))


def attack(
    one: History, secret: str, *, share: float = 1.0, programs: int | None = None, tries: int = 90
) -> Found:
    """Attack every hidden and small number (or a ``share`` of them); see ``Found``.

    First other worlds are looked for, then the equations are solved for what is left, at most
    ``programs`` of them.
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
    existing: dict[Target, set[int]] = {}
    made: dict[tuple[object, str], Program] = {}
    for target in left:
        cube, province = target.cell.cube, target.cell.place[:2]
        cubes = search.siblings[cube[1:]] if "-P" in cube[0] else [cube]
        key = (tuple(cubes), province)
        if key not in made:
            made[key] = Program(reader, one.world, cubes, province, mine)
        possible = made[key].values(target)
        assert possible, f"no numbers satisfy the equations of {target}"
        existing[target] = possible | search.values[target]
    counts = Counter(min(len(values), ENOUGH) for values in existing.values())
    assert counts[0] == 0
    return Found(
        one.period,
        secret,
        len(wanted),
        [target for target, values in existing.items() if len(values) == 1],
        [target for target, values in existing.items() if len(values) == 2],
        len(left),
        [sum(isinstance(s, tuple) and not c.is_group for c, s in shown.items())
         for shown in one.shown],
        [sum(s == "withdrawn" and not c.is_group for c, s in shown.items())
         for shown in one.shown],
        time.monotonic() - start,
    )  # fmt: skip
