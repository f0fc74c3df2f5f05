"""`/healthz`: 200 only when database, broker and a worker for every queue answer.

`/readyz`: 200 when this web process can answer pages, for a proxy that chooses among several.
"""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import Celery, current_app
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.queues import QUEUES
from config.running import preparing

SECONDS = 2
"""Seconds that each of the three may take to answer."""


def database_answers() -> bool:
    """Return whether the database answers on a connection of this thread."""
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    finally:
        connections["default"].close()


def broker_answers() -> bool:
    """Return True when the broker accepts a connection; raises when it does not."""
    with current_app.connection_for_write(connect_timeout=SECONDS) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=SECONDS)
        return True


def worker_answers() -> bool:
    """Return whether for every queue a worker answers that takes from it."""
    return every_queue_is_heard(current_app) and _workers_say_so()


def every_queue_is_heard(app: Celery) -> bool:
    """Return whether RabbitMQ has a reader for every queue; True on other brokers.

    After a full disk it may have lost a quorum queue and its readers, while the worker, which is
    asked by another way, still answers.
    """
    with app.connection_for_write(connect_timeout=SECONDS) as connection:
        if connection.transport.driver_type != "amqp":
            return True
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=SECONDS)
        channel: Any = connection.default_channel
        return all(channel.queue_declare(q, passive=True).consumer_count for q in QUEUES)


def _workers_say_so() -> bool:
    # one for all, or one for each, as `manage.py serve` starts them: so no request waits the full
    # time
    return _are_served(1) or _are_served(len(QUEUES)) or _are_served(None)


def _are_served(limit: int | None) -> bool:
    answers = current_app.control.inspect(timeout=SECONDS / 2, limit=limit).active_queues() or {}
    served = {queue["name"] for queues in answers.values() for queue in queues}
    return served.issuperset(QUEUES)


PARTS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "broker": broker_answers,
    "worker": worker_answers,
}


def _ask(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except Exception:  # whatever the error, the part does not answer
        return False


def answers(parts: dict[str, Callable[[], bool]] = PARTS) -> dict[str, bool]:
    """Ask all parts at the same time, each on its own connection.

    Return part -> whether it answered.
    """
    pool = ThreadPoolExecutor(len(parts))
    try:
        asked = {name: pool.submit(_ask, question) for name, question in parts.items()}
        answered = {}
        for name, future in asked.items():
            try:
                answered[name] = future.result(SECONDS * 2)
            except TimeoutError:
                answered[name] = False
        return answered
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell a supervisor whether this installation can do its work."""
    parts = answers()
    answer = JsonResponse(
        {part: "ok" if well else "no answer" for part, well in parts.items()},
        status=200 if all(parts.values()) else 503,
    )
    # it is asked often, and at each start before everything is there: no line in the log
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


@functools.cache
def _is_migrated() -> bool:
    """Return True once the database has every migration of this code, else raise LookupError."""
    try:
        if not preparing.is_migrated():
            raise LookupError("migrations are missing")  # not remembered
    finally:
        connections["default"].close()
    return True


def _is_ready() -> bool:
    return database_answers() and _is_migrated()


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell a proxy whether to send people here: the database answers and is up to date."""
    well = answers({"ready": _is_ready})["ready"]
    text = "ok" if well else "The database does not answer, or waits for migrate."
    answer = JsonResponse({"ready": text}, status=200 if well else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
