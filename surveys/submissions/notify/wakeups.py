"""Work after the response: read stored records, inform webhooks.

Rows are the queue: a record with no ``observed_at`` and a delivery that is due wait in the
database, so a lost message of the broker loses nothing. Messages only wake the worker earlier.
"""

from typing import Any

from django.utils import timezone

from jobs.messages import Wake, send_after_commit
from surveys.models import Submission, Webhook, WebhookDelivery

OBSERVE = "surveys.tasks.observe_arrived"
DELIVER = "surveys.tasks.deliver_webhook"
waking = Wake(OBSERVE, seconds=1.0)
"""Records of one second are read together; a tablet sends many."""


def observe_soon() -> None:
    """Wake the worker within a second of the commit.

    A broker that does not answer only delays: beat looks every minute.
    """
    waking.ask()


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
        send_after_commit(DELIVER, row.pk)
    return len(made)
