"""Inventing community meetings with their votes, and facilitators' checks."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from surveys.demo.cases import Plan
from surveys.demo.truth import CHECKS_OF_KIND, VOTES_OF_KIND, Truth
from surveys.services import ReportedCheck, ReportedMeeting, ReportedVote

VOTERS = (14, 32)
OWN_VOTERS = (5, 9)
_LOW, _HIGH = (1, 2, 3), (4, 5)


def _days(rng: np.random.Generator, plan: Plan, count: int) -> list[date]:
    span = (plan.until - plan.since).days
    offsets = rng.integers(0, span + 1, count)
    return [plan.since + timedelta(days=int(offset)) for offset in offsets]


def invent_votes(
    rng: np.random.Generator,
    plan: Plan,
    truths: list[Truth],
    people: dict[str, list[str]],
    meetings: int,
) -> Iterator[tuple[ReportedMeeting, ReportedVote]]:
    """Yield votes of ``meetings`` community meetings, each followed by the provider's own
    assessment.
    """
    places = rng.permutation(len(truths))
    for number, held_on in enumerate(_days(rng, plan, meetings)):
        truth = truths[int(places[number % len(truths)])]
        commune = truth.communes[number % len(truth.communes)]
        for kind, (least, most) in (("community", VOTERS), ("self_assessment", OWN_VOTERS)):
            meeting = ReportedMeeting(
                meeting_id=f"{plan.prefix}-M{number:05d}-{kind[0]}",
                commune=commune,
                provider=truth.provider.code,
                kind=kind,
                held_on=held_on,
                channel="demo",
                facilitator=people[commune][0],
                programme="demo",
            )
            voters = rng.random((int(rng.integers(least, most + 1)), 6))
            # a provider scores itself higher than people do
            kindness = 0.0 if kind == "community" else 0.15
            yield from _votes(rng, meeting, truth, voters, kindness)


def _votes(
    rng: np.random.Generator,
    meeting: ReportedMeeting,
    truth: Truth,
    voters: NDArray[np.float64],
    kindness: float,
) -> Iterator[tuple[ReportedMeeting, ReportedVote]]:
    for code in VOTES_OF_KIND[truth.provider.kind]:
        satisfied = rng.random(len(voters)) < min(truth.rates[code] + kindness, 0.98)
        shade = rng.random(len(voters))
        for place, voter in enumerate(voters.tolist()):
            words = _HIGH if satisfied[place] else _LOW
            yield (
                meeting,
                ReportedVote(
                    vote_id=f"{meeting.meeting_id}-{code}-{place}",
                    indicator=code,
                    score=words[int(shade[place] * len(words))],
                    sex="female" if voter[0] < 0.6 else "male",
                    youth=voter[1] < 0.3,
                    poor_card=voter[2] < 0.22,
                    disability=voter[3] < 0.05,
                    minority=voter[4] < 0.06,
                ),
            )


def invent_checks(
    rng: np.random.Generator,
    plan: Plan,
    truths: list[Truth],
    people: dict[str, list[str]],
    visits: int,
) -> Iterator[ReportedCheck]:
    """Invent facilitators' checks on ``visits`` visits: every indicator of the kind at each."""
    places = rng.integers(0, len(truths), visits)
    for number, seen_on in enumerate(_days(rng, plan, visits)):
        truth = truths[int(places[number])]
        commune = truth.communes[number % len(truth.communes)]
        for code in CHECKS_OF_KIND[truth.provider.kind]:
            luck = rng.random(2)
            yield ReportedCheck(
                check_id=f"{plan.prefix}-V{number:05d}",
                commune=commune,
                provider=truth.provider.code,
                indicator=code,
                seen_on=seen_on,
                present=None if luck[0] < 0.03 else bool(luck[1] < truth.rates[code]),
                channel="demo",
                facilitator=people[commune][0],
                programme="demo",
            )
