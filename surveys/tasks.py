"""Background work on submissions: each task parses ids, calls one function, returns a count."""

from celery import shared_task

from surveys.submissions import exporting, observe, webhooks


@shared_task
def observe_arrived() -> int:
    """Read what arrived and make observations of it."""
    return observe.observe_waiting()


@shared_task
def deliver_webhook(delivery_id: int) -> int:
    """Try one delivery (queue ``webhooks``)."""
    return webhooks.deliver(delivery_id)


@shared_task
def deliver_due() -> int:
    """Send a message for each delivery whose time has come."""
    return webhooks.wake_due()


@shared_task
def make_export(job_id: int) -> int:
    """Write the file of one export; returns its rows."""
    return exporting.run(job_id)


@shared_task
def forget_old_exports() -> int:
    """Delete files of exports older than a week."""
    return exporting.forget_old()
