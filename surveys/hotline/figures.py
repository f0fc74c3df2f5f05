"""Figures of the hotline: who calls, what they ask, where they hang up, what it costs."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, Exists, F, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from surveys.hotline import callbacks, lines, step_labels
from surveys.hotline.models import Call, Event, Language, Line, Step, Told
from surveys.hotline.script import entries

JUDGED = 10
"""No share of fewer than so many is shown, as everywhere on the platform."""
FEW = 5
"""Figures of fewer callers than this are not shown by place or service."""


@dataclass(frozen=True)
class Summary:
    """Calls since a day. ``informed`` heard an official fee or time; ``told`` answered all,
    ``cases`` of them became cases of the scores.

    ``missed`` were not picked up so that we call back for free, ``declined`` met a limit;
    ``reconciled`` ended without the company's word, which we then asked for.
    """

    inbound: int
    missed: int
    declined: int
    outbound: int
    callers: int
    returning: int
    informed: int
    reported: int
    cases: int
    ended: int
    reconciled: int
    minutes: int
    riel: int
    seconds_to_fact: float | None
    slow_milliseconds: int

    @property
    def answered(self) -> str:
        """The share of incoming calls that were answered.

        Missed calls ask to be called back and are not counted as failures.
        """
        return percent(self.inbound - self.missed - self.declined, self.inbound - self.missed)

    @property
    def lost(self) -> str:
        """The share of ended calls whose end the company did not report by itself."""
        return percent(self.reconciled, self.ended)


def percent(part: int, of: int) -> str:
    """Return a share in whole percent, "" where it is of fewer than ten."""
    return f"{round(100 * part / of)}%" if of >= JUDGED else ""


@dataclass(frozen=True)
class Node:
    """One node of the menu: how often it was reached, and what callers did there."""

    name: str
    reached: int
    keys: int
    invalid: int
    silent: int
    hung_up: int

    @property
    def left(self) -> str:
        """The share of callers who hung up here, of those who reached the node."""
        return percent(self.hung_up, self.reached)

    @property
    def title(self) -> str:
        """Return the step's name for people."""
        return step_labels.step(self.name)


def summary(since: datetime) -> Summary:
    """Return the calls since then, in one line of figures."""
    calls = Call.objects.filter(started_at__gte=since)
    counted = calls.aggregate(
        inbound=Count("pk", filter=Q(direction="inbound")),
        missed=Count("pk", filter=Q(status=Call.Status.MISSED)),
        declined=Count("pk", filter=Q(status=Call.Status.DECLINED)),
        ended=Count(
            "pk", filter=Q(ended_at__isnull=False, seconds__isnull=False, steps_taken__gt=0)
        ),
        outbound=Count("pk", filter=Q(direction="outbound")),
        callers=Count("caller_key", distinct=True, filter=~Q(caller_key="")),
        informed=Count("pk", filter=Q(first_fact_at__isnull=False)),
        seconds=Coalesce(Sum("seconds"), 0),
        to_fact=Avg(F("first_fact_at") - F("started_at")),
    )
    earlier = Call.objects.filter(caller_key=OuterRef("caller_key"), started_at__lt=since)
    rows = calls.exclude(caller_key="").filter(Exists(earlier))
    slow = Step.objects.filter(call__in=calls).aggregate(worst=Max("milliseconds"))["worst"]
    return Summary(
        inbound=counted["inbound"],
        missed=counted["missed"],
        declined=counted["declined"],
        ended=counted["ended"],
        reconciled=Event.objects.filter(kind=callbacks.RECONCILED, at__gte=since).count(),
        returning=rows.values("caller_key").distinct().count(),
        outbound=counted["outbound"],
        callers=counted["callers"],
        informed=counted["informed"],
        reported=Told.objects.filter(at__gte=since, complete=True).count(),
        cases=Told.objects.filter(at__gte=since, case_month__isnull=False).count(),
        minutes=round(counted["seconds"] / 60),
        riel=sum(lines.cost_in_riel(line, since) for line in Line.objects.all()),
        seconds_to_fact=counted["to_fact"].total_seconds() if counted["to_fact"] else None,
        slow_milliseconds=slow or 0,
    )


def funnel(since: datetime) -> list[Node]:
    """Return every node of the menu that was reached, most often first.

    The outcome of a node is in the step after it; a call that ended without a
    further step was hung up where it stood.
    """
    steps = Step.objects.filter(call__started_at__gte=since)
    last = Q(call__steps_taken=F("number") + 1, call__ended_at__isnull=False)
    reached = {
        row["node"]: row
        for row in steps.values("node").annotate(
            reached=Count("pk"),
            left=Count("pk", filter=last),
        )
    }
    did: dict[str, dict[str, int]] = {}
    for before, outcome, times in _pairs(since):
        did.setdefault(before, {})[outcome] = times
    return sorted(
        (
            Node(
                name,
                row["reached"],
                did.get(name, {}).get(Step.Result.KEY, 0),
                did.get(name, {}).get(Step.Result.INVALID, 0),
                did.get(name, {}).get(Step.Result.SILENCE, 0),
                row["left"],
            )
            for name, row in reached.items()
        ),
        key=lambda node: -node.reached,
    )


def _pairs(since: datetime) -> list[tuple[str, str, int]]:
    """Count (node, what was done there, how often): each step with the one before it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT before.node, after.result, count(*)
            FROM hotline_step AS after
            JOIN hotline_step AS before
              ON before.call_id = after.call_id AND before.number = after.number - 1
            JOIN hotline_call AS call ON call.id = after.call_id
            WHERE call.started_at >= %s
            GROUP BY 1, 2
            """,
            [since],
        )
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


def recorded() -> list[tuple[Language, dict[str, int]]]:
    """Return each language with how many clips are recorded, stale and missing."""
    counted = []
    for language in Language.objects.all():
        counts = {"recorded": 0, "machine": 0, "stale": 0, "missing": 0, "optional": 0}
        for entry in entries(language):
            counts[entry.state] += 1
        counted.append((language, counts))
    return counted
