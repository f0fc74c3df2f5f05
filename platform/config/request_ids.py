"""An identifier for each request, in every log line, in the answer and in the tasks it sends.

django-structlog carries it through Celery. It would also write a line for each request, with
address, account and hour: those loggers are off (``settings.LOGGING``), because who reported
what at which hour must be in no log.
"""

import logging
import re
from collections.abc import Callable
from typing import Any, cast

import structlog
from celery import Celery
from django.http import HttpRequest, HttpResponse
from django_structlog.celery.steps import DjangoStructLogInitStep
from django_structlog.middlewares import RequestMiddleware

# It is used for its identifiers alone: unconfigured it would print a line for each request.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

HEADER = "HTTP_X_REQUEST_ID"
_PLAUSIBLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,39}")


class RequestIds:
    """Gives a request the proxy's identifier or one of its own, and returns it to the client."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._inner = RequestMiddleware(self._answer)
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get(HEADER, "")
        # everything else that a client sends stays out of the log
        if not _PLAUSIBLE.fullmatch(given):
            request.META.pop(HEADER, None)
        return cast(HttpResponse, self._inner(request))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-Request-ID"] = str(current().get("request_id", ""))
        return response


def current() -> dict[str, Any]:
    """Return the log fields of the request or task in this thread."""
    return structlog.contextvars.get_contextvars()


def carry_through(app: Celery) -> None:
    """Have the tasks of this application carry the identifier of the request that sent them."""
    app.steps["worker"].add(DjangoStructLogInitStep)
