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
from django.db import connection
from django.db.models import Count, Max, Q
from django.utils import timezone

from scorecards import periods
from scorecards.method.estimates.overall import GREEN_LINE
from scorecards.models import Measure, ProgrammeTarget
from surveys.rounds.models import InformationSession, Round, Stage

THREE = 3
"""Full yearly cycles after which a commune is counted as carrying on by itself."""
RECENT = timedelta(days=365)

_OFFICES = """
SELECT count(*), count(*) FILTER (WHERE o.low > %s)
FROM scorecards_overall o JOIN scorecards_release r ON r.id = o.release_id AND r.is_current
WHERE o.period = %s AND o.level = 'commune' AND o.score IS NOT NULL AND o.place_code ^@ ANY(%s)
"""


@dataclass(frozen=True)
class Part:
    """``part`` of ``whole`` places; the share is NaN where there is none."""

    part: int
    total: int

    @property
    def share(self) -> float:
        return self.part / self.total if self.total else float("nan")


NOTHING = Part(0, 0)


def offices_meeting(quarter: str, provinces: Sequence[str] = ("",)) -> Part:
    """Kinds of provider in communes with a released overall score; those clearly above 80 of 100.

    Clearly: the whole 95% interval lies above. From printed figures only.
    """
    periods.parse(quarter)
    with connection.cursor() as cursor:
        cursor.execute(_OFFICES, [GREEN_LINE, quarter, list(provinces)])
        total, part = cursor.fetchone()
    return Part(part, total)


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
    results = {row["commune"]: row for row in rows}
    done = {code for code, row in results.items() if row["years"] >= THREE}
    since = today - RECENT
    awake = {code for code in done if (results[code]["last"] or date.min) >= since}
    sessions = InformationSession.objects.standing().filter(held_on__gte=since, commune__in=done)
    awake |= set(sessions.values_list("commune", flat=True))
    return Cycles(Part(len(done), len(results)), Part(len(awake), len(done)))


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
    """The targets of programmes, by programme, newest year first."""
    rows = ProgrammeTarget.objects.filter(programme__in=programmes).select_related("indicator")
    results: dict[int, list[Target]] = {pk: [] for pk in programmes}
    for row in rows:
        named = row.indicator
        label = str(Measure(row.measure).label)
        if named is not None:
            label = f"{row.get_provider_kind_display()}: {named.name}"
        results[row.programme_id].append(
            Target(
                year=row.year,
                measure=row.measure,
                label=label,
                provider_kind=row.provider_kind,
                indicator=named.code if named is not None else "",
                value=row.value,
            )
        )
    return results


def standing_of(target: Target, share: float, low: float, high: float) -> str:
    """Compare a measured value with a target: "met", "below", "open" or "unknown".

    A share is "met" where its whole interval reaches the target and "below" where none of it
    does; between, chance decides ("open"). A count has no interval: low and high are its value.
    """
    if np.isnan(share):
        return "unknown"
    wanted = target.value / 100 if target.is_share else target.value
    if low >= wanted:
        return "met"
    return "below" if high < wanted else "open"
