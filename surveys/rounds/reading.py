"""Rounds read for pages, tablets and plans: stages against the plan, results, inputs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Final

from django.db.models import Count, Max, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from standards.models import Indicator
from surveys.models import Meeting, Vote
from surveys.rounds.models import (
    Criterion,
    Entitlement,
    InputFound,
    MeetingNote,
    Round,
    RoundMeeting,
    RoundStage,
    Stage,
    VillageTally,
)
from surveys.rounds.models.rounds import RoundQuerySet

SCORES: Final = (1, 2, 3, 4, 5)
KINDS: Final = (Meeting.Kind.COMMUNITY, Meeting.Kind.SELF_ASSESSMENT)


# -- stages against the plan -------------------------------------------------------------


@dataclass
class StageLine:
    """One stage on a page: what is planned, what was done, how late it is."""

    name: str
    label: str
    planned_on: date | None
    done_on: date | None
    days_late: int
    led_by: str = ""

    @property
    def state(self) -> str:
        """``done``, ``late``, ``planned``, or ``open`` where no day is planned."""
        if self.done_on is not None:
            return "done"
        if self.days_late:
            return "late"
        return "planned" if self.planned_on else "open"


@dataclass
class RoundLine:
    """One round on a page: its stages in order, the first that is due, days late and days idle."""

    round: Round
    stages: list[StageLine]
    next: StageLine | None
    days_late: int
    idle_days: int

    @property
    def done(self) -> int:
        """Count the stages that were done."""
        return sum(stage.done_on is not None for stage in self.stages)


def against_plan(row: Round, today: date, idle_after: int) -> RoundLine:
    """Read the stages of a round (prefetched or not) against its plan on the day ``today``."""
    by_name = {stage.name: stage for stage in row.stages.all()}
    lines = [_stage_line(stage, by_name.get(stage), today) for stage in Stage]
    waiting = [line for line in lines if line.done_on is None]
    due = [line for line in waiting if line.planned_on is not None]
    late = max((line.days_late for line in lines), default=0)
    last = max(
        [line.done_on for line in lines if line.done_on is not None] + [row.planned_at.date()]
    )
    idle = (today - last).days if waiting else 0
    return RoundLine(
        round=row,
        stages=lines,
        next=min(due, key=lambda line: line.planned_on or today, default=None),
        days_late=late,
        idle_days=idle if idle >= idle_after else 0,
    )


def _stage_line(stage: Stage, row: RoundStage | None, today: date) -> StageLine:
    planned, done = (row.planned_on, row.done_on) if row else (None, None)
    late = (today - planned).days if planned and done is None and planned < today else 0
    leads = str(row.responsible) if row and row.responsible_id else ""
    return StageLine(stage.value, str(stage.label), planned, done, late, leads)


def totals_by_stage(rounds: RoundQuerySet, today: date) -> list[dict[str, object]]:
    """Count for each stage how many rounds planned it, did it, and are late."""
    rows = {
        row["name"]: row
        for row in RoundStage.objects.filter(round__in=rounds.order_by().values("pk"))
        .values("name")
        .annotate(
            planned=Count("pk", filter=Q(planned_on__isnull=False)),
            done=Count("pk", filter=Q(done_on__isnull=False)),
            late=Count("pk", filter=Q(done_on=None, planned_on__lt=today)),
        )
    }
    empty = {"planned": 0, "done": 0, "late": 0}
    return [
        {"name": stage.value, "label": stage.label, **empty, **rows.get(stage.value, {})}
        for stage in Stage
    ]


# -- results -----------------------------------------------------------------------------


@dataclass
class Scores:
    """The votes of each score 1 to 5, and the statistics of them."""

    counts: list[int] = field(default_factory=lambda: [0] * 5)

    @property
    def n(self) -> int:
        """Count the votes."""
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """The mean score; None without votes."""
        if not self.n:
            return None
        return sum(s * c for s, c in zip(SCORES, self.counts, strict=True)) / self.n

    @property
    def median(self) -> float | None:
        """Return the median; it need not be a whole number: 2.5 stays 2.5. None without votes."""
        votes = [s for s, c in zip(SCORES, self.counts, strict=True) for _vote in range(c)]
        return float(median(votes)) if votes else None

    @property
    def satisfied(self) -> float | None:
        """The share of scores 4 and 5; None without votes."""
        return (self.counts[3] + self.counts[4]) / self.n if self.n else None


@dataclass
class CriterionResult:
    """One criterion of a round: both sides' scores, and what each side said about it."""

    criterion: Criterion
    name: str
    community: Scores
    own: Scores
    notes: dict[str, list[MeetingNote]]

    @property
    def gap(self) -> float | None:
        """The provider's mean minus the community's; None where one side did not vote."""
        if self.community.mean is None or self.own.mean is None:
            return None
        return self.own.mean - self.community.mean


def results_of(row: Round) -> list[CriterionResult]:
    """Read the results of a round, the largest difference between both sides first.

    Votes on core criteria are the votes that count in the scores; the village's own criteria have
    their counts in the round. A voided meeting has no results.
    """
    criteria = list(row.criteria.filter(kept=True))
    counts = _counts(row, criteria)
    notes: dict[int, dict[str, list[MeetingNote]]] = defaultdict(lambda: defaultdict(list))
    for note in MeetingNote.objects.filter(meeting__round=row).select_related("meeting"):
        notes[note.criterion_id][note.aspect].append(note)
    names = indicator_names({c.indicator_code for c in criteria})
    compared = [
        CriterionResult(
            criterion=criterion,
            name=names.get(criterion.indicator_code) or criterion.text or _("by voice"),
            community=Scores(counts[criterion.pk, Meeting.Kind.COMMUNITY]),
            own=Scores(counts[criterion.pk, Meeting.Kind.SELF_ASSESSMENT]),
            notes=dict(notes[criterion.pk]),
        )
        for criterion in criteria
    ]
    return sorted(compared, key=lambda r: (r.gap is None, -abs(r.gap or 0), r.criterion.position))


def _counts(row: Round, criteria: Iterable[Criterion]) -> dict[tuple[int, str], list[int]]:
    counts: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * 5)
    by_code = {c.indicator_code: c.pk for c in criteria if c.indicator_code}
    votes = (
        Vote.objects.standing()
        .filter(meeting__of_round__round=row)
        .values_list("meeting__kind", "indicator_code", "score")
        .annotate(n=Count("pk"))
        .order_by()
    )
    for kind, code, score, n in votes:
        if code in by_code:
            counts[by_code[code], kind][score - 1] += n
    own = VillageTally.objects.filter(meeting__round=row).exclude(
        meeting__meeting__voided_at__isnull=False
    )
    for kind, criterion, score, n in own.values_list(
        "meeting__kind", "criterion", "score", "votes"
    ):
        counts[criterion, kind][score - 1] += n
    return counts


def indicator_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of indicators in the reader's language, by code."""
    khmer = (get_language() or "km").startswith("km")
    indicators = Indicator.objects.filter(code__in=set(codes) - {""})
    return {i.code: i.name_km if khmer else i.name_en for i in indicators}


# -- inputs ------------------------------------------------------------------------------


@dataclass
class InputLine:
    """One entitlement of a provider by a dated standard, with the amount present."""

    entitlement: Entitlement
    name: str
    unit: str
    entitled: int
    present: int | None
    seen_on: date | None

    @property
    def missing(self) -> int | None:
        """Return how many inputs are missing; None where not known."""
        return None if self.present is None else max(self.entitled - self.present, 0)


def inputs_of(row: Round) -> list[InputLine]:
    """Return what the provider was entitled to when the round met (or its period began)."""
    on = inputs_day(row)
    khmer = (get_language() or "km").startswith("km")
    seen_of = {i.entitlement_id: i for i in InputFound.objects.filter(round=row)}
    lines = []
    for entitlement in Entitlement.objects.in_force(row.provider.kind, on):
        seen = seen_of.get(entitlement.pk)
        lines.append(
            InputLine(
                entitlement=entitlement,
                name=entitlement.name_km if khmer else entitlement.name_en,
                unit=entitlement.unit_km if khmer else entitlement.unit_en,
                entitled=entitlement.quantity,
                present=seen.present if seen else None,
                seen_on=seen.seen_on if seen else None,
            )
        )
    return lines


def inputs_day(row: Round) -> date:
    """Return the day whose standards of inputs count for a round: that of its community meeting."""
    held = RoundMeeting.objects.filter(round=row).aggregate(day=Max("held_on"))["day"]
    planned = row.stages.filter(name=Stage.MET).values_list("planned_on", flat=True).first()
    day: date = held or planned or row.first_day
    return day
