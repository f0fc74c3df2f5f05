"""Open a sent meeting again, with a reason and a second person."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import check
from accounts.models import User
from audit import trail
from surveys import services as observations
from surveys.rounds.models import MeetingCorrection, Round, RoundMeeting


def standing_meeting(round: Round, kind: str) -> RoundMeeting | None:
    """Return the meeting of this kind that counts.

    It is None where none was sent, or where the meeting was opened again.
    """
    rows = round.meetings.filter(kind=kind).exclude(meeting__voided_at__isnull=False)
    return rows.first()


@transaction.atomic
def ask_correction(*, by: User, round: Round, kind: str, reason: str) -> MeetingCorrection:
    """Ask for a sent meeting to be opened. Raises PermissionDenied, ValidationError."""
    check(by, "rounds.record", place=round.commune_id, programme=round.programme_id)
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if standing_meeting(round, kind) is None:
        raise ValidationError(_("No meeting of this kind was sent."))
    row = MeetingCorrection(round=round, kind=kind, reason=reason.strip()[:500], asked_by=by)
    row.full_clean()
    row.save()
    _note(by, row, "round.correction_asked", {"reason": row.reason})
    return row


@transaction.atomic
def decide_correction(*, by: User, correction: MeetingCorrection, opened: bool) -> bool:
    """Open the meeting again, or leave it as it is; False where somebody decided already.

    An opened meeting is voided: its votes count no more, and the tablet can send it again.
    Raises PermissionDenied, and ValidationError where ``by`` asked for it.
    """
    rows = MeetingCorrection.objects.select_for_update(of=("self",)).select_related("round")
    row = rows.get(pk=correction.pk)
    round = row.round
    check(by, "rounds.plan", place=round.commune_id, programme=round.programme_id)
    if row.decided_at is not None:
        return False
    row.decided_at, row.decided_by, row.opened = timezone.now(), by, opened
    row.full_clean()
    row.save()
    meeting = standing_meeting(round, row.kind)
    if opened and meeting is not None and meeting.meeting is not None:
        observations.void_meeting(meeting=meeting.meeting, by=by, reason=row.reason)
    verb = "round.correction_opened" if opened else "round.correction_refused"
    _note(by, row, verb, {"kind": row.kind})
    return True


def _note(by: User, row: MeetingCorrection, verb: str, after: dict[str, str]) -> None:
    trail.record(
        by=by,
        verb=verb,
        subject=row.round,
        place_code=row.round.commune_id,
        after=after,
        reason=row.reason,
    )
