"""Receive a meeting from a tablet or a page: votes are separated from the people who voted.

A meeting arrives as counts, without ballots (``docs/decisions/0036-votes-of-meetings.md``). Votes
on core criteria become ``surveys.Vote`` rows, in random order and under random names, so that the
scores are computed from them as from any other vote. A vote carries a group (women, youth, ...)
only where at least ``SMALLEST`` voters are in it and as many outside, and where neither side was
unanimous; each group is assigned to the votes of one score on its own, so that no row holds a
profile.
"""

import base64
import binascii
import hashlib
import random
import uuid
from collections.abc import Sequence
from typing import Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from parsing.days import observed
from standards.models import Indicator, IndicatorKind
from surveys import services as observations
from surveys.models import Meeting
from surveys.rounds.models import (
    Criterion,
    Handover,
    MeetingNote,
    PhoneTally,
    Round,
    RoundMeeting,
    Stage,
    VillageTally,
)
from surveys.rounds.models.attendance import COUNTS
from surveys.rounds.services.meeting_content import ReportedCriterion, ReportedRoundMeeting
from surveys.rounds.services.plan import finish_stage
from surveys.rounds.services.sessions import check_attendance
from surveys.services import Outcome, ReportedMeeting, ReportedVote
from surveys.validation import Problems

SMALLEST: Final = 5
"""The fewest voters in a group, and outside it, whose scores are shown by group (method.md 6)."""

FEWEST_KEPT, MOST_KEPT = 5, 6
MOST_CRITERIA = 30
MOST_NOTES = 20
LONGEST_NOTE = 1000
LARGEST_VOICE = 400_000
GROUPS: Final = ("women", "men", "youth", "poor_card", "disability", "minority")

_deal = random.SystemRandom()


def receive_meeting(
    *, by: User | None, round: Round, reported: ReportedRoundMeeting, content: bytes, job: str = ""
) -> tuple[RoundMeeting, Outcome]:
    """Store a finished meeting of a round once; the same content again is UNCHANGED.

    ``content`` is what arrived, of which only a hash is stored. Raises ValidationError.
    """
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
        earlier = RoundMeeting.objects.filter(round=round, kind=reported.kind).first()
        if earlier is not None and not _was_voided(earlier):
            same = earlier.content_hash == digest
            return earlier, Outcome.UNCHANGED if same else Outcome.CONFLICT
        phones = _close_phones(round, reported.kind)
        problems = check_meeting(round, reported, phones)
        if problems:
            raise ValidationError(dict(problems))
        if earlier is not None:
            earlier.delete()
        return _keep(by, round, reported, digest=digest, phones=phones, job=job), Outcome.ADDED


def _was_voided(row: RoundMeeting) -> bool:
    return row.meeting is not None and row.meeting.voided_at is not None


def _close_phones(round: Round, kind: str) -> dict[str, list[int]]:
    """Close voting on phones and read its counts by key; only a community votes on phones.

    Where the meeting is refused the transaction is rolled back, and phones can vote on.
    """
    if kind != Meeting.Kind.COMMUNITY:
        return {}
    tally = PhoneTally.objects.select_for_update().filter(round=round).first()
    if tally is None:
        return {}
    tally.closed = True
    tally.save(update_fields=["closed"])
    return {key: tally.counts[5 * place : 5 * place + 5] for place, key in enumerate(tally.keys)}


def check_meeting(
    round: Round, reported: ReportedRoundMeeting, phones: dict[str, list[int]]
) -> Problems:
    """Collect everything that is wrong with a meeting or still missing in it."""
    problems = Problems()
    try:
        uuid.UUID(reported.id)
    except ValueError:
        problems.say("id", _("The meeting has no number of its own."))
    if round.cancelled_at is not None:
        problems.say("round", _("This round was cancelled."))
    if reported.kind not in Meeting.Kind.values:
        problems.say("kind", _("Choose a kind of meeting."))
    days = observed(timezone.localdate())
    if not reported.days:
        problems.say("days", _("Say on which day it was."))
    elif not all(days.first <= day <= days.last for day in reported.days):
        problems.say("days", _("A day of the meeting lies in the future or too long ago."))
    check_attendance(reported, problems)
    kept = [one for one in reported.criteria if one.kept]
    if reported.kind == Meeting.Kind.COMMUNITY and not FEWEST_KEPT <= len(kept) <= MOST_KEPT:
        problems.say("criteria", _("Keep five or six criteria."))
    elif not kept:
        problems.say("criteria", _("Keep at least one criterion."))
    if len(reported.criteria) > MOST_CRITERIA or len({c.key for c in reported.criteria}) < len(
        reported.criteria
    ):
        problems.say("criteria", _("A criterion is there twice, or there are too many."))
    _check_criteria(round, reported, phones, problems)
    return problems


def _check_criteria(
    round: Round,
    reported: ReportedRoundMeeting,
    phones: dict[str, list[int]],
    problems: Problems,
) -> None:
    """Check the criteria; one that the round has already (such as by voice) needs no words."""
    core = core_codes(round.provider.kind)
    existing = set(round.criteria.values_list("key", flat=True))
    for one in reported.criteria:
        if not (one.code or one.text.strip() or one.voice or one.key in existing):
            problems.say("criteria", _("A criterion has neither words nor a recording."))
        _check_criterion(one, reported, core, phones.get(one.key, [0] * 5), problems)


def core_codes(kind: str) -> list[str]:
    """Return the codes of the fixed criteria of a kind of provider, in their order."""
    indicators = Indicator.objects.filter(
        kind=IndicatorKind.PERCEPTION, provider_kinds__contains=[kind]
    )
    return list(indicators.values_list("code", flat=True))


def _check_criterion(
    one: ReportedCriterion,
    reported: ReportedRoundMeeting,
    core: Sequence[str],
    phone: Sequence[int],
    problems: Problems,
) -> None:
    name = one.code or one.text[:60] or one.key
    if not 1 <= len(one.key) <= 20 or not one.key.isascii() or not one.key.isprintable():
        problems.say("criteria", _("A criterion has no number of its own."))
    if one.code and (one.code not in core or one.key != one.code):
        problems.say("criteria", _("“%s” is no criterion of this kind of provider.") % name)
    if len(one.text) > 300 or len(one.voice) > LARGEST_VOICE:
        problems.say("criteria", _("“%s” is too long.") % name)
    _check_counts(one, reported, phone, name, problems)
    for notes in (one.strengths, one.problems, one.suggestions):
        if len(notes) > MOST_NOTES or any(len(note) > LONGEST_NOTE for note in notes):
            problems.say("criteria", _("“%s” has too many or too long notes.") % name)


def _check_counts(
    one: ReportedCriterion,
    reported: ReportedRoundMeeting,
    phone: Sequence[int],
    name: str,
    problems: Problems,
) -> None:
    counts = [one.tablet, one.cards, *one.groups.values()]
    if any(len(c) != 5 or any(not 0 <= n <= 5000 for n in c) for c in counts):
        problems.say("criteria", _("The counts of “%s” cannot be read.") % name)
        return
    if any(
        inside > total
        for group in one.groups.values()
        for inside, total in zip(group, one.tablet, strict=True)
    ) or set(one.groups) - set(GROUPS):
        problems.say("criteria", _("A group of “%s” has more votes than there are.") % name)
    votes = sum(one.tablet) + sum(one.cards) + sum(phone)
    if one.kept and not votes:
        problems.say("criteria", _("Nobody has voted on “%s” yet.") % name)
    if votes > (reported.people or 0):
        problems.say("criteria", _("“%s” has more votes than people who came.") % name)


def _shuffled_votes(
    reported: ReportedRoundMeeting, phones: dict[str, list[int]]
) -> list[ReportedVote]:
    """Return the votes for the kept core criteria in random order.

    Neither the rows nor their numbers keep the order of people, criteria or ways to vote.
    """
    votes = [
        vote
        for one in reported.criteria
        if one.kept and one.code
        for vote in votes_of(one, phones.get(one.key))
    ]
    _deal.shuffle(votes)
    return votes


def _keep(
    by: User | None,
    round: Round,
    reported: ReportedRoundMeeting,
    *,
    digest: str,
    phones: dict[str, list[int]],
    job: str,
) -> RoundMeeting:
    """Store a checked meeting: criteria, votes, tallies, notes, the finished stage, audit."""
    rows = _save_criteria(round, reported)
    votes = _shuffled_votes(reported, phones)
    meeting = _record_votes(by, round, reported, votes, job) if votes else None
    row = RoundMeeting(
        round=round,
        kind=reported.kind,
        uuid=uuid.UUID(reported.id),
        meeting=meeting,
        held_on=max(reported.days),
        days=len(set(reported.days)),
        voters_tablet=reported.voters_tablet,
        voters_cards=reported.voters_cards,
        voters_phones=_phone_voters(round) if phones else 0,
        content_hash=digest,
        **{name: getattr(reported, name) or 0 for name in COUNTS},
    )
    row.full_clean(exclude=["round", "meeting"])
    row.save()
    _save_tallies(row, reported, rows, phones)
    _save_notes(row, reported, rows)
    Handover.objects.filter(round=round, kind=reported.kind).delete()
    stage = Stage.MET if reported.kind == Meeting.Kind.COMMUNITY else Stage.SELF_ASSESSED
    finish_stage(by=None, round=round, name=stage, on=max(reported.days), job=job or "meeting")
    after = {"kind": reported.kind, "people": row.people, "criteria": len(rows)}
    place = round.commune_id
    verb = "round.meeting_received"
    trail.record(by=by, verb=verb, subject=round, place_code=place, after=after, job=job)
    return row


def _phone_voters(round: Round) -> int:
    return PhoneTally.objects.get(round=round).voters


def votes_of(one: ReportedCriterion, phone: Sequence[int] | None = None) -> list[ReportedVote]:
    """Make one vote for each score that was given, with random names and randomly assigned groups.

    No row reveals that two groups belong to one person: within the votes of one score each group is
    assigned on its own. Counts by score and group are kept exactly.
    """
    votes: list[ReportedVote] = []
    fields = {name: one.groups[name] for name in GROUPS if may_tell(one, name)}
    for place in range(5):
        own = [_vote(one.code, place + 1) for _n in range(one.tablet[place])]
        for name, counts in fields.items():
            if name in ("women", "men"):
                continue
            chosen = set(_deal.sample(range(len(own)), counts[place]))
            for number, vote in enumerate(own):
                setattr(vote, name, number in chosen)
        _deal_sexes(own, fields, place)
        votes += own
        others = one.cards[place] + (phone[place] if phone else 0)
        votes += [_vote(one.code, place + 1) for _n in range(others)]
    return votes


def _deal_sexes(own: list[ReportedVote], values: dict[str, list[int]], place: int) -> None:
    """Assign women and men, who exclude each other, to the votes of one score."""
    order = _deal.sample(range(len(own)), len(own))
    women = values["women"][place] if "women" in values else 0
    men = values["men"][place] if "men" in values else 0
    for number in order[:women]:
        own[number].sex = "female"
    for number in order[women : women + men]:
        own[number].sex = "male"


def may_tell(one: ReportedCriterion, group: str) -> bool:
    """Return whether this group's scores may be shown: enough voters, none unanimous."""
    inside = one.groups.get(group)
    if inside is None:
        return False
    outside = [total - part for total, part in zip(one.tablet, inside, strict=True)]
    return all(sum(side) >= SMALLEST and sum(n > 0 for n in side) > 1 for side in (inside, outside))


def _vote(code: str, score: int) -> ReportedVote:
    return ReportedVote(vote_id=f"round-{uuid.uuid4()}", indicator=code, score=score)


def _record_votes(
    by: User | None,
    round: Round,
    reported: ReportedRoundMeeting,
    votes: list[ReportedVote],
    job: str,
) -> Meeting:
    recorded = observations.record_meeting(
        by=by,
        reported=ReportedMeeting(
            meeting_id=f"round-{reported.id}",
            commune=round.commune_id,
            provider=round.provider.code,
            provider_kind=round.provider.kind,
            kind=reported.kind,
            held_on=max(reported.days),
            channel=reported.channel,
            facilitator=reported.facilitator,
            programme=round.programme.code if round.programme else "",
            votes=votes,
        ),
        job=job,
    )
    if recorded.outcome == Outcome.CONFLICT:
        raise ValidationError({"id": [_("A meeting with this number is already recorded.")]})
    return recorded.observation


def _save_criteria(round: Round, reported: ReportedRoundMeeting) -> dict[str, Criterion]:
    """Store the criteria of a meeting; a community's choice also ends criteria it did not keep."""
    by_key = {row.key: row for row in round.criteria.all()}
    rows = {}
    for place, one in enumerate(reported.criteria):
        row = by_key.get(one.key) or Criterion(round=round, key=one.key)
        row.indicator_code, row.text = one.code, one.text.strip() or row.text
        row.position = place
        if reported.kind == Meeting.Kind.COMMUNITY:
            row.kept = one.kept
        if one.voice and not row.voice:
            row.voice.save(f"{uuid.uuid4()}.webm", ContentFile(_voice(one.voice)), save=False)
        row.full_clean(exclude=["round"])
        row.save()
        rows[one.key] = row
    if reported.kind == Meeting.Kind.COMMUNITY:
        round.criteria.exclude(key__in=rows).update(kept=False)
    return rows


def _voice(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValidationError({"criteria": [_("A recording cannot be read.")]}) from error


def _save_tallies(
    row: RoundMeeting,
    reported: ReportedRoundMeeting,
    criteria: dict[str, Criterion],
    phones: dict[str, list[int]],
) -> None:
    VillageTally.objects.bulk_create(
        VillageTally(meeting=row, criterion=criteria[one.key], score=place + 1, votes=n)
        for one in reported.criteria
        if one.kept and not one.code
        for place, n in enumerate(
            a + b + c
            for a, b, c in zip(one.tablet, one.cards, phones.get(one.key, [0] * 5), strict=True)
        )
        if n
    )


def _save_notes(
    row: RoundMeeting, reported: ReportedRoundMeeting, criteria: dict[str, Criterion]
) -> None:
    aspects = MeetingNote.Aspect
    MeetingNote.objects.bulk_create(
        MeetingNote(meeting=row, criterion=criteria[one.key], aspect=aspect, text=text)
        for one in reported.criteria
        for aspect, notes in (
            (aspects.STRENGTH, one.strengths),
            (aspects.PROBLEM, one.problems),
            (aspects.SUGGESTION, one.suggestions),
        )
        for text in dict.fromkeys(note.strip() for note in notes if note.strip())
    )


def keep_handover(*, round: Round, kind: str, ciphertext: bytes) -> None:
    """Store an interrupted meeting, encrypted on the tablet, until another fetches it."""
    if kind not in Meeting.Kind.values:
        raise ValidationError({"kind": [_("Choose a kind of meeting.")]})
    Handover.objects.update_or_create(round=round, kind=kind, defaults={"ciphertext": ciphertext})
