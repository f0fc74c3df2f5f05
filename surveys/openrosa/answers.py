"""Answers in OpenRosa's form: every one carries the headers ODK Collect looks for."""

import json
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

ACCEPT_LENGTH = 100_000_000
"""Bytes of one POST; larger records come in several."""

_TEMPLATE = (
    '<OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0">'
    '<message nature="{nature}">{message}</message></OpenRosaResponse>'
)


def stamped(response: HttpResponse) -> HttpResponse:
    """Put OpenRosa's headers on an answer; without them Collect sees a captive portal."""
    response["X-OpenRosa-Version"] = "1.0"
    response["X-OpenRosa-Accept-Content-Length"] = str(ACCEPT_LENGTH)
    response["Content-Language"] = "en"
    response["Date"] = formatdate(usegmt=True)
    return response


def message(status: int, text: str) -> HttpResponse:
    """Return an OpenRosaResponse; Collect shows ``text`` to the person, also for refusals."""
    nature = "submit_success" if status < 300 else "error"
    body = _TEMPLATE.format(nature=nature, message=escape(text))
    return stamped(HttpResponse(body, content_type="text/xml; charset=utf-8", status=status))


def has_already(request: HttpRequest, etag: str) -> bool:
    """Return whether If-None-Match names ``etag`` (a list, weak tags and ``*`` count too)."""
    text = request.headers.get("If-None-Match", "")
    return any(tag.strip().removeprefix("W/") in {f'"{etag}"', "*"} for tag in text.split(","))


def not_modified(etag: str) -> HttpResponse:
    """Answer 304 for what the client has already."""
    return stamped(HttpResponse(status=304, headers={"ETag": f'"{etag}"'}))


def document(text: str, *, etag: str = "", request: HttpRequest | None = None) -> HttpResponse:
    """Return a list, a manifest or a form, with an ETag for Collect's cache."""
    if etag and request is not None and has_already(request, etag):
        return not_modified(etag)
    response = HttpResponse(text, content_type="text/xml; charset=utf-8")
    if etag:
        response["ETag"] = f'"{etag}"'
        response["Cache-Control"] = "private, no-cache"
    return stamped(response)


def element(name: str, text: object, **attributes: str) -> str:
    """Return one XML element, escaped."""
    inside = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{inside}>{escape(str(text))}</{name}>"


def base_url(request: HttpRequest) -> str:
    """Return scheme and host as tablets reach us.

    They are those of PUBLIC_URL, or the request's own where none is set.
    """
    public: Any = getattr(settings, "PUBLIC_URL", "")
    if public:
        return str(public).rstrip("/")
    return f"{request.scheme}://{request.get_host()}"


def json_list(rows: Iterable[Any]) -> StreamingHttpResponse:
    """Return a JSON list, written while its rows are read, so that its length never matters."""

    def written() -> Iterator[str]:
        glue = "["
        for row in rows:
            yield glue + json.dumps(row, ensure_ascii=False)
            glue = ","
        yield "]" if glue == "," else "[]"

    return StreamingHttpResponse(written(), content_type="application/json; charset=utf-8")
