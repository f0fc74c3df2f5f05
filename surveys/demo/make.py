"""Making the demo: the country's invented part, its people, its cases, votes and checks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from surveys import services
from surveys.demo import cases, country, people, scorecards, truth
from surveys.models import Case, Channel, Check, ImportBatch, Meeting, Vote
from surveys.reference_data import Register
from surveys.services.bulk import CHUNK
from surveys.services.outbox import tell_scorecards
from surveys.services.write_permission import Mandate

T = TypeVar("T")

MONTHS = 18
CASES_A_COMMUNE = 480
"""Enough for a commune hall to have some thirty cases in a quarter, a school a few."""


@dataclass(frozen=True)
class Wish:
    """The options of the person who makes the demo."""

    cases: int
    provinces: int
    seed: int
    until: date
    rho: float


@dataclass(frozen=True)
class Made:
    """The numbers of things that the demo made."""

    cases: int
    votes: int
    checks: int
    communes: int
    accounts: dict[str, Any]


def refuse_if_real() -> None:
    """Raise CommandError where invented data would be mixed with real people's."""
    if settings.LIVE:
        raise CommandError("LIVE=1: real people are served here; demo data is refused.")
    real = Case.objects.exclude(channel=Channel.DEMO).exists()
    if real and not User.objects.filter(is_demo=True).exists():
        raise CommandError("This database holds real cases; demo data is refused.")


def make(wish: Wish, *, truth_path: Path, accounts_path: Path, replace: bool = False) -> Made:
    """Invent everything in one transaction; the same wish makes the same data.

    Raises CommandError where real data is, or where a demo already is and is not to be
    replaced.
    """
    refuse_if_real()
    if Case.objects.filter(channel=Channel.DEMO).exists() and not replace:
        raise CommandError("There is a demo already; --replace makes it anew.")
    if wish.cases < 1:
        raise CommandError("--cases must be at least 1.")
    with transaction.atomic():
        remove()
        made, truths = _make(wish)
    truth.write(truths, truth_path)
    people.write(made.accounts, accounts_path)
    return made


def remove() -> None:
    """Delete the observations of an earlier demo; what real testers added since stays."""
    demo = {"channel": Channel.DEMO}
    gone: dict[str, list[tuple[str, date]]] = {
        "case": list(Case.objects.filter(**demo).values_list("commune_id", "asked_on").distinct()),
        "vote": list(
            Meeting.objects.filter(**demo).values_list("commune_id", "held_on").distinct()
        ),
        "check": list(Check.objects.filter(**demo).values_list("commune_id", "seen_on").distinct()),
    }
    Case.objects.filter(**demo).delete()
    Vote.objects.filter(meeting__channel=Channel.DEMO).delete()
    Meeting.objects.filter(**demo).delete()
    Check.objects.filter(**demo).delete()
    for observation, where in gone.items():
        if where:
            tell_scorecards(observation, where)


def _make(wish: Wish) -> tuple[Made, list[truth.Truth]]:
    rng = np.random.default_rng(wish.seed)
    wanted = max(4 * wish.provinces, round(wish.cases / CASES_A_COMMUNE))
    ground = country.make_ground(rng, country.choose_communes(rng, wish.provinces, wanted))
    truths = truth.draw(rng, ground.providers)
    accounts = people.make_accounts(ground)
    gatherers = people.make_facilitators(ground)
    plan = cases.Plan(
        cases=wish.cases,
        since=wish.until - timedelta(days=round(MONTHS * 30.44)),
        until=wish.until,
        rho=wish.rho,
        prefix=f"DEMO-{wish.seed}",
    )
    register = Register.load()
    reported = cases.invent(rng, plan, ground, truths, gatherers)
    votes = scorecards.invent_votes(rng, plan, truths, gatherers, wish.cases // 180)
    checks = scorecards.invent_checks(rng, plan, truths, gatherers, wish.cases // 25)
    return (
        Made(
            cases=_record_cases(reported, register, wish.until),
            votes=_record("votes", services.record_vote_rows, votes, register, wish.until),
            checks=_record("checks", services.record_checks, checks, register, wish.until),
            communes=len(ground.communes),
            accounts=accounts,
        ),
        truths,
    )


def _batch(kind: str) -> ImportBatch:
    return ImportBatch.objects.create(
        kind=kind, file_name="demo", state=ImportBatch.State.RUNNING, language="en"
    )


def _record_cases(
    reported: Iterator[tuple[services.ReportedCase, Any]], register: Register, until: date
) -> int:
    batch = _batch("cases")
    mandate = Mandate(None, "cases.import")
    for chunk in _chunks(reported):
        results = services.record_cases(
            batch=batch,
            reported=[one for one, _moment in chunk],
            register=register,
            mandate=mandate,
            today=until,
            recorded_at=[moment for _one, moment in chunk],
        )
        _count(batch, results)
    return _finish(batch)


def _record(
    kind: str, record: Any, reported: Iterator[Any], register: Register, until: date
) -> int:
    batch = _batch(kind)
    mandate = Mandate(None, "cases.import")
    for chunk in _chunks(reported):
        _count(
            batch,
            record(batch=batch, reported=chunk, register=register, mandate=mandate, today=until),
        )
    return _finish(batch)


def _count(batch: ImportBatch, results: Sequence[services.RowResult]) -> None:
    for result in results:
        if result.outcome != services.Outcome.ADDED:
            raise CommandError(f"The demo made a row that is not taken: {dict(result.problems)}")
    batch.read = batch.added = batch.read + len(results)


def _finish(batch: ImportBatch) -> int:
    batch.state = ImportBatch.State.DONE
    batch.finished_at = timezone.now()
    batch.save()
    services.close_batch(batch=batch)
    return batch.added


def _chunks(rows: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
