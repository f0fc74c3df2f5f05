"""Background tasks of the citizens' app."""

from celery import shared_task

from surveys.citizen import answers, push, services


@shared_task
def purge_answers() -> int:
    """Delete answers that no phone will ask for any more; return how many."""
    return answers.purge()


@shared_task
def send_push_reminders() -> int:
    """Remind the browsers whose promised day has come; return how many."""
    return push.send_due()


@shared_task
def close_days_of_reports() -> int:
    """Shuffle yesterday's sealed reports, so that nothing reveals their hours; return how many."""
    return services.close_days()
