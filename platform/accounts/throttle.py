"""Limits of guessed passwords: failures are counted by name and by address, also over a restart.

A commune office, or a whole village on a mobile network, shares an address, and anybody may type
somebody else's name. So the tight limit is on the pair; a name or an address alone has a wider one.
And a browser in which this person signed in before is counted by itself: guesses behind the same
address, or of this name from elsewhere, never lock out a person who used the browser before.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from khmer.text import fold
from throttling.limits import Limit, any_reached

WINDOW_MINUTES = 15
PAIR = Limit("sign-in:pair", most=8, minutes=WINDOW_MINUTES)
NAME = Limit("sign-in:name", most=40, minutes=WINDOW_MINUTES)
ADDRESS = Limit("sign-in:address", most=120, minutes=WINDOW_MINUTES)
BROWSER = Limit("sign-in:browser", most=8, minutes=WINDOW_MINUTES)

_COOKIE = "known_browser"
_YEAR = 365 * 24 * 3600


def _limits(name: str, address: str) -> list[tuple[Limit, tuple[str, ...]]]:
    folded = fold(name)
    limits: list[tuple[Limit, tuple[str, ...]]] = [(NAME, (folded,))]
    if address:
        limits += [(PAIR, (folded, address)), (ADDRESS, (address,))]
    return limits


def _browser_mark(request: HttpRequest | None, name: str) -> str:
    """Return the mark of a browser in which this person signed in before; "" for all others."""
    if request is None:
        return ""
    mark = request.COOKIES.get(_COOKIE, "")
    try:
        payload = signing.loads(mark, salt=_COOKIE, max_age=_YEAR)
    except signing.BadSignature:
        return ""
    return mark if payload.get("name") == fold(name) else ""


def remember_browser(response: HttpResponse, name: str) -> None:
    """Remember this browser as one of this person's."""
    fields = {"name": fold(name), "browser": get_random_string(12)}
    mark = signing.dumps(fields, salt=_COOKIE)
    response.set_cookie(
        _COOKIE,
        mark,
        max_age=_YEAR,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        path="/sign-in/",
    )


def minutes_to_wait(*, name: str, address: str, request: HttpRequest | None = None) -> int:
    """Return 0 when a try is allowed, else the most minutes to wait."""
    if mark := _browser_mark(request, name):
        return WINDOW_MINUTES if BROWSER.is_reached(mark) else 0
    return WINDOW_MINUTES if any_reached(_limits(name, address)) else 0


def count_failure(*, name: str, address: str, request: HttpRequest | None = None) -> None:
    """Count one wrong try."""
    if mark := _browser_mark(request, name):
        BROWSER.count(mark)
        return
    for limit, about in _limits(name, address):
        limit.count(*about)


def forget(*, name: str, address: str) -> None:
    """Forget this person's failures at this address after a right password.

    The failures of the address itself, and of the name elsewhere, are kept.
    """
    if address:
        PAIR.forget(fold(name), address)
