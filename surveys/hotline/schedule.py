"""Scheduled tasks of the hotline."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "calls we owe": {"task": "surveys.hotline.tasks.call_due", "schedule": 20.0},
    "messages that are due": {"task": "surveys.hotline.tasks.send_due_texts", "schedule": 60.0},
    "words the company still keeps": {
        "task": "surveys.hotline.tasks.forget_all_words",
        "schedule": 300.0,
    },
    "calls without an end": {
        "task": "surveys.hotline.tasks.reconcile",
        # with callbacks.LOST_AFTER: no call stays open for ten minutes
        "schedule": 60.0,
    },
    "a call to ourselves": {"task": "surveys.hotline.tasks.try_a_call", "schedule": 600.0},
    "far more than usual": {"task": "surveys.hotline.tasks.watch_bursts", "schedule": 300.0},
    "requests whose day has come": {
        "task": "surveys.hotline.tasks.remind_requests",
        "schedule": crontab(minute=0, hour=9),
    },
    "what nobody recorded, in English": {
        "task": "surveys.hotline.tasks.speak_missing",
        "schedule": crontab(minute=7),
    },
    "what may be kept no longer": {
        "task": "surveys.hotline.tasks.purge",
        "schedule": crontab(minute=30, hour=2),
    },
}
