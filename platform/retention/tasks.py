"""Background tasks of retention."""

from celery import shared_task

from retention import services


@shared_task
def apply_retention() -> int:
    """Erase what is older than its rule allows; return how many."""
    return services.apply_all()
