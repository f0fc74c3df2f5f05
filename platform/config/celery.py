"""The Celery application: scoring, observing submissions, exports, webhooks."""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.task_prerun.connect
def check_connections(sender: Any, **_: Any) -> None:
    """Before a task, as before a request: drop what is too old, try what was left idle.

    Celery itself keeps connections from task to task (``CELERY_DB_REUSE_MAX``), for good or bad.
    """
    if not getattr(sender.request, "is_eager", False):
        from django.db import close_old_connections  # Django may not be set up at import

        close_old_connections()
