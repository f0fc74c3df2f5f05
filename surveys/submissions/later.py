"""What happens after the answer: reading what was stored, telling webhooks.

Rows are the queue: a record with no ``observed_at`` and a delivery that is due wait
in the database, so a lost message of the broker loses nothing. Messages only wake
the worker early.
"""

import logging
import threading
import time
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone

from surveys.models import Submission, Webhook, WebhookDelivery

OBSERVE = "surveys.tasks.observe_arrived"
DELIVER = "surveys.tasks.deliver_webhook"
_PAUSE = 1.0
_log = logging.getLogger(__name__)
_lock = threading.Lock()
_woken_until = 0.0


def observe_soon() -> None:
    """Wake the worker a second from now, at most once a second from each process.

    A record stored within that second is found by the same message, because it runs
    after the second is over. A broker that is away only delays: beat looks every minute.
    """
    global _woken_until  # noqa: PLW0603 - one clock for the process, under a lock
    with _lock:
        now = time.monotonic()
        if now < _woken_until:
            return
        _woken_until = now + _PAUSE
    # in a transaction the row is visible only after commit
    transaction.on_commit(_wake, robust=True)


def forget_waking() -> None:
    """Forget when the worker was last woken (in tests)."""
    global _woken_until  # noqa: PLW0603 - see above
    _woken_until = 0.0


def _wake() -> None:
    _send(OBSERVE, countdown=_PAUSE)


def _send(task: str, *args: Any, **options: Any) -> None:
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True, **options)
    except Exception:
        # a worker finds the row by itself; the record must not fail because of this
        _log.warning("The broker did not take %s", task, exc_info=True)


def tell_webhooks(event: str, submission: Submission, **about: Any) -> int:
    """Write one delivery for each webhook of the programme that wants this event.

    Call it in the transaction of the change. The body names the record and never
    carries its answers: the receiver fetches them with its own rights.
    """
    form = submission.form
    hooks = Webhook.objects.filter(
        programme_id=form.programme_id, is_active=True, events__contains=[event]
    )
    body = {
        "event": event,
        "projectId": form.programme_id,
        "xmlFormId": form.xml_form_id,
        "instanceId": submission.instance_id,
        "reviewState": submission.state,
        "at": timezone.now().isoformat(),
        **about,
    }
    rows = [
        WebhookDelivery(webhook=hook, event=event, body=body, next_try_at=timezone.now())
        for hook in hooks
    ]
    made = WebhookDelivery.objects.bulk_create(rows)
    for row in made:
        transaction.on_commit(partial(_send, DELIVER, row.pk), robust=True)
    return len(made)
