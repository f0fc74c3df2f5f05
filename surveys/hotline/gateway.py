"""The one module between us and a telephone company's REST interface (Somleng's and Twilio's).

Raises ``GatewayError`` and leaks no library, and no number: what a company says of a failure
may hold one, so it is never chained to our error. Only jobs call it, never a call in progress.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from twilio.base.exceptions import TwilioException, TwilioRestException

from surveys.hotline import lines
from surveys.hotline.lines import seconds_of
from surveys.hotline.models import Call, Line

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT: Final = 10.0
"""Seconds; only jobs speak to a company, never a call in progress."""
OPTED_OUT: Final = 21610
"""The company's code for "this number asked you to stop"."""
_LATER: Final = {401, 403, 408, 425, 429}
"""Refusals that are about us or the moment (a wrong token, too many a second), not the number."""


class GatewayError(Exception):
    """The company did not do what was asked; try again later."""


class RefusedError(GatewayError):
    """The company will never do what was asked; ``code`` is its reason, 0 where it gave none."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with code {code}")
        self.code = code


@dataclass(frozen=True)
class Ended:
    """How a call ended, as its company knows it."""

    status: str
    seconds: int | None


def _client(line: Line) -> "Client":
    # A thousand modules that only the jobs which speak to a company need.
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    secrets = lines.tokens(line)
    if not secrets:
        raise GatewayError("the line's secret is unreadable: enter it again")
    client = Client(line.account_sid, secrets[0], http_client=TwilioHttpClient(timeout=TIMEOUT))
    if line.api_base:
        client.api.base_url = line.api_base.rstrip("/")
    return client


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except TwilioRestException as said:
        if 400 <= said.status < 500 and said.status not in _LATER:
            raise RefusedError(int(said.code or 0)) from None
        raise GatewayError(f"status {said.status}") from None
    except (TwilioException, OSError) as trouble:
        raise GatewayError(type(trouble).__name__) from None


def _status_address(line: Line) -> str:
    return lines.public_address(reverse("hotline:status", args=[line.pk]))


def call(line: Line, number: str) -> str:
    """Call ``number`` from the line; the call's id at the company."""
    with _asking():
        made = _client(line).calls.create(
            to=number,
            from_=line.number,
            url=lines.public_address(reverse("hotline:voice", args=[line.pk])),
            method="POST",
            status_callback=_status_address(line),
            status_callback_method="POST",
        )
    return str(made.sid)


def send(line: Line, number: str, words: str) -> str:
    """Send a text message; its id at the company."""
    with _asking():
        made = _client(line).messages.create(
            to=number, from_=line.number, body=words, status_callback=_status_address(line)
        )
    return str(made.sid)


def forget_words(line: Line, sid: str) -> None:
    """Have the company empty the words of a message that has arrived, or never will."""
    with _asking():
        _client(line).messages(sid).update(body="")


def ended(call: Call) -> Ended | None:
    """How the company says a call ended; None while it still goes on."""
    with _asking():
        told = _client(call.line).calls(call.sid).fetch()
    status = str(told.status)
    if status in {"queued", "initiated", "ringing", "in-progress"}:
        return None
    length = str(told.duration or "")
    return Ended(status, seconds_of(length))
