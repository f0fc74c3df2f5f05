"""Scheduled tasks of scores."""

from celery.schedules import crontab

SCHEDULE = {
    # computes what a lost message was about
    "sweep": {"task": "scorecards.tasks.recompute_changed", "schedule": 30.0},
    # checks of the whole nation run a few minutes after the scores
    "compare": {"task": "scorecards.tasks.compare", "schedule": 300.0},
    "resume": {"task": "scorecards.tasks.resume_runs", "schedule": 300.0},
    "nightly": {"task": "scorecards.tasks.nightly", "schedule": crontab(hour="1", minute="10")},
}
