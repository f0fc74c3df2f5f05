"""Record a meeting and its votes, and void either."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail as audit_trail
from surveys.models import ImportBatch, Meeting, Vote
from surveys.reference_data import Register
from surveys.reported import ReportedMeeting, ReportedVote
from surveys.services.outbox import tell_scorecards
from surveys.services.record_and_void import demand_reason, insert_once, settle, take_out
from surveys.services.results import Outcome, Recorded, RowResult
from surveys.services.write_permission import Mandate
from surveys.validation import Problems, meeting_facts, vote_facts

VoteRow = tuple[ReportedMeeting, ReportedVote]
"""One line of a spreadsheet of votes: the vote and the meeting it was given in."""

_RESOLVED = {"meeting_id", "commune", "provider", "programme", "facilitator", "recorded_by"}


def record_meeting(
    *,
    by: User | None,
    reported: ReportedMeeting,
    job: str = "",
    register: Register | None = None,
    today: date | None = None,
) -> Recorded[Meeting]:
    """Record a meeting and the votes sent with it, all or nothing.

    The same meeting sent again adds only votes that are not yet there; with other content it
    is a conflict and nothing changes. Raises ValidationError and PermissionDenied.
    """
    mandate = Mandate(by, "cases.record")
    mandate.demand()
    register = register or Register()
    facts, problems = meeting_facts(reported, register, today=today or timezone.localdate())
    settle(mandate, facts, problems)
    with transaction.atomic():
        recorded = _insert(facts, by, job)
        if reported.votes and recorded.outcome != Outcome.CONFLICT:
            outcomes = record_votes(
                by=by,
                meeting=recorded.observation,
                votes=reported.votes,
                job=job,
                register=register,
            )
            if recorded.outcome == Outcome.UNCHANGED and Outcome.ADDED in outcomes:
                return Recorded(recorded.observation, Outcome.ADDED)
        return recorded


def _insert(facts: dict[str, Any], by: User | None, job: str) -> Recorded[Meeting]:
    meeting = Meeting(**facts, recorded_by=by)
    twins = Meeting.objects.filter(meeting_id=meeting.meeting_id)
    return insert_once(meeting, twins, facts, resolved=_RESOLVED, by=by, job=job)


def _refuse_wrong(problems_of_votes: Sequence[Problems]) -> None:
    """Raise ValidationError with the number of the vote before each sentence, if there is one."""
    wrong = [
        f"{number}. {sentence}"
        for number, problems in enumerate(problems_of_votes, start=1)
        for sentence in problems.sentences()
    ]
    if wrong:
        raise ValidationError({"votes": wrong})


def record_votes(
    *,
    by: User | None,
    meeting: Meeting,
    votes: Sequence[ReportedVote],
    job: str = "",
    register: Register | None = None,
) -> list[Outcome]:
    """Add votes to a meeting, all or nothing; return the result for each, in order.

    A vote sent again is unchanged; under a known ``vote_id`` with another content it is a conflict
    and changes nothing. Raises ValidationError (field ``votes``, the number of the vote first) and
    PermissionDenied.
    """
    Mandate(by, "cases.record").demand(meeting.commune_id, meeting.programme_id)
    register = register or Register()
    kind = meeting.provider.kind
    checked = [vote_facts(vote, register, provider_kind=kind) for vote in votes]
    _refuse_wrong([problems for _facts, problems in checked])
    with transaction.atomic():
        if Meeting.objects.select_for_update().get(pk=meeting.pk).voided_at is not None:
            raise ValidationError(_("This meeting was voided; it takes no votes."))
        outcomes = _insert_votes(meeting, [facts for facts, _problems in checked])
        added = outcomes.count(Outcome.ADDED)
        if added:
            audit_trail.record(
                by=by,
                verb="votes.recorded",
                subject=meeting,
                place_code=meeting.commune_id,
                after={"votes": added},
                job=job,
            )
            tell_scorecards("vote", [(meeting.commune_id, meeting.held_on)])
    return outcomes


def _insert_votes(meeting: Meeting, facts: list[dict[str, Any]]) -> list[Outcome]:
    """Insert what is new.

    The lock on the meeting keeps identical votes of one meeting apart; one of another meeting is
    stopped by the constraint and reported as a conflict.
    """
    names = [f["vote_id"] for f in facts]
    standing = {v.vote_id: v for v in Vote.objects.filter(vote_id__in=names)}
    outcomes, fresh = [], []
    for fact in facts:
        vote = Vote(meeting=meeting, **fact)
        earlier = standing.get(vote.vote_id)
        if earlier is None:
            standing[vote.vote_id] = vote
            fresh.append(vote)
            outcomes.append(Outcome.ADDED)
        else:
            same = earlier.meeting_id == meeting.pk and all(
                getattr(earlier, name) == value for name, value in fact.items()
            )
            outcomes.append(Outcome.UNCHANGED if same else Outcome.CONFLICT)
    try:
        with transaction.atomic():
            Vote.objects.bulk_create(fresh, batch_size=2000)
    except IntegrityError as error:
        problems = Problems()
        problems.say("votes", _("Some of these votes are being recorded elsewhere just now."))
        raise ValidationError(dict(problems)) from error
    return outcomes


def check_vote_rows(
    reported: Sequence[VoteRow],
    register: Register,
    mandate: Mandate,
    batch: ImportBatch,
    today: date,
) -> tuple[list[tuple[int, dict[str, Any]]], list[RowResult]]:
    """Check a chunk of votes for a batch and make the meetings they name.

    Returns the columns of the good ones by their number, and a result for each. Must run in a
    transaction.
    """
    results: list[RowResult] = []
    good: list[tuple[int, dict[str, Any]]] = []
    meetings: dict[str, tuple[ReportedMeeting, Meeting | None, Problems]] = {}
    for number, (reported_meeting, reported_vote) in enumerate(reported):
        name = reported_meeting.meeting_id
        if name not in meetings or meetings[name][0] != reported_meeting:
            reported_meeting.votes = [reported_vote]
            made = _meeting_of_batch(reported_meeting, register, mandate, batch, today)
            reported_meeting.votes = []
            meetings[name] = (reported_meeting, *made)
        _told, meeting, problems = meetings[name]
        problems = Problems({field: list(answer) for field, answer in problems.items()})
        kind = meeting.provider.kind if meeting else ""
        facts, wrong = vote_facts(reported_vote, register, provider_kind=kind)
        for field, text in wrong.items():
            problems.setdefault(field, []).extend(text)
        if meeting is None or problems:
            results.append(RowResult(Outcome.REJECTED, problems))
            continue
        results.append(RowResult(Outcome.ADDED))
        good.append((number, {**facts, "meeting_id": meeting.pk}))
    return good, results


def _meeting_of_batch(
    reported: ReportedMeeting, register: Register, mandate: Mandate, batch: ImportBatch, today: date
) -> tuple[Meeting | None, Problems]:
    facts, problems = meeting_facts(reported, register, today=today)
    if facts["commune_id"] and not mandate.covers(facts["commune_id"], facts["programme_id"]):
        problems.say(
            "commune",
            _("You may not record for commune %(code)s.") % {"code": facts["commune_id"]},
        )
    if problems:
        return None, problems
    if facts["programme_id"] is None:
        facts["programme_id"] = mandate.programme_at(facts["commune_id"])
    recorded = _insert(facts, batch.by, "" if batch.by else "import")
    if recorded.outcome == Outcome.CONFLICT:
        problems.say(
            "meeting_id",
            _("Already recorded with another content. Nothing was changed; correct it there."),
        )
        return None, problems
    return recorded.observation, problems


def void_meeting(*, meeting: Meeting, by: User | None, reason: str, job: str = "") -> Meeting:
    """Void a meeting and all its votes: they are left out of every score.

    A reason is needed; voiding twice changes nothing.
    """
    demand_reason(reason)
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
        day = meeting.held_on
        take_out(meeting, of=meeting, kind="vote", day=day, by=by, reason=reason, job=job)
    return meeting


def void_vote(*, vote: Vote, by: User | None, reason: str, job: str = "") -> Vote:
    """Void one mistaken vote: it is left out of every score.

    A reason is needed; voiding twice changes nothing.
    """
    demand_reason(reason)
    with transaction.atomic():
        locked = Vote.objects.select_for_update(of=("self",)).select_related("meeting")
        vote = locked.get(pk=vote.pk)
        day = vote.meeting.held_on
        take_out(vote, of=vote.meeting, kind="vote", day=day, by=by, reason=reason, job=job)
    return vote
