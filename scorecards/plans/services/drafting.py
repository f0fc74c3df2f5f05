"""Draft plans, change them, and record that both sides agreed."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import check
from accounts.models import User
from audit import trail
from parsing.errors import UnreadableValue
from scorecards.plans.models import Action, EventKind, Moderation, Plan, State
from scorecards.plans.services.days import check_period
from scorecards.plans.services.events import note, plain
from standards.book import standards_in_force
from surveys.rounds.models import Round
from surveys.rounds.services.plan import finish_stage

MOST_ACTIONS = 500
"""The most actions of one plan: more mean a file that was read wrongly."""

ACTION_FIELDS = (
    *("number", "part", "provider", "activity", "proposed_by", "target", "location"),
    *("result_quantity", "result_unit", "starts_on", "due_on", "beneficiaries"),
    *("beneficiaries_women", "cost_riel", "office", "helpers", "level", "money"),
    *("money_reference", "indicator", "service", "score_period", "meeting", "heard"),
)
PLAN_FIELDS = ("commune", "provider", "programme", "starts_on", "ends_on", "round_uuid")
_PUBLIC_TEXT = {"activity", "target", "location", "result_unit", "helpers", "heard"}


def may_write(plan: Plan, by: User) -> None:
    """Raise PermissionDenied unless ``by`` may draft plans in this place and programme."""
    check(by, "plans.write", place=plan.commune_id, programme=plan.programme_id)


@transaction.atomic
def draft_plan(*, by: User, source_key: str = "", **facts: Any) -> Plan:
    """Record a new plan that is not agreed yet. Raises PermissionDenied, ValidationError."""
    plan = Plan(source_key=source_key, recorded_by=by, **facts)
    _check_plan(plan)
    may_write(plan, by)
    plan.full_clean()
    plan.save()
    trail.record(
        by=by,
        verb="plan.drafted",
        subject=plan,
        place_code=plan.commune_id,
        after=plain(plan, PLAN_FIELDS),
    )
    return plan


@transaction.atomic
def change_plan(*, by: User, plan: Plan, **facts: Any) -> Plan:
    """Change the head of a plan that is not agreed yet."""
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    may_write(plan, by)
    if plan.agreed_on is not None:
        raise ValidationError(_("An agreed plan keeps its place and its days."))
    before = plain(plan, PLAN_FIELDS)
    for name, value in facts.items():
        setattr(plan, name, value)
    _check_plan(plan)
    may_write(plan, by)
    plan.full_clean()
    plan.save()
    plan.actions.update(commune_id=plan.commune_id, district_code=plan.commune_id[:4])
    trail.record(
        by=by,
        verb="plan.changed",
        subject=plan,
        place_code=plan.commune_id,
        before=before,
        after=plain(plan, PLAN_FIELDS),
    )
    return plan


def _check_plan(plan: Plan) -> None:
    plan.province_code = plan.commune_id[:2]
    plan.year = plan.starts_on.year
    try:
        check_period(plan.starts_on, plan.ends_on)
    except UnreadableValue as error:
        raise ValidationError({"ends_on": [str(error)]}) from error


@transaction.atomic
def add_action(*, by: User, plan: Plan, **facts: Any) -> Action:
    """Add an action to a plan, at its end where no number is given.

    To an agreed plan both sides may add: the action is agreed at once, with its own first day.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    may_write(plan, by)
    last = plan.actions.aggregate(last=Max("number"))["last"] or 0
    if plan.actions.count() >= MOST_ACTIONS:
        raise ValidationError(_("A plan has at most %(most)s actions.") % {"most": MOST_ACTIONS})
    number = facts.pop("number", None) or last + 1
    action = Action(plan=plan, commune_id=plan.commune_id, number=number, **facts)
    _settle(action)
    if plan.agreed_on is not None:
        action.first_due_on, action.state_on = action.due_on, timezone.localdate()
    action.full_clean()
    action.save()
    trail.record(
        by=by,
        verb="plan.action_added",
        subject=action,
        place_code=plan.commune_id,
        after=plain(action, ACTION_FIELDS),
    )
    if plan.agreed_on is not None:
        note(action, by=by, kind=EventKind.AGREED, after=State.OPEN)
    return action


def _settle(action: Action) -> None:
    """Derive the dependent fields: district, provider of the plan, standard in force."""
    action.district_code = action.commune_id[:4]
    if action.provider_id is None:
        action.provider = action.plan.provider
    day = action.plan.agreed_on or timezone.localdate()
    standards = standards_in_force(action.service, day, action.provider) if action.service else []
    action.standard = standards[0] if standards else None


@transaction.atomic
def change_action(*, by: User, action: Action, reason: str = "", **facts: Any) -> Action:
    """Change the wording of an action; of an agreed one only with a reason, and never its day.

    Texts that the public reads have to be checked again. Unchanged facts change nothing.
    """
    action = Action.objects.select_for_update().select_related("plan").get(pk=action.pk)
    may_write(action.plan, by)
    before = plain(action, ACTION_FIELDS)
    agreed = action.first_due_on is not None
    _set(action, facts, agreed)
    after = plain(action, ACTION_FIELDS)
    changed = {name for name in ACTION_FIELDS if before[name] != after[name]}
    if not changed:
        return action
    if agreed and not reason.strip():
        raise ValidationError({"reason": _("Say why the agreed wording changes.")})
    if changed & _PUBLIC_TEXT:
        action.moderation = Moderation.WAITING
    action.full_clean()
    action.save()
    trail.record(
        by=by,
        verb="plan.action_changed",
        subject=action,
        place_code=action.commune_id,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        reason=reason,
    )
    if agreed:
        note(action, by=by, kind=EventKind.EDITED, reason=reason)
    return action


def _set(action: Action, facts: dict[str, Any], agreed: bool) -> None:
    """Set facts on an unsaved action; an agreed one keeps its promised day and its standard."""
    if agreed and facts.get("due_on", action.due_on) != action.due_on:
        raise ValidationError(
            {"due_on": _("The promised day of an agreed action is moved, with a reason.")}
        )
    for name, value in facts.items():
        setattr(action, name, value)
    standard = action.standard_id
    _settle(action)
    if agreed:
        action.standard_id = standard


@transaction.atomic
def remove_action(*, by: User, action: Action) -> None:
    """Take an action out of a plan that is not agreed yet; agreed ones are dropped instead."""
    action = Action.objects.select_for_update().select_related("plan").get(pk=action.pk)
    may_write(action.plan, by)
    if action.first_due_on is not None:
        raise ValidationError(_("An agreed action is not deleted. Drop it, with a reason."))
    trail.record(
        by=by,
        verb="plan.action_removed",
        subject=action,
        place_code=action.commune_id,
        before=plain(action, ACTION_FIELDS),
    )
    action.delete()


@transaction.atomic
def agree_plan(
    *, by: User, plan: Plan, agreed_on: date, community_side: str, provider_side: str
) -> Plan:
    """Record that both sides signed; from then on every action keeps its first promised day.

    Twice on the same day changes nothing. Raises PermissionDenied, ValidationError.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    may_write(plan, by)
    if plan.agreed_on is not None:
        if plan.agreed_on == agreed_on:
            return plan
        raise ValidationError(_("This plan is agreed already."))
    if agreed_on > timezone.localdate():
        raise ValidationError({"agreed_on": _("The day of signing cannot be in the future.")})
    if not plan.actions.exists():
        raise ValidationError(_("A plan without an action cannot be agreed."))
    without = list(plan.actions.filter(office=None).values_list("number", flat=True))
    if without:
        raise ValidationError(
            _("Say who leads actions number %(numbers)s.")
            % {"numbers": ", ".join(str(number) for number in without[:20])}
        )
    plan.agreed_on = agreed_on
    plan.community_side, plan.provider_side = community_side, provider_side
    plan.full_clean()
    plan.save()
    plan.actions.update(first_due_on=F("due_on"), state_on=agreed_on)
    for action in plan.actions.all():
        note(action, by=by, kind=EventKind.AGREED, after=State.OPEN)
    trail.record(
        by=by,
        verb="plan.agreed",
        subject=plan,
        place_code=plan.commune_id,
        after={"agreed_on": agreed_on.isoformat(), "actions": plan.actions.count()},
    )
    _tell_round(plan, by)
    return plan


def _tell_round(plan: Plan, by: User) -> None:
    """Record the stage "agreed" of the round whose interface meeting made the plan, if any."""
    of_plan = Round.objects.filter(uuid=plan.round_uuid).first() if plan.round_uuid else None
    if of_plan is not None:
        # people who may write the plan here may record the stage of its round
        finish_stage(by=None, round=of_plan, name="agreed", on=plan.agreed_on, job=str(by))
