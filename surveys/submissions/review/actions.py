"""Review: states, comments, deletions, and the decision about records in quarantine."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from surveys.models import (
    CollectionRules,
    Quarantine,
    ReviewState,
    Submission,
    SubmissionComment,
)
from surveys.submissions.intake.envelope import open_envelope
from surveys.submissions.intake.files import Kept
from surveys.submissions.intake.receive import Receipt, Sender, receive
from surveys.submissions.notify import wakeups
from surveys.submissions.processing.derive import observe_again
from surveys.submissions.review.edited_records import reworded

SETTABLE = frozenset(
    {
        ReviewState.RECEIVED,
        ReviewState.HAS_ISSUES,
        ReviewState.RETURNED,
        ReviewState.APPROVED,
        ReviewState.REJECTED,
        ReviewState.EDITED,
    }
)


@transaction.atomic
def set_state(*, submission: Submission, state: str, by: User, comment: str = "") -> Submission:
    """Set the state of a record. A returned one needs a comment: it travels to the tablet.

    Raises ValidationError. The observations follow in a task.
    """
    if state not in SETTABLE:
        raise ValidationError({"state": [_("There is no such state.")]})
    if state == ReviewState.RETURNED and not comment.strip():
        raise ValidationError({"comment": [_("Say what is to be corrected.")]})
    submission = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("form__programme")
        .get(pk=submission.pk)
    )
    before = submission.state
    if comment.strip():
        SubmissionComment.objects.create(submission=submission, body=comment.strip(), by=by)
    if before == state:
        return submission
    submission.state, submission.updated_at = state, timezone.now()
    submission.save(update_fields=["state", "updated_at"])
    trail.record(
        by=by,
        verb="submission.reviewed",
        subject=submission,
        place_code=submission.commune_code,
        before={"state": before},
        after={"state": state},
        reason=comment,
    )
    wakeups.tell_webhooks("submission.reviewed", submission)
    observe_again(submission)
    return submission


@transaction.atomic
def add_comment(*, submission: Submission, body: str, by: User) -> SubmissionComment:
    """Add a comment to a record. Raises ValidationError for an empty one."""
    if not body.strip():
        raise ValidationError({"body": [_("The comment is empty.")]})
    comment = SubmissionComment.objects.create(submission=submission, body=body.strip(), by=by)
    trail.record(
        by=by,
        verb="submission.commented",
        subject=submission,
        place_code=submission.commune_code,
        after={"comment": comment.pk},
    )
    return comment


@transaction.atomic
def delete(*, submission: Submission, by: User, reason: str) -> None:
    """Delete a record, with a reason: it no longer counts and cannot be resent; bytes are kept."""
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    submission = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("form__programme")
        .get(pk=submission.pk)
    )
    if submission.deleted_at is not None:
        return
    submission.deleted_at = timezone.now()
    submission.save(update_fields=["deleted_at"])
    trail.record(
        by=by,
        verb="submission.deleted",
        subject=submission,
        place_code=submission.commune_code,
        reason=reason,
    )
    wakeups.tell_webhooks("submission.deleted", submission)
    observe_again(submission)


def take_quarantined(*, held: Quarantine, by: User) -> Receipt:
    """Accept a payload in quarantine: as an edit of the record it conflicts with, or as it came.

    Raises RefusedError when it still cannot be accepted, ValidationError when it was settled.
    """
    with transaction.atomic():
        held = Quarantine.objects.select_for_update(of=("self",)).get(pk=held.pk)
        if held.settled_at is not None:
            raise ValidationError(_("This was settled before."))
        xml = bytes(held.xml)
        if held.submission_id is not None:
            submission = Submission.objects.select_related("current").get(pk=held.submission_id)
            current = submission.current
            now = current.instance_id if current else submission.instance_id
            xml = reworded(xml, replaces=now)
        else:
            open_envelope(xml)
        sender = Sender(programme_id=held.programme_id, app_user_id=held.app_user_id, user_id=by.pk)
        receipt = receive(sender=sender, xml=xml, files=_files(held))
        _settle(held, by, "taken")
    return receipt


@transaction.atomic
def dismiss_quarantined(*, held: Quarantine, by: User) -> None:
    """Dismiss a payload in quarantine; it stays readable."""
    _settle(held, by, "dismissed")


def _files(held: Quarantine) -> Sequence[Kept]:
    return [
        Kept(
            name=f["name"],
            sha256=f["sha256"],
            md5=f.get("md5", ""),
            size=f["size"],
            content_type=f.get("type", "application/octet-stream"),
            looks_like=f.get("looks_like", ""),
        )
        for f in held.files
    ]


def _settle(held: Quarantine, by: User, how: str) -> None:
    held.settled_at, held.settled_by, held.settlement = timezone.now(), by, how
    held.save(update_fields=["settled_at", "settled_by", "settlement"])
    trail.record(by=by, verb=f"quarantine.{how}", subject=held)


@transaction.atomic
def set_rules(*, rules: CollectionRules, by: User) -> CollectionRules:
    """Change a programme's rules of collection.

    Counting only approved records is applied to every record. Raises ValidationError.
    """
    before = CollectionRules.objects.filter(programme=rules.programme).first()
    rules.full_clean(exclude=["programme"])
    rules.save()
    names = ("count_only_approved", "from_hour", "to_hour", "far_km", "callback_percent")
    was = before or CollectionRules(programme=rules.programme)
    trail.record(
        by=by,
        verb="collection.rules_set",
        subject=rules,
        before={n: getattr(was, n) for n in names},
        after={n: getattr(rules, n) for n in names},
    )
    if was.count_only_approved != rules.count_only_approved:
        Submission.objects.filter(form__programme=rules.programme).update(observed_at=None)
        wakeups.observe_soon()
    return rules
