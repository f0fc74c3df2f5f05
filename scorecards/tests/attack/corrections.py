"""Corrections between releases, as offices make them: wrong answers, late and withdrawn records."""

import random
from datetime import date

from django.utils import timezone

from scorecards import tasks
from surveys.models import Case, Meeting, ObservationChange, Vote

SHARE = 0.01
"""Of a quarter's cases, one in a hundred is wrong, one comes late and half a one is withdrawn."""


def correct(rng: random.Random, first: date, last: date) -> int:
    """Correct about 2.5% of a quarter's cases and a meeting's votes.

    Return how many records changed.
    """
    cases = list(Case.objects.filter(asked_on__range=(first, last)).order_by("pk"))
    touched: set[tuple[str, str, date]] = set()
    wrong = rng.sample(cases, max(1, round(SHARE * len(cases))))
    for case in wrong:
        _correct_case(rng, case)
        touched.add(("case", case.commune_id, case.asked_on))
    # An office that wrote a whole month in the wrong way: a dozen of one commune.
    office = rng.choice(cases)
    mates = [c for c in cases if c.provider_id == office.provider_id][:12]
    for case in mates:
        _correct_case(rng, case)
        touched.add(("case", case.commune_id, case.asked_on))
    late = rng.sample(cases, len(wrong))
    for number, case in enumerate(late):
        case.pk, case.case_id = None, f"late-{case.case_id}-{number}"
        case.save(force_insert=True)
        touched.add(("case", case.commune_id, case.asked_on))
    gone = [c for c in rng.sample(cases, max(1, len(wrong) // 2)) if c not in late]
    for case in gone:
        if case.pk:
            touched.add(("case", case.commune_id, case.asked_on))
            Case.objects.filter(pk=case.pk).delete()
    touched |= _correct_votes(rng, first, last)
    _tell(touched)
    return len(wrong) + len(mates) + len(late) + len(gone)


def _correct_case(rng: random.Random, case: Case) -> None:
    values = {
        "fee_paid": rng.choice([0, 1000, 90_000]),
        "visits": rng.choice([1, 2, 4]),
        "receipt": rng.random() < 0.5,
        "staffed": rng.random() < 0.5,
        "updated_at": timezone.now(),
    }
    Case.objects.filter(pk=case.pk).update(**values)


def _correct_votes(rng: random.Random, first: date, last: date) -> set[tuple[str, str, date]]:
    """One meeting's answers were typed in wrongly; another meeting came late."""
    meetings = list(Meeting.objects.filter(held_on__range=(first, last)).order_by("pk"))
    if not meetings:
        return set()
    wrong, late = rng.choice(meetings), rng.choice(meetings)
    for vote in Vote.objects.filter(meeting=wrong).order_by("pk"):
        if rng.random() < 0.2:
            Vote.objects.filter(pk=vote.pk).update(score=rng.randrange(1, 6))
    votes = list(Vote.objects.filter(meeting=late).order_by("pk"))
    late.pk, late.meeting_id = None, f"late-{late.meeting_id}-{rng.random()}"
    late.save(force_insert=True)
    for vote in votes:
        vote.pk, vote.vote_id, vote.meeting = None, f"late-{vote.vote_id}-{rng.random()}", late
        vote.score = rng.randrange(1, 6)
    Vote.objects.bulk_create(votes)
    return {("vote", m.commune_id, m.held_on) for m in (wrong, late)}


def _tell(touched: set[tuple[str, str, date]]) -> None:
    rows = {(kind, commune, day.replace(day=1)) for kind, commune, day in touched}
    ObservationChange.objects.bulk_create(
        ObservationChange(
            province_code=commune[:2], commune_code=commune, month=month, observation=kind
        )
        for kind, commune, month in sorted(rows)
    )
    tasks.recompute_changed()
