"""What the app does by the clock."""

from celery import shared_task

from surveys.citizen import answers


@shared_task
def purge_answers() -> int:
    """Forget answers that no phone will ask for any more; how many."""
    return answers.purge()
