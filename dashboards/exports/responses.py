"""Responses of dashboards: figures as JSON and tables as CSV, cached by their content."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language

from dashboards.data.sources import KEEP_SECONDS


def figure_answer(
    request: HttpRequest, key: str, make: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Return a figure as JSON, made once for each ``key``, language and address.

    Its ETag is its content, so that a reader who has it gets 304. ``key`` already says
    who may see what (``sources.Comparison.key``).
    """
    asked = f"{key}:{get_language()}:{request.META['QUERY_STRING']}"
    kept = f"figure:{sha256(asked.encode()).hexdigest()}"
    body: bytes | None = cache.get(kept)
    if body is None:
        figure = make()
        text = json.dumps(figure, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        body = text.encode()
        cache.set(kept, body, KEEP_SECONDS)
    etag = quote_etag(sha256(body).hexdigest()[:32])
    response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    # What one person may see differs from what another may: kept by the browser alone.
    response["Cache-Control"] = "private, no-cache"
    conditional = get_conditional_response(request, etag=etag, response=response)
    return conditional if isinstance(conditional, HttpResponse) else response


def csv_answer(text: str, name: str) -> HttpResponse:
    """Return a CSV file of that name, to be saved."""
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
