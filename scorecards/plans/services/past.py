"""Record plans that were agreed before the platform was used, with how far each action came."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from places.models import Place
from scorecards.plans.models import Action, EventKind, Plan, State
from scorecards.plans.services.drafting import add_action, draft_plan, may_write
from scorecards.plans.services.events import note
from surveys.services.write_permission import Mandate


def past_plan(*, by: User, commune: Place, starts_on: date, ends_on: date, agreed_on: date) -> Plan:
    """Return the agreed joint plan of a commune for a period; recorded where it is not known.

    Raises PermissionDenied, ValidationError where there is another plan.
    """
    plans = Plan.objects.filter(commune=commune, provider=None, starts_on=starts_on)
    plan = plans.select_related("commune").order_by("pk").first()
    if plan is None:
        plan = draft_plan(
            by=by,
            commune=commune,
            starts_on=starts_on,
            ends_on=ends_on,
            programme_id=Mandate(by, "plans.write").programme_at(commune.code),
        )
        if agreed_on > timezone.localdate():
            raise ValidationError({"agreed_on": _("The day of signing cannot be in the future.")})
        # the signers are not in the spreadsheet, and are not invented
        plan.agreed_on = agreed_on
        plan.community_side = plan.provider_side = _("as imported")
        plan.full_clean()
        plan.save()
        trail.record(
            by=by,
            verb="plan.imported",
            subject=plan,
            place_code=plan.commune_id,
            after={"agreed_on": agreed_on.isoformat()},
        )
        return plan
    may_write(plan, by)
    if (plan.ends_on, plan.agreed_on) != (ends_on, agreed_on):
        raise ValidationError(
            _("Another plan of this commune begins on the same day, with another end or signing.")
        )
    return plan


@transaction.atomic
def record_past_action(
    *,
    by: User,
    plan: Plan,
    state: str,
    done_on: date | None,
    first_due_on: date | None,
    blocked_by: str,
    **facts: Any,
) -> tuple[Action, bool]:
    """Record an action of a past plan; (action, False) where it was recorded before."""
    row = plan.actions.filter(activity=facts["activity"], due_on=facts["due_on"]).first()
    if row is not None:
        if row.state == (state or State.OPEN):
            return row, False
        raise ValidationError(
            _("This action stands in the plan with another state. Change it there.")
        )
    if first_due_on and first_due_on != facts["due_on"]:
        later = facts["due_on"]
        action = add_action(by=by, plan=plan, **(facts | {"due_on": first_due_on}))
        action.due_on, action.moves = later, 1
        note(
            action,
            by=by,
            kind=EventKind.MOVED,
            due_before=first_due_on,
            due_after=later,
            reason=_("as imported"),
        )
    else:
        action = add_action(by=by, plan=plan, **facts)
    _bring_to(action, state or State.OPEN, done_on, blocked_by, by)
    return action, True


def _bring_to(action: Action, state: str, done_on: date | None, blocked_by: str, by: User) -> None:
    """Set how far an imported action came; nobody here reported or confirmed it."""
    today = timezone.localdate()
    if done_on is not None and done_on > today:
        raise ValidationError({"done_on": _("A day of doing cannot be in the future.")})
    if state in (State.SAID_DONE, State.CONFIRMED):
        if done_on is None:
            raise ValidationError({"done_on": _("Say on which day it was done.")})
        action.claim, action.said_done_on = 1, done_on
    if state == State.CONFIRMED:
        action.confirmed_on = done_on
    if state == State.BLOCKED:
        action.blocked_by = blocked_by
    if state == State.DROPPED:
        action.drop_reason = blocked_by
    before, action.state, action.state_on = action.state, state, done_on or today
    action.full_clean()
    action.save()
    if state != before:
        note(
            action,
            by=by,
            kind=EventKind.STATE,
            before=before,
            after=state,
            reason=_("as imported"),
        )
