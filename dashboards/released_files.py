"""Released figures for other sites: each address is answered from memory until a release changes.

A viewer of an embedded figure costs no database query: what an address answers is made once by
its view, kept in this process, and given again with its ETag. Which release is current is asked
at most every few seconds. Nothing here depends on who asks: only released figures are given.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from cachetools import LRUCache, TTLCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from scorecards.reading import released_totals

START = "/released/"
ASKED_EVERY = 5.0
"""Seconds after which the current release is asked for again."""
MOST_KEPT, LARGEST = 64_000_000, 2_000_000
"""Bytes kept in this process, and of one answer."""

PACKED_ALREADY = ("image/png", "application/vnd.")
KEPT_HEADERS = ("Content-Type", "Content-Disposition", "Content-Security-Policy")

_kept: LRUCache[tuple[str, str, str], "Kept"] = LRUCache(MOST_KEPT, getsizeof=lambda one: one.size)
_lock = Lock()
_current: TTLCache[str, str] = TTLCache(4, ttl=ASKED_EVERY)


@dataclass(frozen=True)
class Kept:
    """One answer: its body as it is and packed, and its headers."""

    body: bytes
    packed: bytes
    headers: dict[str, str]

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed)


def current_release() -> str:
    """Return a tag of the current releases, read at most every ``ASKED_EVERY`` seconds."""
    database = str(settings.DATABASES["default"]["NAME"])
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
    """Returns earlier answers of released addresses, without asking who is there."""

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
            if kept.size <= LARGEST:
                with _lock:
                    _kept[key] = kept
        return _answer(request, kept)


def _frozen(made: HttpResponse) -> Kept:
    """Return the answer as it is cached: its body, its type, and an ETag of its content."""
    body = bytes(made.content)
    headers = {name: made[name] for name in KEPT_HEADERS if name in made.headers}
    # weak: the compressed body is the same figure in other bytes
    headers["ETag"] = f'W/"{sha256(body).hexdigest()[:32]}"'
    headers["Cache-Control"] = "public, max-age=300"
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Vary"] = "Accept-Encoding"
    is_packed_already = headers.get("Content-Type", "").startswith(PACKED_ALREADY)
    return Kept(body, b"" if is_packed_already else gzip.compress(body, mtime=0), headers)


def _answer(request: HttpRequest, kept: Kept) -> HttpResponse:
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    if asked and (asked == "*" or kept.headers["ETag"] in [x.strip() for x in asked.split(",")]):
        answer: HttpResponse = HttpResponseNotModified()
    elif kept.packed and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        answer = HttpResponse(kept.packed)
        answer["Content-Encoding"] = "gzip"
    else:
        answer = HttpResponse(kept.body)
    for name, value in kept.headers.items():
        answer[name] = value
    return answer
