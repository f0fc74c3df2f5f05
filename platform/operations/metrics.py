"""`/metrics` for Prometheus: requests and tasks of every process, and the gauges of the database.

Shown only with ``METRICS_TOKEN``; without that setting there is no such page.
"""

import hmac
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from celery import signals
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from operations.gauges import gauges

PREFIX = "keep_its_word"

# Names of addresses, never addresses: those hold codes and tokens.
REQUESTS = Counter(f"{PREFIX}_requests", "Answers given.", ["view", "method", "status"])
SECONDS = Histogram(
    f"{PREFIX}_request_seconds",
    "Time until the answer.",
    ["view"],
    buckets=(0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, float("inf")),
)
TASKS = Counter(f"{PREFIX}_tasks", "Background tasks that ended.", ["task", "state"])

QUIET = {"healthz", "readyz", "operations:metrics"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Metrics:
    """Counts every answer by the name of its view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else "none"
        if view not in QUIET:
            # any other word sent as a method makes no series of its own
            method = request.method if request.method in METHODS else "other"
            REQUESTS.labels(view or "unnamed", method, str(response.status_code)).inc()
            SECONDS.labels(view or "unnamed").observe(time.perf_counter() - start)
        return response


@signals.task_postrun.connect
def count_task(sender: Any = None, state: str | None = None, **_: Any) -> None:
    """Count a task that ended, by its state."""
    TASKS.labels(getattr(sender, "name", "none"), state or "none").inc()


class FromDatabase:
    """The gauges of the database, read when Prometheus asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Families of gauges, each with its labels."""
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in gauges():
            family = families.setdefault(
                gauge.name,
                GaugeMetricFamily(f"{PREFIX}_{gauge.name}", gauge.about, labels=list(gauge.labels)),
            )
            family.add_metric(list(gauge.labels.values()), gauge.value)
        yield from families.values()


def exposition() -> bytes:
    """Return all metrics as text.

    First come those of all processes of this host, then those of the database.
    """
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        processes = CollectorRegistry()
        MultiProcessCollector(processes)  # type: ignore[no-untyped-call]
    else:
        processes = REGISTRY
    database = CollectorRegistry()
    database.register(FromDatabase())
    return generate_latest(processes) + generate_latest(database)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Show the metrics to a request with the token."""
    wanted, given = settings.METRICS_TOKEN, request.headers.get("Authorization", "")
    if not wanted or not hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode()):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
