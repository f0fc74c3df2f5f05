"""The Celery application: scoring, observing submissions, exports, webhooks."""

import json
import os
from typing import Any

from celery import signals

from config import request_ids
from jobs.messenger import Messenger

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Messenger("config", task_cls="jobs.counted:CountedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
request_ids.carry_through(app)


@signals.worker_init.connect
def take_back_what_a_killed_worker_held(sender: Any, **_: Any) -> None:
    """Queue again what a killed worker had taken, on the embedded broker, at once.

    Valkey hands it out again by itself, but only after longer than the longest task. There is one
    worker for each queue of this checkout, and it is only starting, so nobody works on it.
    """
    if "BROKER_URL" in os.environ:
        return
    with app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        if not hasattr(channel, "unacked_key"):
            return
        for tag, taken in channel.client.hgetall(channel.unacked_key).items():
            _message, _exchange, queue = json.loads(taken)
            if queue in sender.app.amqp.queues.consume_from:
                channel.qos.restore_by_tag(tag.decode() if isinstance(tag, bytes) else tag)


@signals.task_prerun.connect
def check_connections(sender: Any, **_: Any) -> None:
    """Close old connections and test idle ones before a task, as before a request.

    Celery itself keeps connections from task to task (``CELERY_DB_REUSE_MAX``), good or broken.
    """
    if not getattr(sender.request, "is_eager", False):
        from django.db import close_old_connections  # Django may not be set up at import

        close_old_connections()
