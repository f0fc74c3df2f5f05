"""Scheduled tasks of retention."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "erase what is too old": {
        "task": "retention.tasks.apply_retention",
        "schedule": crontab(hour=1, minute=20),
    }
}
