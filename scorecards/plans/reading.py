"""Public data of agreed actions; dashboards and the public pages read plans only here.

Offices, never persons; texts and photos only after somebody checked them; numbers of people who
answered only as ``services.disclosure`` printed them; months instead of days for what citizens
said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, F, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from scorecards.method.estimates.intervals import wilson
from scorecards.plans import replies
from scorecards.plans.lateness import days_late, slipped
from scorecards.plans.measures import shown
from scorecards.plans.measures.table import LEAST
from scorecards.plans.models import (
    UNDER_WAY,
    Action,
    ActionEvent,
    EventKind,
    Evidence,
    Moderation,
    Plan,
    State,
)
from scorecards.plans.since import Since, scores_since
from standards.calendar import holiday_calendar
from surveys.rounds.models import Round

MOST_SHOWN = 500
PublicReply = replies.PublicReply


@dataclass(frozen=True)
class Commitment:
    """One agreed action as the public sees it."""

    uuid: UUID
    number: int
    call_code: str
    commune: str
    year: int
    text: str
    is_checked: bool
    office: str
    provider: str
    state: str
    state_label: str
    starts_on: date
    due_on: date
    first_due_on: date
    moves: int
    slip_days: int
    late_days: int
    said_done_on: date | None
    confirmed_on: date | None
    denials: int
    printed_done: int
    printed_people: int
    indicator: str
    level: str
    photos: tuple[int, ...]
    since: Since | None = None
    """The score of its criterion when it was agreed and since, where it was asked for."""

    @property
    def takes_answers(self) -> bool:
        """Return whether citizens can confirm or deny now that the action is done."""
        return self.state in (State.SAID_DONE, State.CONFIRMED)


@dataclass(frozen=True)
class Totals:
    """The numbers of agreed actions of a place, by state."""

    agreed: int = 0
    confirmed: int = 0
    said_done: int = 0
    late: int = 0
    moved: int = 0
    denied: int = 0
    dropped: int = 0


def totals(place: str, today: date | None = None) -> Totals:
    """Count the agreed actions of a place ("" is the nation)."""
    today = today or timezone.localdate()
    rows = Action.objects.agreed()
    if len(place) == 6:
        rows = rows.filter(commune=place)
    elif place:
        rows = rows.filter(district_code__startswith=place[:4])
    return Totals(**rows.aggregate(**_counted(today)))


def totals_by_commune(place: str, today: date | None = None) -> dict[str, Totals]:
    """Count the agreed actions of each commune of a place; only of those that have any."""
    rows = Action.objects.agreed().filter(commune__code__startswith=place).order_by()
    counted = rows.values("commune").annotate(**_counted(today or timezone.localdate()))
    totals_of: dict[str, Totals] = {}
    for row in counted:
        numbers: dict[str, Any] = {**row}
        commune = numbers.pop("commune")
        totals_of[commune] = Totals(**numbers)
    return totals_of


def _counted(today: date) -> dict[str, Count]:
    return {
        "agreed": Count("pk"),
        "confirmed": Count("pk", filter=Q(state=State.CONFIRMED)),
        "said_done": Count("pk", filter=Q(state=State.SAID_DONE)),
        "late": Count("pk", filter=Q(state__in=UNDER_WAY, due_on__lt=today)),
        "moved": Count("pk", filter=Q(moves__gt=0)),
        "denied": Count("pk", filter=Q(denials__gt=0)),
        "dropped": Count("pk", filter=Q(state=State.DROPPED)),
    }


def commitments(
    commune: str, today: date | None = None, *, with_scores: bool = False
) -> list[Commitment]:
    """Return the agreed actions of a commune, those of the latest plan first."""
    today = today or timezone.localdate()
    rows = list(
        Action.objects.agreed()
        .filter(commune=commune)
        .select_related("plan", "office", "provider", "indicator", "service")
        .order_by("-plan__starts_on", "number")[:MOST_SHOWN]
    )
    since = scores_since(commune, rows) if with_scores else {}
    return _as_commitments(rows, today, since)


def commitment(uuid: UUID | str) -> Commitment | None:
    """Return one agreed action, or None."""
    rows = Action.objects.agreed().select_related("plan", "office", "provider", "indicator")
    matching = _as_commitments(rows.filter(uuid=uuid), timezone.localdate())
    return matching[0] if matching else None


def _as_commitments(
    rows: Any, today: date, since: Mapping[int, Since] | None = None
) -> list[Commitment]:
    actions = list(rows)
    photos = _photos(actions)
    calendar = holiday_calendar()
    made = [_one(action, today, calendar, photos.get(action.pk, ())) for action in actions]
    if not since:
        return made
    pairs = zip(actions, made, strict=True)
    return [replace(one, since=since.get(action.pk)) for action, one in pairs]


def _photos(actions: Sequence[Action]) -> dict[int, tuple[int, ...]]:
    photos: dict[int, tuple[int, ...]] = {}
    rows = Evidence.objects.filter(
        action__in=actions, kind=Evidence.Kind.PHOTO, moderation=Moderation.SHOWN
    )
    for action, pk in rows.order_by("-stage", "pk").values_list("action_id", "pk"):
        photos[action] = (*photos.get(action, ()), pk)
    return photos


def _one(action: Action, today: date, calendar: Any, photos: tuple[int, ...]) -> Commitment:
    checked = action.moderation == Moderation.SHOWN
    assert action.first_due_on is not None
    return Commitment(
        uuid=action.uuid,
        number=action.number,
        call_code=action.call_code,
        commune=action.commune_id,
        year=action.plan.year,
        text=action.activity if checked else _("The wording is being checked."),
        is_checked=checked,
        office=action.office.name if action.office else "",
        provider=action.provider.name if action.provider else "",
        state=action.state,
        state_label=str(State(action.state).label),
        starts_on=action.starts_on,
        due_on=action.due_on,
        first_due_on=action.first_due_on,
        moves=action.moves,
        slip_days=slipped(action),
        late_days=days_late(action, today, calendar=calendar),
        said_done_on=action.said_done_on if action.state != State.OPEN else None,
        confirmed_on=action.confirmed_on,
        denials=action.denials,
        printed_done=action.printed_done,
        printed_people=action.printed_people,
        indicator=action.indicator.name if action.indicator else "",
        level=str(action.get_level_display()),
        photos=photos,
    )


def replies_to(commune: str, period: str) -> list[replies.PublicReply]:
    """Return the public replies of offices to the figures of a commune in one quarter."""
    return replies.public(commune, period)


def changes(commune: str, most: int = 50) -> list[dict[str, Any]]:
    """Return the latest changes (at most ``most``) of a commune's agreed actions, newest first.

    Reasons are not shown: nobody checked them. Citizens' answers have no day.
    """
    shown = (
        EventKind.AGREED,
        EventKind.STATE,
        EventKind.MOVED,
        EventKind.REOPENED,
        EventKind.CONFIRMED,
    )
    rows = ActionEvent.objects.filter(
        action__commune=commune, action__first_due_on__isnull=False, kind__in=shown
    ).select_related("action__plan")
    latest = []
    for event in rows.order_by("-pk")[:most]:
        action = event.action
        checked = action.moderation == Moderation.SHOWN
        latest.append(
            {
                "id": f"{action.uuid}-{event.pk}",
                "uuid": action.uuid,
                "at": event.at,
                "number": action.number,
                "text": action.activity if checked else _("The wording is being checked."),
                "kind": event.kind,
                "kind_label": event.get_kind_display(),
                "state_label": event.get_state_after_display() if event.state_after else "",
                "due_before": event.due_before,
                "due_after": event.due_after,
            }
        )
    return latest


def _new_plan_of(row: Round) -> str:
    """Return the address of the form for a new plan, filled in from the round."""
    facts = {
        "commune": row.commune_id,
        "round": str(row.uuid),
        "provider": row.provider.code,
        "starts": row.first_day.isoformat(),
        "ends": row.last_day.isoformat(),
    }
    return f"{reverse('plans:new')}?{urlencode(facts)}"


def plan_of_round(round_uuid: UUID | str) -> dict[str, Any] | None:
    """Return the plan that a round's interface meeting made, for the page of the round.

    Where there is none yet: ``new``, the address at which it is made.
    """
    plan: Any = (
        Plan.objects.filter(round_uuid=round_uuid)
        .annotate(
            count=Count("actions"),
            confirmed=Count("actions", filter=Q(actions__state=State.CONFIRMED)),
            reviewed=Max("actions__state_on"),
        )
        .first()
    )
    if plan is None:
        row = Round.objects.standing().filter(uuid=round_uuid).select_related("provider").first()
        return {"new": _new_plan_of(row)} if row else None
    return {
        "url": reverse("plans:plan", kwargs={"uuid": plan.uuid}),
        "agreed_on": plan.agreed_on,
        "actions": plan.count,
        "confirmed": plan.confirmed,
    }


def measures(place: str = "", period: str = "") -> list[shown.Figure]:
    """Return the released measures of rounds and plans of a place ("" the nation), for dashboards.

    Of the newest released quarter where none is named. ``share``, ``low`` and ``high`` run from 0
    to 1; ``standing`` is the class of the funnel; numbers of people are rounded.
    """
    return shown.released(place, period)


def measure_inside(place: str, measure: str, period: str = "") -> list[shown.Figure]:
    """Return one released measure of the places directly inside a place, by code."""
    return shown.released_below(place, measure, period)


def replies_beside(commune: str, period: str) -> dict[tuple[str, str, str], replies.PublicReply]:
    """Return the replies of offices to a commune's figures in one quarter, by the figure's key.

    By (kind of provider, service, indicator); ``under_review`` until answered or expired.
    """
    return replies.beside_figures(commune, period)


@dataclass(frozen=True)
class Progress:
    """Agreed actions of some places, dropped ones left out: numbers, each a part of ``agreed``.

    ``passed`` had a first promised day that has passed; ``in_time`` of those were reported done
    by that day and confirmed.
    """

    agreed: int = 0
    said_done: int = 0
    confirmed: int = 0
    denied: int = 0
    late: int = 0
    moving: int = 0
    passed: int = 0
    in_time: int = 0

    def share(self, part: str, total: str = "agreed") -> tuple[float, float, float]:
        """Return a share with its 95% interval; NaN where it is of fewer than ten."""
        n, all_of = getattr(self, part), getattr(self, total)
        if all_of < LEAST:
            return (float("nan"),) * 3
        low, high = wilson(n, all_of)
        return n / all_of, float(low), float(high)


def progress(
    provinces: Sequence[str] = ("",), *, programme: int | None = None, today: date | None = None
) -> Progress:
    """Count the agreed actions of provinces ("" is the nation), or of a programme's plans.

    "Moving" are those completed or under way, as the World Bank counts them. Actions are
    public one by one, so their numbers are not rounded. One query, because a donor's page asks for
    several programmes; ``plans.measures.measures`` counts the same in more detail, and
    ``test_measures.py`` compares the two.
    """
    today = today or timezone.localdate()
    rows = Action.objects.agreed().exclude(state=State.DROPPED)
    if "" not in provinces:
        rows = rows.filter(plan__province_code__in=provinces)
    if programme is not None:
        rows = rows.filter(plan__programme=programme)
    confirmed = Q(state=State.CONFIRMED)
    moving = (State.IN_PROGRESS, State.HALF_DONE, State.SAID_DONE, State.CONFIRMED)
    passed = Q(first_due_on__lt=today)
    numbers = rows.aggregate(
        agreed=Count("pk"),
        said_done=Count("pk", filter=Q(claim__gt=0)),
        confirmed=Count("pk", filter=confirmed),
        denied=Count("pk", filter=Q(denials__gt=0)),
        late=Count("pk", filter=Q(state__in=UNDER_WAY, due_on__lt=today)),
        moving=Count("pk", filter=Q(state__in=moving)),
        passed=Count("pk", filter=passed),
        in_time=Count("pk", filter=passed & confirmed & Q(said_done_on__lte=F("first_due_on"))),
    )
    return Progress(**numbers)
