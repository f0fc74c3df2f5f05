"""Bursts: far more calls, reports or minutes than usual, or callers from neighbouring numbers.

The cause may be a broadcast that named the hotline, or somebody who falsifies a commune's figures
or uses up the budget. A program cannot decide which: each is recorded once a day, in the audit
trail and the log, and is shown on the calls page until somebody has looked at it. Nothing is
refused because of it; the limits of ``lines`` and ``menu_effects`` apply in any case.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

import throttling
from accounts.models import User
from accounts.permissions import may
from audit import trail
from surveys import phone_numbers
from surveys.hotline.models import Burst, Call, Line, Told

log = logging.getLogger(__name__)

MANY: Final = {Burst.Kind.CALLS_IN: 30, Burst.Kind.CALLS_OUT: 20, Burst.Kind.TOLD: 10}
"""Fewer than so many are never a burst: calls of an hour, reports of a commune and day."""
TIMES: Final = 5
"""A burst is so many times what is usual."""
USUAL_DAYS: Final = 28
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
NEIGHBOURS: Final = 5
"""Callers of one hundred consecutive numbers within an hour that are a burst."""
BUDGET_SHARE: Final = 0.8


@dataclass(frozen=True)
class Seen:
    """A burst that was noticed: what, where, how many, and how many are usual."""

    kind: str
    line: Line | None
    counted: int
    usual: float
    place_code: str = ""


def watch(now: datetime | None = None) -> int:
    """Look for bursts up to this moment; return how many were new."""
    now = now or timezone.now()
    bursts = [*_calls(now), *_budgets(now), *_report_bursts(now)]
    return sum(note(seen, now) for seen in bursts)


def _calls(now: datetime) -> Iterator[Seen]:
    """Yield lines with far more calls in the last hour than in the same hour of the last four
    weeks.
    """
    for line in Line.objects.filter(is_open=True).exclude(company=Line.Company.SIMULATOR):
        calls = Call.objects.filter(line=line)
        for kind, direction in (
            (Burst.Kind.CALLS_IN, Call.Direction.INBOUND),
            (Burst.Kind.CALLS_OUT, Call.Direction.OUTBOUND),
        ):
            these = calls.filter(direction=direction)
            counted = these.filter(started_at__gt=now - HOUR, started_at__lte=now).count()
            if counted < MANY[kind]:
                continue
            usual = _in_these_hours(these, now) / USUAL_DAYS
            if counted >= TIMES * usual:
                yield Seen(kind, line, counted, usual)


def _in_these_hours(calls: QuerySet[Call], now: datetime) -> int:
    """Count calls of the same hour of the clock on each day that defines what is usual."""
    hours = Q(pk__in=[])
    for days in range(1, USUAL_DAYS + 1):
        until = now - days * DAY
        hours |= Q(started_at__gt=until - HOUR, started_at__lte=until)
    return calls.filter(hours).count()


def _budgets(now: datetime) -> Iterator[Seen]:
    """Yield lines that have used most of their minutes of the day."""
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    used = Q(calls__started_at__gte=day, calls__started_at__lte=now)
    for line in Line.objects.filter(is_open=True).annotate(used=Sum("calls__seconds", filter=used)):
        if line.minutes_a_day and (line.used or 0) >= BUDGET_SHARE * line.minutes_a_day * 60:
            yield Seen(Burst.Kind.BUDGET, line, round(line.used / 60), line.minutes_a_day)


def _report_bursts(now: datetime) -> Iterator[Seen]:
    """Find communes with far more reports in a day than usual, from all callers together."""
    since = now - USUAL_DAYS * DAY - DAY
    recent = Q(at__gt=now - DAY)
    rows = (
        Told.objects.filter(at__gt=since, at__lte=now)
        .exclude(commune_code="")
        .values("commune_code")
        .annotate(counted=Count("pk", filter=recent), before=Count("pk", filter=~recent))
        .filter(counted__gte=MANY[Burst.Kind.TOLD])
        .filter(counted__gte=F("before") * TIMES / USUAL_DAYS)
    )
    for row in rows.order_by("commune_code"):
        usual = row["before"] / USUAL_DAYS
        yield Seen(Burst.Kind.TOLD, None, row["counted"], usual, row["commune_code"])


def note_neighbours(line: Line, number: str) -> None:
    """Count the caller among those of neighbouring numbers.

    Only keyed hashes are stored, for an hour. An error here never costs the caller an answer.
    """
    try:
        international = phone_numbers.international(number)
        block = phone_numbers.caller_key(international[:-2])[:24]
        one = phone_numbers.caller_key(international)[:24]
        if not cache.add(f"hotline:near:{line.pk}:{block}:{one}", 1, HOUR.total_seconds()):
            return
        callers = throttling.count(f"hotline:near:{line.pk}:{block}", seconds=HOUR.total_seconds())
        if callers >= NEIGHBOURS:
            note(Seen(Burst.Kind.NEIGHBOURS, line, callers, 0), timezone.now())
    except phone_numbers.UnreadableNumberError:
        return
    except Exception:
        log.exception("callers of neighbouring numbers could not be counted")


@transaction.atomic
def note(seen: Seen, now: datetime) -> bool:
    """Record a burst, once a day; True where it is new.

    Of a growing one the largest number is kept.
    """
    burst, new = Burst.objects.get_or_create(
        kind=seen.kind,
        line=seen.line,
        place_code=seen.place_code,
        on=timezone.localdate(now),
        defaults={"counted": seen.counted, "usual": seen.usual},
    )
    if not new:
        Burst.objects.filter(pk=burst.pk, counted__lt=seen.counted).update(counted=seen.counted)
        return False
    trail.record(
        by=None,
        job="hotline",
        verb="hotline.burst",
        subject=burst,
        place_code=seen.place_code,
        after={"kind": seen.kind, "counted": seen.counted, "usual": round(seen.usual, 1)},
    )
    where = f"line {seen.line.pk}" if seen.line else f"commune {seen.place_code}"
    log.warning("hotline burst: %s, %s: %s", seen.kind, where, seen.counted)
    return True


@transaction.atomic
def settle(*, burst: Burst, by: User) -> Burst:
    """Record that somebody has looked at a burst; it leaves the top of the calls page.

    Raises PermissionDenied.
    """
    if not may(by, "hotline.edit"):
        raise PermissionDenied
    burst = Burst.objects.select_for_update().get(pk=burst.pk)
    if burst.seen_at is None:
        burst.seen_at, burst.seen_by = timezone.now(), by
        burst.save(update_fields=["seen_at", "seen_by"])
        trail.record(by=by, verb="hotline.burst_seen", subject=burst, place_code=burst.place_code)
    return burst


def unseen() -> QuerySet[Burst]:
    """Return bursts that nobody has looked at, the newest first."""
    return Burst.objects.filter(seen_at=None).select_related("line").order_by("-noted_at")
