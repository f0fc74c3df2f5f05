"""Totals of information sessions for donors: by programme, province and group.

People who may not see single sessions get numbers of people rounded to ten, and none where
fewer than ten came: sessions of one day in one village must not be picked out.
"""

from dataclasses import dataclass, field

from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Left
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Programme
from accounts.permissions import scopes
from khmer.riel import format_number
from places.models import Place
from surveys.rounds.models import InformationSession, RoundMeeting, TrainedPerson
from surveys.rounds.models.attendance import COUNTS, GROUP_LABELS

SMALLEST = 10


def rounded(people: int) -> int | None:
    """Round a number of people to ten; None for 1 to 9, and 0 stays 0."""
    if people == 0:
        return 0
    return None if people < SMALLEST else (people + 5) // 10 * 10


@dataclass
class Total:
    """The totals of one programme in one province."""

    programme: str
    province: str
    sessions: int | None
    trainings: int | None
    trained: int | None
    repeated: int | None
    people: list[int | None] = field(default_factory=list)

    def numbers(self) -> list[str]:
        """Return the numbers as they are printed."""
        language = "km" if (get_language() or "km").startswith("km") else "en"
        return [
            _("fewer than 10") if n is None else format_number(n, language)
            for n in (self.sessions, self.trainings, self.trained, self.repeated, *self.people)
        ]

    def cells(self) -> list[str]:
        """Return the row of the spreadsheet."""
        numbers = (self.sessions, self.trainings, self.trained, self.repeated, *self.people)
        return [
            self.programme,
            self.province,
            *(_("fewer than 10") if n is None else str(n) for n in numbers),
        ]


def headers() -> list[str]:
    """Return the headers of the spreadsheet, in the order of ``Total.cells``."""
    own = [_("programme"), _("province"), _("information sessions"), _("trainings")]
    own += [_("trained to repeat it"), _("sessions they held")]
    return [*own, *map(str, GROUP_LABELS.values())]


def by_programme_and_province(user: object) -> list[Total]:
    """Return totals by programme and province, of the programmes and places this person reads."""
    seen = _readable(user)
    rows = (
        seen.values("programme", province=Left("commune_id", 2))
        .annotate(
            sessions=Count("pk", filter=Q(kind="information")),
            trainings=Count("pk", filter=Q(kind="training")),
            repeated=Count("pk", filter=Q(led_by__isnull=False)),
        )
        .order_by("programme", "province")
    )
    sums = {
        (programme, province): people
        for programme, province, *people in seen.values_list("programme", Left("commune_id", 2))
        .annotate(*(Sum(name) for name in COUNTS))
        .order_by()
    }
    trained = {
        (programme, province): n
        for programme, province, n in TrainedPerson.objects.filter(session__in=seen.values("pk"))
        .values_list("session__programme", Left("session__commune_id", 2))
        .annotate(n=Count("pk"))
        .order_by()
    }
    programmes = {p.pk: str(p) for p in Programme.objects.all()}
    khmer = (get_language() or "km").startswith("km")
    provinces = {p.code: p.name_km if khmer else p.name_latin for p in Place.objects.provinces()}
    return [
        Total(
            programme=programmes.get(row["programme"], _("no programme")),
            province=provinces.get(row["province"], row["province"]),
            sessions=row["sessions"],
            trainings=row["trainings"],
            trained=rounded(trained.get((row["programme"], row["province"]), 0)),
            repeated=row["repeated"],
            people=[rounded(n or 0) for n in sums[row["programme"], row["province"]]],
        )
        for row in rows
    ]


def _readable(user: object) -> models.QuerySet[InformationSession]:
    """Return sessions whose totals this person may read: of their programmes and places."""
    return InformationSession.objects.standing().filter(_limit(user, "commune__code", "programme"))


def _limit(user: object, place: str, programme: str) -> Q:
    """Return the rows whose totals this person may read; ``place`` and ``programme`` name columns.

    Totals are of whole provinces, so a person of one commune gets those of its province.
    """
    condition = Q(pk__in=[])
    for permission in ("scores.released", "rounds.record"):
        for scope in scopes(user, permission):
            limit = Q(**{f"{place}__startswith": scope.place[:2]}) if scope.place else Q()
            if scope.programme is not None:
                limit &= Q(**{programme: scope.programme})
            if not limit:
                return Q()
            condition |= limit
    return condition


@dataclass(frozen=True)
class GroupTotal:
    """The number of people of one group: None for 1 to 9, else rounded to ten."""

    group: str
    label: str
    informed: int | None
    took_part: int | None


@dataclass(frozen=True)
class People:
    """People reached by a programme, or by all that a person reads, in one year or in all."""

    sessions: int
    meetings: int
    groups: tuple[GroupTotal, ...]

    def of(self, group: str) -> GroupTotal:
        """Return one group by its name; "people" is everybody."""
        return next(one for one in self.groups if one.group == group)


def by_group(user: object, *, programme: int | None = None, year: int | None = None) -> People:
    """Return people informed in sessions, and people who took part in community meetings, by group.

    Of the programmes and places whose totals this person reads. Groups overlap: one person may
    be young and hold an equity card.
    """
    sessions = _readable(user)
    meetings = RoundMeeting.objects.filter(kind="community", round__cancelled_at=None)
    meetings = meetings.filter(_limit(user, "round__commune__code", "round__programme"))
    if programme is not None:
        sessions = sessions.filter(programme=programme)
        meetings = meetings.filter(round__programme=programme)
    if year is not None:
        sessions = sessions.filter(held_on__year=year)
        meetings = meetings.filter(held_on__year=year)
    sums = {"n": Count("pk"), **{name: Sum(name) for name in COUNTS}}
    informed, took_part = sessions.aggregate(**sums), meetings.aggregate(**sums)
    return People(
        sessions=informed["n"],
        meetings=took_part["n"],
        groups=tuple(
            GroupTotal(
                name,
                str(GROUP_LABELS[name]),
                rounded(informed[name] or 0),
                rounded(took_part[name] or 0),
            )
            for name in COUNTS
        ),
    )
