"""Celery tasks of the links."""

from celery import shared_task

from interchange import services
from interchange.models import Link
from jobs import messages

RUN = "interchange.tasks.run_link"


@shared_task(name=RUN, ignore_result=True)
def run_link(link_id: int) -> int:
    """Receive or send what is new by one link; return how much."""
    return services.run(link_id)


@shared_task(name="interchange.tasks.run_links", ignore_result=True)
def run_links() -> int:
    """Send a message for each link; return how many."""
    ids = list(Link.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        messages.send(RUN, pk, expires=600)
    return len(ids)
