"""Celery tasks of dashboards: each takes ids, calls one function and can run twice."""

from celery import shared_task

from dashboards.reports import batch


@shared_task(name="dashboards.tasks.print_sheets", ignore_result=True)
def print_sheets(job_id: int) -> int:
    """Print the scorecards of a job as one PDF; return how many."""
    return batch.print_sheets(job_id)
