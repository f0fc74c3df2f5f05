"""Scheduled tasks of surveys."""

from celery.schedules import crontab

SCHEDULE = {
    # messages only wake the worker earlier; the rows themselves are the queue
    "observe what waits": {"task": "surveys.tasks.observe_arrived", "schedule": 60.0},
    "deliver what is due": {"task": "surveys.tasks.deliver_due", "schedule": 60.0},
    "send what waits again": {"task": "surveys.tasks.send_waiting", "schedule": 60.0},
    "test forms again": {"task": "surveys.tasks.retest_forms", "schedule": 3600.0},
    "look up changed standards": {"task": "surveys.tasks.rejudge_cases", "schedule": 600.0},
    "throw away old exports": {
        "task": "surveys.tasks.forget_old_exports",
        "schedule": crontab(hour=3, minute=40),
    },
    "forget uploads of forms": {
        "task": "surveys.tasks.forget_old_form_uploads",
        "schedule": crontab(hour=3, minute=50),
    },
}
