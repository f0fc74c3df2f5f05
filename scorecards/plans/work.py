"""Work lists: what waits for a person, and how a district stands."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
from django.db.models import Count, Q, QuerySet

from accounts.permissions import may
from places.models import Place
from scorecards.plans.lateness import soon_until, with_lateness
from scorecards.plans.models import (
    UNDER_WAY,
    Action,
    ActionLevel,
    ContactChannel,
    Evidence,
    Moderation,
    Reminder,
    Reply,
    State,
)

MOST_SHOWN = 100
"""Of each list on one page; the heading says how many there are in all."""
OF_A_DISTRICT = 20
"""The same on the page of a district, which shows its communes beside."""


@dataclass
class WorkList:
    """One list of a page: its actions, and how many there are in all."""

    actions: list[Action] = field(default_factory=list)
    total: int = 0


def _list(
    rows: QuerySet[Action],
    today: date,
    most: int = MOST_SHOWN,
    calendar: np.busdaycalendar | None = None,
) -> WorkList:
    records = rows.select_related("office", "provider", "commune", "plan")
    shown = with_lateness(records[: most + 1], today, calendar)
    total = len(shown) if len(shown) <= most else rows.count()
    return WorkList(shown[:most], total)


def work_of(user: object, today: date) -> dict[str, WorkList]:
    """What is denied, late, due soon and to be confirmed where this person reads plans."""
    mine = Action.objects.visible_to(user).agreed()
    under_way = mine.filter(state__in=UNDER_WAY)
    return {
        "denied": _list(under_way.filter(denials__gt=0).order_by("-denied_on", "due_on"), today),
        "late": _list(under_way.filter(due_on__lt=today, denials=0).order_by("due_on"), today),
        "soon": _list(
            under_way.filter(due_on__range=(today, soon_until(today)), denials=0).order_by(
                "due_on"
            ),
            today,
        ),
        "claimed": _list(mine.filter(state=State.SAID_DONE).order_by("said_done_on"), today),
        "review": _list(
            mine.exclude(state__in=[State.CONFIRMED, State.DROPPED])
            .filter(next_review_on__lte=today)
            .order_by("next_review_on"),
            today,
        ),
    }


def reminders_of(user: object) -> list[Reminder]:
    """The latest reminder of each action whose office is reached only on this platform.

    Of actions that this person reads. They stay until they are no longer true
    (``reminders.send.pack`` drops them then).
    """
    rows = Reminder.objects.filter(
        message=None,
        dropped_at=None,
        office__channel=ContactChannel.NONE,
        action__in=Action.objects.visible_to(user),
    ).select_related("action__commune", "office")
    latest = rows.order_by("action_id", "-on", "-pk").distinct("action_id")
    return sorted(latest[:MOST_SHOWN], key=lambda one: (one.on, one.pk), reverse=True)


def to_moderate(user: object) -> dict[str, Any]:
    """Texts, photos and replies that wait for somebody who may decide about them here."""
    if not may(user, "plans.moderate"):
        return {}
    return {
        "actions": Action.objects.visible_to(user)
        .agreed()
        .filter(moderation=Moderation.WAITING)
        .select_related("commune", "office")
        .order_by("plan", "number")[:MOST_SHOWN],
        "evidence": Evidence.objects.filter(
            action__in=Action.objects.visible_to(user), moderation=Moderation.WAITING
        ).select_related("action__commune")[:MOST_SHOWN],
        "replies": Reply.objects.visible_to(user)
        .filter(moderation=Moderation.WAITING, answered_at__isnull=False)
        .exclude(text="")[:MOST_SHOWN],
    }


_COUNTED: Final = ("agreed", "confirmed", "said_done", "late", "denied", "blocked")


@dataclass
class CommuneLine:
    """How the actions of one commune stand."""

    place: Place
    agreed: int
    confirmed: int
    said_done: int
    late: int
    denied: int
    blocked: int


def district_lines(user: object, district: str, today: date) -> list[CommuneLine]:
    """One line for each commune of a district that has agreed actions, the latest first."""
    late = Q(state__in=UNDER_WAY, due_on__lt=today)
    rows = (
        Action.objects.visible_to(user)
        .agreed()
        .filter(district_code=district)
        .order_by()
        .values("commune_id")
        .annotate(
            agreed=Count("pk"),
            confirmed=Count("pk", filter=Q(state=State.CONFIRMED)),
            said_done=Count("pk", filter=Q(state=State.SAID_DONE)),
            late=Count("pk", filter=late),
            denied=Count("pk", filter=Q(denials__gt=0) & ~Q(state=State.CONFIRMED)),
            blocked=Count("pk", filter=Q(state=State.BLOCKED)),
        )
    )
    results = list(rows)
    places = Place.objects.in_bulk([row["commune_id"] for row in results])
    lines = [
        CommuneLine(places[row["commune_id"]], *(row[name] for name in _COUNTED)) for row in results
    ]
    return sorted(lines, key=lambda line: (-line.late, -line.denied, line.place.code))


def asked_of_district(
    user: object, district: str, today: date, calendar: np.busdaycalendar | None = None
) -> WorkList:
    """What communes ask of the district: actions that are decided there, open ones first."""
    rows = (
        Action.objects.visible_to(user)
        .agreed()
        .filter(
            district_code=district,
            level=ActionLevel.DISTRICT,
            state__in=[*UNDER_WAY, State.SAID_DONE],
        )
    )
    return _list(rows.order_by("due_on"), today, OF_A_DISTRICT, calendar)


def late_in_district(
    user: object, district: str, today: date, calendar: np.busdaycalendar | None = None
) -> WorkList:
    """Late actions of a district, those with the oldest promise first."""
    rows = (
        Action.objects.visible_to(user)
        .agreed()
        .filter(district_code=district, state__in=UNDER_WAY, due_on__lt=today)
    )
    return _list(rows.order_by("due_on"), today, OF_A_DISTRICT, calendar)
