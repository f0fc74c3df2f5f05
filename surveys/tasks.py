"""Background work on submissions and spreadsheets: each parses ids and calls one function."""

from celery import shared_task

from standards import revision_steps
from surveys.forms import compiling
from surveys.importing import uploads
from surveys.services import rejudging
from surveys.submissions import exporting, lines, observe, webhooks


@shared_task(soft_time_limit=compiling.SECONDS, time_limit=compiling.SECONDS + 30)
def compile_form(upload_id: int) -> int:
    """Read and compile an uploaded form; returns 1 when it was."""
    return compiling.run(upload_id)


@shared_task
def forget_old_form_uploads() -> int:
    """Delete uploads of forms of more than a day ago; their drafts stay."""
    return compiling.forget_old()


@shared_task
def run_import(batch_id: int) -> int:
    """Import an uploaded spreadsheet; returns how many rows were added."""
    return uploads.run_upload(batch_id)


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
def renew_lines(form_id: int) -> int:
    """Make the lines of a form that no longer fit its CSV, after a new version."""
    return lines.renew(form_id)


@shared_task
def forget_old_exports() -> int:
    """Delete files of exports older than a week."""
    return exporting.forget_old()


@shared_task
def rejudge_cases() -> int:
    """Look up the standard of cases again after standards changed."""
    revision_steps.rejudging_begins()
    return rejudging.rejudge_cases()
