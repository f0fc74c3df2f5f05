"""Record scorecards of rounds held before the platform was used, one criterion at a time.

A past scorecard is known as counts: how many gave each score to each criterion. Its votes are
stored like those of a present meeting (``services.meetings``), so pages and scores make no
difference.
"""

import hashlib
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from khmer.text import fold
from surveys import services as observations
from surveys.models import Channel, Meeting, Vote
from surveys.reference_data import Register
from surveys.rounds.models import (
    Criterion,
    MeetingNote,
    Round,
    RoundMeeting,
    RoundStage,
    Stage,
    VillageTally,
)
from surveys.rounds.models.attendance import COUNTS
from surveys.rounds.services.attendance import ReportedAttendance
from surveys.rounds.services.meetings import LONGEST_NOTE, MOST_CRITERIA, MOST_NOTES, core_codes
from surveys.rounds.services.plan import (
    CheckedPlan,
    PlannedRound,
    check_plan,
    finish_stage,
    new_code,
    settle_plan,
)
from surveys.rounds.services.sessions import check_attendance
from surveys.services import Outcome, ReportedMeeting, ReportedVote
from surveys.services.write_permission import Mandate
from surveys.validation import Problems

IMPORTED: Final = "imported"
"""``content_hash`` of a meeting that came by spreadsheet; those of tablets have a digest."""
MOST_VOTES: Final = 5000
SCORES: Final = (1, 2, 3, 4, 5)
_STAGES: Final = {
    Meeting.Kind.COMMUNITY: Stage.MET,
    Meeting.Kind.SELF_ASSESSMENT: Stage.SELF_ASSESSED,
}


@dataclass(slots=True)
class PastScore(ReportedAttendance):
    """One criterion of a past scorecard: its round, its meeting, and how many gave each score."""

    provider: str = ""
    commune: str = ""
    period: tuple[int, int | None] | None = None
    programme: str = ""
    kind: str = Meeting.Kind.COMMUNITY
    held_on: date | None = None
    indicator: str = ""
    criterion: str = ""
    votes_1: int | None = None
    votes_2: int | None = None
    votes_3: int | None = None
    votes_4: int | None = None
    votes_5: int | None = None
    strengths: list[str] = field(default_factory=list)
    weaknesses: list[str] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)

    @property
    def counts(self) -> list[int]:
        """Return the numbers of votes for 1, 2, 3, 4 and 5."""
        return [getattr(self, f"votes_{score}") or 0 for score in SCORES]

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Return the meeting's notes on the criterion: (aspect, text) pairs, each once."""
        aspects = MeetingNote.Aspect
        sentences = (
            (aspects.STRENGTH, self.strengths),
            (aspects.PROBLEM, self.weaknesses),
            (aspects.SUGGESTION, self.suggestions),
        )
        return [(str(aspect), text) for aspect, texts in sentences for text in dict.fromkeys(texts)]


def record_past_score(
    *, by: User | None, reported: PastScore, register: Register, mandate: Mandate
) -> Outcome:
    """Record one criterion, and its round and meeting where they are not known yet.

    The same row again is UNCHANGED, other counts or another meeting of that round a CONFLICT.
    Raises PermissionDenied, ValidationError.
    """
    checked, problems = _check(reported, register, mandate)
    settle_plan(checked, problems, mandate)
    with transaction.atomic():
        round = _round(reported, checked, by)
        meeting = _meeting(round, reported)
        if meeting is None:
            return Outcome.CONFLICT
        criterion = _criterion(round, reported)
        counted = _counts(meeting, criterion)
        if any(counted):
            same = counted == reported.counts and _notes(meeting, criterion) == sorted(
                reported.notes
            )
            return Outcome.UNCHANGED if same else Outcome.CONFLICT
        _keep(by, round, meeting, criterion, reported)
    return Outcome.ADDED


def _check(
    reported: PastScore, register: Register, mandate: Mandate
) -> tuple[CheckedPlan, Problems]:
    """Look up the codes of a row and collect everything that is wrong with it."""
    frame = PlannedRound(
        provider=reported.provider,
        commune=reported.commune,
        period=reported.period,
        programme=reported.programme,
        met_on=reported.held_on,
    )
    checked, problems = check_plan(frame, register, mandate)
    if sentences := problems.pop("met_on", None):
        problems["held_on"] = sentences
    if reported.held_on is None:
        problems["held_on"] = [_("Say on which day it was.")]
    elif reported.held_on > timezone.localdate():
        problems.say("held_on", _("This day has not come yet."))
    check_attendance(reported, problems)
    _check_criterion(
        reported, core_codes(checked.provider.kind) if checked.provider else [], problems
    )
    votes = sum(reported.counts)
    if not votes:
        problems.say("votes_1", _("Say how many gave each score: at least one vote."))
    elif max(reported.counts) > MOST_VOTES:
        problems.say("votes_1", _("The counts of “%s” cannot be read.") % _name(reported))
    elif votes > (reported.people or 0):
        problems.say("people", _("“%s” has more votes than people who came.") % _name(reported))
    return checked, problems


def _name(reported: PastScore) -> str:
    return reported.indicator or reported.criterion[:60]


def _check_criterion(reported: PastScore, core: list[str], problems: Problems) -> None:
    if bool(reported.indicator) == bool(reported.criterion):
        problems.say(
            "criterion",
            _("Name the criterion once: its code under “indicator”, or the village's own words."),
        )
    elif reported.indicator and core and reported.indicator not in core:
        problems.say(
            "indicator", _("“%s” is no criterion of this kind of provider.") % reported.indicator
        )
    if len(reported.criterion) > 300:
        problems.say("criterion", _("“%s” is too long.") % reported.criterion[:60])
    for name in ("strengths", "weaknesses", "suggestions"):
        notes = getattr(reported, name)
        if len(notes) > MOST_NOTES or any(len(note) > LONGEST_NOTE for note in notes):
            problems.say(name, _("“%s” has too many or too long notes.") % _name(reported))


def _round(reported: PastScore, checked: CheckedPlan, by: User | None) -> Round:
    """Return the valid round of the provider and period, or a new one without planned days."""
    assert reported.period is not None and checked.provider and checked.commune  # noqa: PT018
    year, half = reported.period
    twins = Round.objects.standing().filter(
        provider=checked.provider, programme=checked.programme, year=year, half=half
    )
    if (round := twins.select_for_update(of=("self",)).first()) is not None:
        if round.commune_id != checked.commune.code:
            raise ValidationError(
                {"commune": [_("The round of this provider and period is in another commune.")]}
            )
        return round
    made = Round(
        code=new_code(),
        provider=checked.provider,
        commune=checked.commune,
        programme=checked.programme,
        year=year,
        half=half,
        planned_by=by,
    )
    made.full_clean()
    made.save()
    RoundStage.objects.bulk_create(RoundStage(round=made, name=stage) for stage in Stage)
    trail.record(
        by=by,
        verb="round.imported",
        subject=made,
        place_code=made.commune_id,
        after={"provider": made.provider.code, "period": made.period},
        job="import",
    )
    return made


def _meeting(round: Round, reported: PastScore) -> RoundMeeting | None:
    """Return the imported meeting of this kind, made where there is none.

    It is None where another meeting counts.
    """
    assert reported.held_on is not None
    attendance = {name: getattr(reported, name) or 0 for name in COUNTS}
    meeting = round.meetings.filter(kind=reported.kind).select_related("meeting").first()
    if (
        meeting is not None
        and meeting.meeting is not None
        and meeting.meeting.voided_at is not None
    ):
        meeting.delete()
        meeting = None
    if meeting is not None:
        same = meeting.held_on == reported.held_on and all(
            getattr(meeting, name) == number for name, number in attendance.items()
        )
        return meeting if same and meeting.content_hash == IMPORTED else None
    row = RoundMeeting(
        round=round,
        kind=reported.kind,
        held_on=reported.held_on,
        voters_cards=0,
        content_hash=IMPORTED,
        **attendance,
    )
    row.full_clean(exclude=["round", "meeting"])
    row.save()
    stage = _STAGES[Meeting.Kind(reported.kind)]
    if round.stages.filter(name=stage, done_on=None).exists():
        finish_stage(by=None, round=round, name=stage, on=reported.held_on, job="import")
    return row


def _criterion(round: Round, reported: PastScore) -> Criterion:
    """Return the criterion of a row in its round, made where it is new. Raises ValidationError."""
    words = hashlib.sha256(fold(reported.criterion).encode()).hexdigest()[:16]
    key = reported.indicator or f"own-{words}"
    criteria = list(round.criteria.all())
    for row in criteria:
        if row.key == key or (reported.criterion and fold(row.text) == fold(reported.criterion)):
            return row
    if len(criteria) >= MOST_CRITERIA:
        raise ValidationError(
            {"criterion": [_("A criterion is there twice, or there are too many.")]}
        )
    row = Criterion(
        round=round,
        key=key,
        indicator_code=reported.indicator,
        text=reported.criterion,
        position=len(criteria),
    )
    row.full_clean(exclude=["round"])
    row.save()
    return row


def _counts(meeting: RoundMeeting, criterion: Criterion) -> list[int]:
    """Count the stored votes of each score for a criterion in this meeting."""
    if criterion.indicator_code:
        votes = Vote.objects.filter(
            meeting=meeting.meeting_id,
            indicator_code=criterion.indicator_code,
            voided_at=None,
        )
        votes_of: dict[int, int] = Counter(votes.values_list("score", flat=True))
    else:
        votes_of = dict(meeting.tallies.filter(criterion=criterion).values_list("score", "votes"))
    return [votes_of.get(score, 0) for score in SCORES]


def _notes(meeting: RoundMeeting, criterion: Criterion) -> list[tuple[str, str]]:
    return sorted(meeting.notes.filter(criterion=criterion).values_list("aspect", "text"))


def _keep(
    by: User | None, round: Round, row: RoundMeeting, criterion: Criterion, reported: PastScore
) -> None:
    """Record the votes and notes of one criterion."""
    if criterion.indicator_code:
        _record_votes(by, round, row, reported)
    else:
        VillageTally.objects.bulk_create(
            VillageTally(meeting=row, criterion=criterion, score=score, votes=votes)
            for score, votes in zip(SCORES, reported.counts, strict=True)
            if votes
        )
    MeetingNote.objects.bulk_create(
        MeetingNote(meeting=row, criterion=criterion, aspect=aspect, text=text)
        for aspect, text in reported.notes
    )


def _record_votes(by: User | None, round: Round, row: RoundMeeting, reported: PastScore) -> None:
    votes = [
        ReportedVote(vote_id=f"round-{uuid.uuid4()}", indicator=reported.indicator, score=score)
        for score, number in zip(SCORES, reported.counts, strict=True)
        for _n in range(number)
    ]
    random.SystemRandom().shuffle(votes)
    facts: dict[str, Any] = {"by": by, "job": "import"}
    if row.meeting is not None:
        observations.record_votes(meeting=row.meeting, votes=votes, **facts)
        return
    recorded = observations.record_meeting(
        reported=ReportedMeeting(
            meeting_id=f"round-{row.uuid}",
            commune=round.commune_id,
            provider=round.provider.code,
            provider_kind=round.provider.kind,
            kind=reported.kind,
            held_on=reported.held_on,
            channel=Channel.IMPORT,
            programme=round.programme.code if round.programme else "",
            votes=votes,
        ),
        **facts,
    )
    row.meeting = recorded.observation
    row.save(update_fields=["meeting"])
