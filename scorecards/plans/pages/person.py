"""The signed-in person and the plans that they may open."""

from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest

from accounts.models import User
from accounts.permissions import may
from scorecards.plans.models import Action, Plan

_WITH_PLACES = "commune__parent__parent"


def person(request: HttpRequest) -> User:
    """Return the person signed in; pages that call it are behind ``require``."""
    return cast("User", request.user)


def plan_or_404(request: HttpRequest, uuid: UUID) -> Plan:
    """Return a plan that this person may read."""
    rows = Plan.objects.visible_to(request.user).select_related(_WITH_PLACES, "provider")
    row = rows.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def action_or_404(request: HttpRequest, uuid: UUID) -> Action:
    """Return an action that this person may read."""
    rows = Action.objects.visible_to(request.user).select_related(
        _WITH_PLACES, "plan", "office", "provider", "indicator", "service", "standard"
    )
    row = rows.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def may_at(request: HttpRequest, permission: str, plan: Plan) -> bool:
    """Return whether this person holds ``permission`` in the plan's commune and programme."""
    return may(request.user, permission, place=plan.commune_id, programme=plan.programme_id)
