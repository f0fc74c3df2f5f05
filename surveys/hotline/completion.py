"""Completion of calls: by way through the menu, by service and over time; promises kept.

Counted are calls, not keys. A share is shown only of ten or more, a service only where five or
more callers asked about it or reported it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from standards.models import Service
from surveys.hotline.figures import FEW, percent
from surveys.hotline.models import Call, CallBack, Event, Step, Told

_PATHS: Final[tuple[tuple[str | Promise, str, str], ...]] = (
    (_("Asked for a price: heard it"), "info.service", "info.answer"),
    (_("Heard a price: heard the documents too"), "info.answer", "info.papers"),
    (_("Started to report an experience: finished it"), "tell", "told"),
    (_("Entered a code: heard the status of the request"), "request.code", "request.status"),
    (_("Was called about a request: heard its status"), "followup", "request.status"),
    (_("Heard the status of a request: said how it ended"), "request.status", "closed"),
    (_("Was asked for consent to a call back: agreed"), "callback.consent", "callback.promised"),
)
"""A way through the menu: its name, where it begins, and the node that completes it."""
BEGIN_TO_TELL: Final = ("tell.time", "tell.got")
"""The first question: with the official time, or without it where none was published."""


@dataclass(frozen=True)
class Path:
    """One way through the menu: how many calls began and how many completed it."""

    title: str | Promise
    began: int
    through: int

    @property
    def share(self) -> str:
        """Percentage of those who began it; "" for fewer than ten."""
        return percent(self.through, self.began)


@dataclass(frozen=True)
class OfService:
    """One service: calls that asked about it, that began and finished a report, and the reports."""

    service: Service
    asked: int
    callers: int
    began: int
    reported: int
    paid_more: str
    of_paid: int
    late: str
    of_late: int

    @property
    def share(self) -> str:
        """Complete reports as a percentage of those that were begun."""
        return percent(self.reported, self.began)


@dataclass(frozen=True)
class Period:
    """One day, week or month: calls in, those among them that heard a price, that reported."""

    begins: datetime
    inbound: int
    missed: int
    declined: int
    informed: int
    reported: int

    @property
    def share(self) -> str:
        """Percentage of the calls answered that heard a fee or time."""
        return percent(self.informed, self.inbound - self.missed - self.declined)


def _calls_at(since: datetime) -> dict[str, set[int]]:
    """Return the calls that reached each node, and those that reported, heard of a request, closed
    it.
    """
    calls = Call.objects.filter(started_at__gte=since)
    reached: dict[str, set[int]] = defaultdict(set)
    steps = Step.objects.filter(call__in=calls).values_list("node", "call").distinct()
    for node, call in steps.iterator():
        reached[node].add(call)
    reached["tell"] = set().union(*(reached[node] for node in BEGIN_TO_TELL))
    experiences = Told.objects.filter(call__in=calls, complete=True)
    reached["told"] = set(experiences.values_list("call", flat=True))
    answered = Q(request__closed_at__gte=F("started_at")) | Q(
        request__waiting_told_at__gte=F("started_at")
    )
    reached["closed"] = set(calls.filter(answered).values_list("pk", flat=True))
    return reached


def paths(since: datetime) -> list[Path]:
    """Return each way through the menu that was begun since then."""
    reached = _calls_at(since)
    ways = []
    for title, begins, ends in _PATHS:
        if began := reached[begins]:
            ways.append(Path(title, len(began), len(reached[ends] & began)))
    return ways


def services(since: datetime) -> list[OfService]:
    """Summarise callers' questions and reports by service; fewer than five calls are left out."""
    asked = _calls_of_services(since, "info.answer")
    began = _calls_of_services(since, *BEGIN_TO_TELL)
    by_service: dict[str, list[Told]] = defaultdict(list)
    for row in Told.objects.filter(call__started_at__gte=since):
        by_service[row.service_code].append(row)
    rows = []
    for service in Service.objects.order_by("position", "code"):
        of = asked.get(service.code, 0), began.get(service.code, 0)
        if max(of) >= FEW:
            rows.append(_of_service(service, *of, by_service[service.code]))
    return sorted(rows, key=lambda row: -row.asked)


def _calls_of_services(since: datetime, *nodes: str) -> dict[str, int]:
    steps = Step.objects.filter(call__started_at__gte=since, node__in=nodes)
    of_service = steps.values_list("service_code")
    return dict(of_service.annotate(calls=Count("call", distinct=True)))


def _of_service(service: Service, asked: int, began: int, reported: list[Told]) -> OfService:
    """Summarise the reports and callers of one service.

    From the fourth report of one caller in a day on, only ``told`` counts them.
    """
    counted = [row.answers for row in reported if row.counts]
    paid, more = _answered(counted, "paid", ("at_most", "more"), "more")
    timed, late = _answered(counted, "got", ("in_time", "late"), "late")
    return OfService(
        service=service,
        asked=asked,
        callers=len({row.caller_key for row in reported if row.caller_key}),
        began=began,
        reported=sum(row.complete for row in reported),
        paid_more=percent(more, paid),
        of_paid=paid,
        late=percent(late, timed),
        of_late=timed,
    )


def _answered(
    answers: list[dict[str, str]], question: str, existing: tuple[str, ...], wanted: str
) -> tuple[int, int]:
    """Count the answers to a question: (all with content, those equal to ``wanted``)."""
    sentences = Counter(a.get(question) for a in answers)
    return sum(sentences[answer] for answer in existing), sentences[wanted]


def over_time(since: datetime, days: int) -> list[Period]:
    """Return calls in by day (up to a week), week (up to a quarter) or month, the newest first."""
    cut = TruncDay if days <= 7 else TruncWeek if days <= 90 else TruncMonth
    calls = Call.objects.filter(started_at__gte=since, direction=Call.Direction.INBOUND)
    experiences = Told.objects.filter(call__in=calls, complete=True)
    callers_by_day = dict(
        experiences.values_list(cut("call__started_at")).annotate(Count("call", distinct=True))
    )
    rows = (
        calls.annotate(begins=cut("started_at"))
        .values("begins")
        .annotate(
            all_in=Count("pk"),
            not_picked_up=Count("pk", filter=Q(status=Call.Status.MISSED)),
            refused=Count("pk", filter=Q(status=Call.Status.DECLINED)),
            heard=Count("pk", filter=Q(first_fact_at__isnull=False)),
        )
        .order_by("-begins")
    )
    return [
        Period(
            begins=row["begins"],
            inbound=row["all_in"],
            missed=row["not_picked_up"],
            declined=row["refused"],
            informed=row["heard"],
            reported=callers_by_day.get(row["begins"], 0),
        )
        for row in rows
    ]


def call_backs(since: datetime) -> list[tuple[str | Promise, int, int, int]]:
    """Count promised calls since then: (reason, promised, tried, answered); without checks."""
    rows = (
        CallBack.objects.filter(made_at__gte=since)
        .exclude(why=CallBack.Why.CHECK)
        .values_list("why")
        .annotate(
            promised=Count("pk"),
            tried=Count("pk", filter=Q(tries__gt=0)),
            reached=Count("pk", filter=Q(outcome=CallBack.Outcome.REACHED)),
        )
        .order_by("why")
    )
    return [(CallBack.Why(why).label, *counts) for why, *counts in rows]


def texts(since: datetime) -> dict[str, int]:
    """Count messages by the company's last report: delivered, and not delivered."""
    events = Event.objects.filter(at__gte=since, kind__startswith="message.")
    rows: Any = Counter(events.values_list("kind", flat=True))
    failed = rows["message.failed"] + rows["message.undelivered"] + rows["message.canceled"]
    return {"delivered": rows["message.delivered"], "failed": failed}
