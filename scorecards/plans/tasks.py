"""Celery tasks of plans: each takes ids, calls one function and can run twice."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from jobs.clock import database_now
from scorecards.plans import jobs
from scorecards.plans.alerts import prepare as alerts
from scorecards.plans.measures import release
from scorecards.plans.reminders import collect, send


@shared_task(name="scorecards.plans.tasks.remind", ignore_result=True)
def remind(moment: str = "") -> int:
    """Find what is due, make today's messages and send them; return how many were sent."""
    now = datetime.fromisoformat(moment) if moment else database_now()
    collect.collect(timezone.localtime(now).date())
    send.pack(now)
    sent = send.send_due(now)
    # after the reminders, which an alert that cannot be made must not hold back
    alerts.prepare(now)
    return sent + send.send_due(now)


@shared_task(name="scorecards.plans.tasks.print_plans", ignore_result=True)
def print_plans(job_id: int) -> int:
    """Print the plans of a job as one PDF; return how many."""
    return jobs.print_plans(job_id)


@shared_task(name="scorecards.plans.tasks.import_past_plans", ignore_result=True)
def import_past_plans(job_id: int) -> int:
    """Import past plans from the spreadsheet of a job; return how many rows were recorded."""
    return jobs.import_past(job_id)


@shared_task(name="scorecards.plans.tasks.release_measures", ignore_result=True)
def release_measures() -> int:
    """Add the measures of plans to published releases that lack them; return how many releases."""
    return release.release_measures()
