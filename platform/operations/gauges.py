"""The state of the installation in numbers, read from the database and the backups' folder.

The same numbers serve Prometheus (``operations.metrics``) and the status page in words
(``operations.status``): so alarms and the page never disagree. Ages are seconds; an age of 0 means
that nothing waits.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from operations.backups.restoring import VERIFIED
from scorecards.models import PendingComparison, PendingRollUp, ScoreAlarm, ScoringRun
from surveys.hotline.models import Line
from surveys.models import (
    AppUser,
    ExportJob,
    ImportBatch,
    ObservationChange,
    Submission,
    WebhookDelivery,
)

SILENT = timedelta(days=7)
"""The silence after which a tablet that was in use is worth a call."""


@dataclass(frozen=True)
class Gauge:
    """One number: its name in Prometheus, what it counts, and its labels."""

    name: str
    about: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def gauges() -> Iterator[Gauge]:
    """Yield every gauge, in a stable order."""
    now = timezone.now()
    yield from waiting(now)
    yield from scores(now)
    silent = silent_tablets(AppUser.objects.all(), now).count()
    yield Gauge("silent_tablets", "Tablets in use that did not speak for 7 days.", silent)
    for number, used, budget in hotline(now):
        labels = {"line": number}
        yield Gauge("hotline_seconds_used_today", "Seconds of calls today.", used, labels)
        yield Gauge("hotline_seconds_budget", "Seconds of calls allowed a day.", budget, labels)
    last = last_backups()
    for name, day in (("backup", last.made_at), ("verified_backup", last.verified_at)):
        age = (now - day).total_seconds() if day else float("nan")
        yield Gauge(f"last_{name}_age_seconds", f"Seconds since the last {name}.", age)


def waiting(now: datetime) -> Iterator[Gauge]:
    """Yield for each kind of work that waits in a table: how much, and the age of the oldest."""
    for kind, rows, column in _queues(now):
        totals = rows.aggregate(count=Count("pk"), oldest=Min(column))
        labels = {"kind": kind}
        yield Gauge("waiting", "Rows that wait for a worker.", totals["count"], labels)
        age = _age(totals["oldest"], now)
        yield Gauge("waiting_oldest_seconds", "Wait of the oldest.", age, labels)
    unread = Submission.objects.unread().count()
    yield Gauge("records_unread", "Records that could not be turned into cases.", unread)


def _queues(now: datetime) -> Iterator[tuple[str, Any, str]]:
    stored = Submission.objects.standing().filter(observed_at=None)
    yield "records", stored, "received_at"
    yield "scores", ObservationChange.objects.all(), "changed_at"
    due = WebhookDelivery.objects.filter(next_try_at__lte=now)
    yield "webhooks", due, "next_try_at"
    yield "exports", ExportJob.objects.filter(finished_at=None), "asked_at"
    yield "imports", ImportBatch.objects.filter(finished_at=None), "created_at"


def scores(now: datetime) -> Iterator[Gauge]:
    """Yield the gauges of stored scores: pending work, alarms, age of the last check."""
    yield Gauge("sums_pending", "Province sums to compute.", PendingRollUp.objects.count())
    yield Gauge("comparisons_pending", "Periods to compare.", PendingComparison.objects.count())
    alarms = ScoreAlarm.objects.filter(resolved_at=None).count()
    yield Gauge("score_alarms", "Scores that a second computation does not confirm.", alarms)
    age = (now - checked).total_seconds() if (checked := last_check()) else float("nan")
    yield Gauge("last_nightly_check_age_seconds", "Seconds since the last nightly check.", age)


def last_check() -> datetime | None:
    """Return the end of the last nightly check of all scores."""
    done = ScoringRun.objects.filter(
        kind=ScoringRun.Kind.NIGHTLY, state=ScoringRun.State.DONE, province_code=""
    )
    return done.order_by("-finished_at").values_list("finished_at", flat=True).first()


def silent_tablets(tablets: Any, now: datetime) -> Any:
    """Return those of ``tablets`` that were in use and have not synced for a while."""
    return tablets.filter(revoked_at=None, last_used_at__lt=now - SILENT)


def hotline(now: datetime) -> list[tuple[str, int, int]]:
    """Return open lines: number, seconds used today, seconds allowed a day."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    used = Coalesce(Sum("calls__seconds", filter=Q(calls__started_at__gte=midnight)), 0)
    lines = Line.objects.filter(is_open=True).annotate(used=used).order_by("number")
    return list(lines.values_list("number", "used", F("minutes_a_day") * 60))


@dataclass(frozen=True)
class LastBackups:
    """The times of the last backup made, and of the last restored and compared."""

    made_at: datetime | None
    verified_at: datetime | None


def last_backups() -> LastBackups:
    """Read from the backup folder when the last backup was made and verified."""
    folder: Path = settings.BACKUP_FOLDER
    made, verified = [], []
    for manifest in folder.glob("[0-9]*/manifest.json"):
        made.append(_moment(manifest, "made_at"))
        verified.append(_moment(manifest.with_name(VERIFIED), "verified_at"))
    return LastBackups(
        max(filter(None, made), default=None), max(filter(None, verified), default=None)
    )


def _moment(file: Path, key: str) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(file.read_text())[key])
    except (OSError, ValueError, KeyError):
        return None


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
