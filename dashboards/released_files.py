"""Released figures for other sites: each address is answered from memory until a release changes.

A viewer of an embedded figure costs no database query: what an address answers is made once by
its view, kept in this process, and given again with its ETag. Which release is current is asked
at most every few seconds. Nothing here depends on who asks: only released figures are given.
"""

from collections.abc import Callable
from hashlib import sha256
from threading import Lock

from cachetools import LRUCache, TTLCache
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import quote_etag

from scorecards.reading import released_totals

START = "/released/"
ASKED_EVERY = 5.0
"""Seconds after which the current release is asked for again."""
MOST_KEPT, LARGEST = 512, 2_000_000
KEPT_HEADERS = ("Content-Type", "Content-Disposition", "Content-Security-Policy")

_kept: LRUCache[tuple[str, str, str], HttpResponse] = LRUCache(MOST_KEPT)
_lock = Lock()
_current: TTLCache[str, str] = TTLCache(4, ttl=ASKED_EVERY)


def current_release() -> str:
    """A word for the releases that are current, asked at most every ``ASKED_EVERY`` seconds."""
    database = str(connection.settings_dict["NAME"])
    with _lock:
        word = _current.get(database)
    if word is None:
        word = released_totals.releases()[0]
        with _lock:
            _current[database] = word
    return word


def forget() -> None:
    """Forget every answer and the current release; for tests, and after an import of shapes."""
    with _lock:
        _kept.clear()
        _current.clear()


class ReleasedFiles:
    """Gives what a released address answered before, without asking who is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(START) or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        key = (current_release(), request.META.get("HTTP_HOST", ""), request.path_info)
        with _lock:
            kept = _kept.get(key)
        if kept is None:
            made = self.get_response(request)
            if made.status_code != 200:
                return made
            kept = _frozen(made)
            if len(kept.content) <= LARGEST:
                with _lock:
                    _kept[key] = kept
        return _answer(request, kept)


def _frozen(made: HttpResponse) -> HttpResponse:
    """The answer as it is kept: its body, what it is, and an ETag of its content."""
    kept = HttpResponse(made.content)
    for name in KEPT_HEADERS:
        if name in made.headers:
            kept[name] = made[name]
    kept["ETag"] = quote_etag(sha256(made.content).hexdigest()[:32])
    kept["Cache-Control"] = "public, max-age=300"
    kept["Access-Control-Allow-Origin"] = "*"
    return kept


def _answer(request: HttpRequest, kept: HttpResponse) -> HttpResponse:
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    if asked and (asked == "*" or kept["ETag"] in [one.strip() for one in asked.split(",")]):
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = HttpResponse(kept.content)
    for name, value in kept.items():
        answer[name] = value
    return answer
