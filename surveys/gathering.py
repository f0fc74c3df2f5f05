"""Progress of collecting cases: communes at work, and those that lack cases this quarter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import in_force, scopes
from places.models import Place, PlaceQuerySet
from surveys.models import Case

ENOUGH = 10
"""Cases of a commune and quarter below which no figure of it can be shown."""


def quarter_of(day: date) -> date:
    """Return the first day of the quarter in which ``day`` lies."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def communes_at_work(user: object, permission: str = "cases.record") -> PlaceQuerySet:
    """Return communes in which this person gathers, or supervises gathering.

    Of a whole district, province or country only those where somebody is named to record cases or
    where a case was recorded in the last year: a programme does not work in every commune.
    """
    today = timezone.localdate()
    own, wider = set(), []
    for scope in scopes(user, permission):
        if len(scope.place) == 6:
            own.add(scope.place)
        else:
            wider.append(scope.place)
    condition = Q(code__in=own)
    if wider:
        inside = Q()
        for place in wider:
            inside |= Q(code__startswith=place)
        named = Membership.objects.filter(
            in_force(today), place=OuterRef("pk"), role__permissions__contains=[permission]
        )
        year_ago = today.replace(year=today.year - 1, day=1)
        recent = Case.objects.filter(commune=OuterRef("pk"), asked_on__gte=year_ago)
        condition |= inside & (Exists(named) | Exists(recent))
    return Place.objects.communes().valid_on(today).filter(condition)


def lacking(communes: PlaceQuerySet, since: date) -> PlaceQuerySet:
    """Return those of ``communes`` with fewer than ``ENOUGH`` cases that count, asked since that
    day.

    The tenth case is looked up in the index of each commune; the others are not counted.
    """
    tenth = _standing(since).values("pk")[ENOUGH - 1 : ENOUGH]
    return communes.annotate(tenth=Subquery(tenth)).filter(tenth=None)


def _standing(since: date) -> QuerySet[Case]:
    return Case.objects.standing().filter(commune=OuterRef("pk"), asked_on__gte=since).order_by()


@dataclass(frozen=True)
class CommuneProgress:
    """One commune: standing cases of the quarter, how many it lacks, and its last case."""

    place: Place
    cases: int
    lacks: int
    last_asked_on: date | None
    people: list[str]


def progress_of(
    communes: PlaceQuerySet, since: date, *, first: int = 0, most: int = 500
) -> list[CommuneProgress]:
    """Return communes with their cases of the quarter, those that lack most first.

    At most ``most`` of them, from position ``first`` on, which is counted from 0.
    """
    n = _standing(since).values("commune").annotate(n=Count("pk")).values("n")
    last = Case.objects.standing().filter(commune=OuterRef("pk")).order_by()
    last_day = last.values("commune").annotate(day=Max("asked_on")).values("day")
    rows = list(
        communes.annotate(n=Coalesce(Subquery(n), Value(0)), last=Subquery(last_day))
        .order_by("n", "code")
        .values_list("code", "n", "last")[first : first + most]
    )
    places = Place.objects.select_related("parent").in_bulk([code for code, _n, _last in rows])
    people = _people_of(places)
    return [
        CommuneProgress(places[code], cases, max(ENOUGH - cases, 0), last, people.get(code, []))
        for code, cases, last in rows
    ]


def _people_of(codes: Iterable[str]) -> dict[str, list[str]]:
    """Return names of those who record in each commune itself."""
    held = Membership.objects.filter(
        in_force(timezone.localdate()),
        place__in=list(codes),
        role__permissions__contains=["cases.record"],
        user__is_active=True,
    ).select_related("user")
    names_of: dict[str, list[str]] = {}
    for membership in held.order_by("user__username"):
        names = names_of.setdefault(str(membership.place_id), [])
        if str(membership.user) not in names:
            names.append(str(membership.user))
    return names_of
