"""Report how far an action has come, and move its promised day."""

from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import check
from accounts.models import User
from audit import trail
from parsing.errors import UnreadableValue
from scorecards.plans.models import Action, EventKind, State
from scorecards.plans.services.days import check_period
from scorecards.plans.services.events import CITIZENS, note

REPORTED: Final = (
    State.OPEN,
    State.IN_PROGRESS,
    State.HALF_DONE,
    State.SAID_DONE,
    State.BLOCKED,
)
"""States an owner reports; confirming and dropping are decided by others."""


def locked(action: Action) -> Action:
    """Return the action as it is now, locked until the transaction ends."""
    rows = Action.objects.select_for_update(of=("self",)).select_related("plan")
    return rows.get(pk=action.pk)


def demand(permission: str, action: Action, by: User) -> None:
    """Raise PermissionDenied unless ``by`` holds the permission where the action belongs."""
    check(by, permission, place=action.commune_id, programme=action.plan.programme_id)


def demand_agreed(action: Action) -> None:
    """Raise ValidationError for an action of a plan that is not agreed yet."""
    if action.first_due_on is None:
        raise ValidationError(_("The plan is not agreed yet."))


@transaction.atomic
def report_state(*, by: User, action: Action, state: str, reason: str = "") -> Action:
    """Record how far an action has come; the same state again changes nothing.

    ``reason`` says who or what blocks it, and why a report of "done" is taken back.
    Raises PermissionDenied, ValidationError.
    """
    action = locked(action)
    demand("plans.report", action, by)
    demand_agreed(action)
    if state not in REPORTED:
        raise ValidationError(_("Choose how far it has come."))
    if state == action.state:
        return action
    if action.state in (State.CONFIRMED, State.DROPPED):
        raise ValidationError(_("This action is closed. Reopen it first, with a reason."))
    reason = reason.strip()
    if action.state == State.SAID_DONE and not reason:
        raise ValidationError({"reason": _("Say why it is not done after all.")})
    if state == State.BLOCKED and not reason:
        raise ValidationError({"reason": _("Say who or what blocks it.")})
    before = action.state
    today = timezone.localdate()
    action.blocked_by = reason[:200] if state == State.BLOCKED else ""
    if state == State.SAID_DONE:
        action.claim += 1
        action.said_done_on, action.said_done_by = today, by
        action.printed_people = action.printed_done = action.counted_people = 0
    store_state(action, state, by=by, before=before, reason=reason)
    return action


def store_state(
    action: Action,
    state: str,
    *,
    by: User | None,
    before: str,
    reason: str = "",
    kind: str = "",
    job: str = "",
) -> None:
    """Save a new state with its history and, where a person is responsible, an audit row.

    What citizens' answers did has no audit row: its exact time would stand beside those of calls.
    The history, which nobody can change, is the record of it.
    """
    action.state, action.state_on = state, timezone.localdate()
    action.full_clean()
    action.save()
    note(
        action,
        by=by,
        kind=kind or EventKind.STATE,
        before=before,
        after=state,
        reason=reason,
        job=job,
    )
    if job == CITIZENS:
        return
    trail.record(
        by=by,
        verb=f"plan.action_{state}",
        subject=action,
        place_code=action.commune_id,
        before={"state": before},
        after={"state": state},
        reason=reason,
        job=job,
    )


@transaction.atomic
def drop_action(*, by: User, action: Action, reason: str) -> Action:
    """Drop an action because both sides agreed to; it stays visible with the reason."""
    action = locked(action)
    demand("plans.write", action, by)
    demand_agreed(action)
    if action.state == State.DROPPED:
        return action
    if not reason.strip():
        raise ValidationError({"reason": _("Say why both sides dropped it.")})
    before = action.state
    action.drop_reason, action.confirmed_on, action.confirmed_by = reason[:300], None, None
    store_state(action, State.DROPPED, by=by, before=before, reason=reason)
    return action


@transaction.atomic
def reopen_action(*, by: User, action: Action, reason: str) -> Action:
    """Open a closed action again, with a reason."""
    action = locked(action)
    demand("plans.write", action, by)
    if action.state not in (State.CONFIRMED, State.DROPPED):
        raise ValidationError(_("Only a closed action can be reopened."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is open again.")})
    before = action.state
    action.drop_reason, action.confirmed_on, action.confirmed_by = "", None, None
    store_state(action, State.IN_PROGRESS, by=by, before=before, reason=reason)
    return action


@transaction.atomic
def move_due(*, by: User, action: Action, due_on: date, reason: str) -> Action:
    """Move the promised day, with a reason; the first promised day stays, and the move counts."""
    action = locked(action)
    demand("plans.report", action, by)
    demand_agreed(action)
    if action.state in (State.CONFIRMED, State.DROPPED):
        raise ValidationError(_("This action is closed. Reopen it first, with a reason."))
    if due_on == action.due_on:
        return action
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the promised day moves.")})
    try:
        check_period(action.starts_on, due_on)
    except UnreadableValue as error:
        raise ValidationError({"due_on": [str(error)]}) from error
    before = action.due_on
    action.due_on, action.moves = due_on, action.moves + 1
    action.full_clean()
    action.save()
    note(
        action,
        by=by,
        kind=EventKind.MOVED,
        due_before=before,
        due_after=due_on,
        reason=reason,
    )
    trail.record(
        by=by,
        verb="plan.action_moved",
        subject=action,
        place_code=action.commune_id,
        before={"due_on": before.isoformat()},
        after={"due_on": due_on.isoformat()},
        reason=reason,
    )
    return action


@transaction.atomic
def set_review(*, by: User, action: Action, on: date) -> Action:
    """Set the day of the next review, as the quarterly meeting decided."""
    action = locked(action)
    demand("plans.confirm", action, by)
    demand_agreed(action)
    if on == action.next_review_on:
        return action
    if on < timezone.localdate():
        raise ValidationError({"on": _("The next review lies in the future.")})
    before = action.next_review_on
    action.next_review_on = on
    action.save(update_fields=["next_review_on"])
    note(action, by=by, kind=EventKind.REVIEW, due_before=before, due_after=on)
    trail.record(
        by=by,
        verb="plan.review_set",
        subject=action,
        place_code=action.commune_id,
        after={"next_review_on": on.isoformat()},
    )
    return action
