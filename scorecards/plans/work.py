"""Work lists: the open tasks of a person, and the actions of a district."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

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
    Story,
)
from standards.models import ProviderKind

MOST_SHOWN = 100
"""Rows of each list on one page; the heading says how many there are in all."""
OF_A_DISTRICT = 20
"""Rows of each list on the page of a district."""


@dataclass
class WorkList:
    """One list of a page: its actions, and how many there are in all."""

    actions: list[Action] = field(default_factory=list)
    total: int = 0


def _list(
    rows: QuerySet[Action],
    today: date,
    *,
    most: int = MOST_SHOWN,
    calendar: np.busdaycalendar | None = None,
    total: int | None = None,
    related: tuple[str, ...] = ("office", "provider", "commune", "plan"),
) -> WorkList:
    """Return the first rows with what is ``related``.

    ``total`` is how many the caller has counted.
    """
    records = rows.select_related(*related)
    shown = with_lateness(records[: most + 1], today, calendar)
    if total is None or len(shown) <= most:
        total = len(shown) if len(shown) <= most else rows.count()
    return WorkList(shown[:most], total)


def work_of(user: object, today: date) -> dict[str, WorkList]:
    """List actions denied, late, due soon, claimed and under review where ``user`` reads plans."""
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
    """Return the latest reminder of each action whose office is reached only on this platform.

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
    """Return texts, photos and replies that wait for somebody who may decide about them here."""
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
        "stories": Story.objects.visible_to(user)
        .filter(moderation=Moderation.WAITING, withdrawn_on=None)
        .count(),
    }


_COUNTED: Final = ("agreed", "confirmed", "said_done", "late", "denied", "blocked")


@dataclass
class CommuneLine:
    """The numbers of actions of one commune, by state."""

    place: Place
    agreed: int
    confirmed: int
    said_done: int
    late: int
    denied: int
    blocked: int


@dataclass
class OutcomeLine:
    """The outcomes of the actions of one kind of provider that one level decides."""

    kind: str
    level: str
    counts: dict[str, int]


@dataclass
class District:
    """A district's actions: by commune, by outcome, the number late and the number asked of it."""

    communes: list[CommuneLine]
    outcomes: list[OutcomeLine]
    late: int
    asked: int


def district_standing(user: object, district: str, today: date) -> District:
    """Count the agreed actions of a district once, for every table of its page.

    Communes come with the latest first, outcomes with what the district decides first.
    """
    late = Q(state__in=UNDER_WAY, due_on__lt=today)
    rows = list(
        Action.objects.visible_to(user)
        .agreed()
        .filter(district_code=district)
        .order_by()
        .values("commune_id", "provider__kind", "level")
        .annotate(
            agreed=Count("pk"),
            confirmed=Count("pk", filter=Q(state=State.CONFIRMED)),
            said_done=Count("pk", filter=Q(state=State.SAID_DONE)),
            late=Count("pk", filter=late),
            denied=Count("pk", filter=Q(denials__gt=0) & ~Q(state=State.CONFIRMED)),
            blocked=Count("pk", filter=Q(state=State.BLOCKED)),
            open=Count("pk", filter=Q(state__in=[*UNDER_WAY, State.SAID_DONE])),
        )
    )
    asked = sum(row["open"] for row in rows if row["level"] == ActionLevel.DISTRICT)
    return District(
        _commune_lines(rows), _outcome_lines(rows), sum(row["late"] for row in rows), asked
    )


def _summed(rows: list[Any], *keys: str) -> dict[tuple[str, ...], dict[str, int]]:
    """Return the counts of rows added up by some of their keys."""
    sums_of: dict[tuple[str, ...], dict[str, int]] = {}
    for row in rows:
        sums = sums_of.setdefault(tuple(row[key] or "" for key in keys), dict.fromkeys(_COUNTED, 0))
        for name in _COUNTED:
            sums[name] += row[name]
    return sums_of


def _commune_lines(rows: list[Any]) -> list[CommuneLine]:
    counts_of = _summed(rows, "commune_id")
    places = Place.objects.in_bulk([code for (code,) in counts_of])
    lines = [
        CommuneLine(places[code], *(counts[name] for name in _COUNTED))
        for (code,), counts in counts_of.items()
    ]
    return sorted(lines, key=lambda line: (-line.late, -line.denied, line.place.code))


def _outcome_lines(rows: list[Any]) -> list[OutcomeLine]:
    order = {level: place for place, level in enumerate(ActionLevel.values)}
    order[ActionLevel.DISTRICT] = -1
    kinds, levels = dict(ProviderKind.choices), dict(ActionLevel.choices)
    counts_of = _summed(rows, "level", "provider__kind")
    return [
        OutcomeLine(
            kind=str(kinds[ProviderKind(kind)] if kind else _("all providers together")),
            level=str(levels[level]),
            counts=counts,
        )
        for (level, kind), counts in sorted(
            counts_of.items(), key=lambda one: (order[one[0][0]], one[0][1])
        )
    ]


def asked_of_district(
    user: object,
    district: str,
    today: date,
    calendar: np.busdaycalendar | None = None,
    *,
    total: int | None = None,
) -> WorkList:
    """List the actions that need a decision of the district, open ones first."""
    rows = (
        Action.objects.visible_to(user)
        .agreed()
        .filter(
            district_code=district,
            level=ActionLevel.DISTRICT,
            state__in=[*UNDER_WAY, State.SAID_DONE],
        )
    )
    return _list_of_district(rows, today, calendar, total)


def late_in_district(
    user: object,
    district: str,
    today: date,
    calendar: np.busdaycalendar | None = None,
    *,
    total: int | None = None,
) -> WorkList:
    """Return late actions of a district, those with the oldest promise first."""
    rows = (
        Action.objects.visible_to(user)
        .agreed()
        .filter(district_code=district, state__in=UNDER_WAY, due_on__lt=today)
    )
    return _list_of_district(rows, today, calendar, total)


def _list_of_district(
    rows: QuerySet[Action], today: date, calendar: np.busdaycalendar | None, total: int | None
) -> WorkList:
    """List the first rows by the day promised, with what the page of a district shows of each."""
    return _list(
        rows.order_by("due_on"),
        today,
        most=OF_A_DISTRICT,
        calendar=calendar,
        total=total,
        related=("office", "commune"),
    )
