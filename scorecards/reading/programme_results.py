"""Results that the World Bank asks of social accountability, and targets of programmes.

The World Bank's indicators (domain, 1.3): providers that meet national standards, actions
completed or under way (``scorecards.plans.reading.progress``), communes with three full yearly
cycles, and of those the ones whose network of facilitators still works. Each definition is a
sentence on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db.models import Count, Max, Q
from django.utils import timezone

from scorecards import periods
from scorecards.method.estimates.overall import GREEN_LINE
from scorecards.models import Measure, Overall, ProgrammeTarget, Release
from surveys.rounds.models import InformationSession, Round, Stage

THREE = 3
"""Full yearly cycles after which a commune counts as continuing by itself."""
RECENT = timedelta(days=365)


@dataclass(frozen=True)
class Part:
    """``part`` of ``total`` places; the share is NaN where there is none."""

    part: int
    total: int

    @property
    def share(self) -> float:
        return self.part / self.total if self.total else float("nan")


NOTHING = Part(0, 0)


def offices_meeting(quarter: str, provinces: Sequence[str] = ("",)) -> Part:
    """Count the offices with a released overall score, and those clearly above 80 of 100.

    An office is one kind of provider in one commune. Clearly: the complete 95% interval lies
    above. ``provinces`` are prefixes of place codes; none gives no offices.
    """
    periods.parse(quarter)
    inside = Q(pk__in=[])
    for province in provinces:
        inside |= Q(place_code__startswith=province)
    counted = Overall.objects.filter(
        inside,
        release_id__in=Release.objects.filter(is_current=True).values("pk"),
        period=quarter,
        level="commune",
        score__isnull=False,
    ).aggregate(total=Count("place_code"), part=Count("place_code", filter=Q(low__gt=GREEN_LINE)))
    return Part(counted["part"], counted["total"])


@dataclass(frozen=True)
class Cycles:
    """Communes by full yearly cycles of rounds."""

    three: Part
    """Communes that had a round; those with three years or more in which one was closed."""
    carrying_on: Part
    """Of the communes with three: those where something was recorded in the last year."""


def cycles(
    provinces: Sequence[str] = ("",), *, programme: int | None = None, today: date | None = None
) -> Cycles:
    """Count full yearly cycles; with ``programme`` only its own rounds."""
    today = today or timezone.localdate()
    rounds = Round.objects.standing().filter(_inside(provinces))
    if programme is not None:
        rounds = rounds.filter(programme=programme)
    closed = Q(stages__name=Stage.CLOSED, stages__done_on__isnull=False)
    rows = (
        rounds.order_by()
        .values("commune")
        .annotate(years=Count("year", distinct=True, filter=closed), last=Max("stages__done_on"))
    )
    communes = {row["commune"]: row for row in rows}
    done = {code for code, row in communes.items() if row["years"] >= THREE}
    since = today - RECENT
    active = {code for code in done if (communes[code]["last"] or date.min) >= since}
    sessions = InformationSession.objects.standing().filter(held_on__gte=since, commune__in=done)
    active |= set(sessions.values_list("commune", flat=True))
    return Cycles(Part(len(done), len(communes)), Part(len(active), len(done)))


def _inside(provinces: Sequence[str]) -> Q:
    condition = Q(pk__in=[])
    for code in provinces:
        if not code:
            return Q()
        condition |= Q(commune__code__startswith=code)
    return condition


@dataclass(frozen=True)
class Target:
    """The target of one measure of a programme: percent, or a number of people."""

    year: int
    measure: str
    label: str
    provider_kind: str
    indicator: str
    value: float

    @property
    def is_share(self) -> bool:
        """Return whether the value is a percentage."""
        return self.measure != Measure.PEOPLE_INFORMED


def targets(programmes: Sequence[int]) -> dict[int, list[Target]]:
    """List the targets of programmes, by programme, newest year first."""
    rows = ProgrammeTarget.objects.filter(programme__in=programmes).select_related("indicator")
    targets_of: dict[int, list[Target]] = {pk: [] for pk in programmes}
    for row in rows:
        indicator = row.indicator
        label = str(Measure(row.measure).label)
        if indicator is not None:
            label = f"{row.get_provider_kind_display()}: {indicator.name}"
        targets_of[row.programme_id].append(
            Target(
                year=row.year,
                measure=row.measure,
                label=label,
                provider_kind=row.provider_kind,
                indicator=indicator.code if indicator is not None else "",
                value=row.value,
            )
        )
    return targets_of


def standing_of(target: Target, share: float, low: float, high: float) -> str:
    """Compare a measured value with a target: "met", "below", "open" or "unknown".

    A share is "met" where its complete interval reaches the target and "below" where none of it
    does; between, chance decides ("open"). A count has no interval: low and high are its value.
    """
    if np.isnan(share):
        return "unknown"
    wanted = target.value / 100 if target.is_share else target.value
    if low >= wanted:
        return "met"
    return "below" if high < wanted else "open"
