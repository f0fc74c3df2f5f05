"""How dashboards answer: figures as JSON and tables as CSV, cached by what they say."""

import json
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag


def figure_answer(request: HttpRequest, figure: dict[str, Any]) -> HttpResponse:
    """A figure as JSON. Its ETag is its content, so that a reader who has it gets 304."""
    body = json.dumps(figure, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    etag = quote_etag(sha256(body).hexdigest()[:32])
    response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    # What one person may see differs from what another may: kept by the browser alone.
    response["Cache-Control"] = "private, no-cache"
    found = get_conditional_response(request, etag=etag, response=response)
    return found if isinstance(found, HttpResponse) else response


def csv_answer(text: str, name: str) -> HttpResponse:
    """A CSV file of that name, to be saved."""
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
