"""Scheduled tasks of the citizens' app."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "answers nobody asks for": {
        "task": "surveys.citizen.tasks.purge_answers",
        "schedule": crontab(minute=40, hour=2),
    },
    # in the morning, and again where a push service did not answer
    "reminders of promised days": {
        "task": "surveys.citizen.tasks.send_push_reminders",
        "schedule": crontab(minute=10, hour="7-11"),
    },
    "shuffle yesterday's sealed reports": {
        "task": "surveys.citizen.tasks.close_days_of_reports",
        "schedule": crontab(minute=10, hour=0),
    },
}
