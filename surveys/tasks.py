"""Background work on submissions and spreadsheets: each parses ids and calls one function."""

from celery import shared_task

from jobs.counted import RowTask
from standards import revision_steps
from surveys import lost_messages
from surveys.forms import compiling, retesting
from surveys.importing import uploads
from surveys.services import rejudging
from surveys.submissions.exports import csv_lines, formats
from surveys.submissions.notify import webhooks
from surveys.submissions.processing import derive


@shared_task(base=RowTask, soft_time_limit=compiling.SECONDS, time_limit=compiling.SECONDS + 30)
def compile_form(upload_id: int) -> int:
    """Read and compile an uploaded form; return 1 when it was."""
    return compiling.run(upload_id)


@shared_task
def retest_forms() -> int:
    """Send a message for each version of a form that the present engine has not opened."""
    return retesting.send_due()


@shared_task(base=RowTask, soft_time_limit=compiling.SECONDS, time_limit=compiling.SECONDS + 30)
def retest_form(version_id: int) -> int:
    """Compile and run one version again; return 1 when its outcome is stored."""
    return retesting.retest(version_id)


@shared_task
def send_waiting() -> int:
    """Send messages again for imports, exports and forms that wait; return how many were sent."""
    return lost_messages.send_again()


@shared_task
def forget_old_form_uploads() -> int:
    """Delete uploads of forms of more than a day ago; their drafts stay."""
    return compiling.forget_old()


@shared_task(base=RowTask)
def run_import(batch_id: int) -> int:
    """Import an uploaded spreadsheet; return how many rows were added."""
    return uploads.run_upload(batch_id)


@shared_task
def observe_arrived() -> int:
    """Read what arrived and make observations of it."""
    return derive.observe_waiting()


@shared_task
def deliver_webhook(delivery_id: int) -> int:
    """Try one delivery (queue ``webhooks``)."""
    return webhooks.deliver(delivery_id)


@shared_task
def deliver_due() -> int:
    """Send a message for each delivery whose time has come."""
    return webhooks.wake_due()


@shared_task(base=RowTask)
def make_export(job_id: int) -> int:
    """Write the file of one export; return its rows."""
    return formats.run(job_id)


@shared_task(base=RowTask)
def renew_lines(form_id: int) -> int:
    """Make the lines of a form that no longer fit its CSV, after a new version."""
    return csv_lines.renew(form_id)


@shared_task
def forget_old_exports() -> int:
    """Delete files of exports older than a week."""
    return formats.forget_old()


@shared_task
def rejudge_cases() -> int:
    """Look up the standard of cases again after standards changed."""
    revision_steps.rejudging_begins()
    return rejudging.rejudge_cases()
