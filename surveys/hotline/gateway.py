"""The one module between us and a telephone company's REST interface (Somleng's and Twilio's).

Raises ``GatewayError`` and leaks no library. Only jobs call it, never a call in progress.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from twilio.base.exceptions import TwilioException

from surveys.hotline import lines
from surveys.hotline.models import Call, Line

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT: Final = 10.0
"""Seconds; only jobs speak to a company, never a call in progress."""


class GatewayError(Exception):
    """The company did not do what was asked; try again later."""


@dataclass(frozen=True)
class Ended:
    """How a call ended, as its company knows it."""

    status: str
    seconds: int | None


def _client(line: Line) -> "Client":
    # A thousand modules that only the jobs which speak to a company need.
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    client = Client(
        line.account_sid, lines.tokens(line)[0], http_client=TwilioHttpClient(timeout=TIMEOUT)
    )
    if line.api_base:
        client.api.base_url = line.api_base.rstrip("/")
    return client


def call(line: Line, number: str) -> str:
    """Call ``number`` from the line; the call's id at the company."""
    try:
        made = _client(line).calls.create(
            to=number,
            from_=line.number,
            url=lines.public_address(reverse("hotline:voice", args=[line.pk])),
            method="POST",
            status_callback=lines.public_address(reverse("hotline:status", args=[line.pk])),
            status_callback_method="POST",
        )
    except (TwilioException, OSError) as trouble:
        raise GatewayError(type(trouble).__name__) from trouble
    return str(made.sid)


def send(line: Line, number: str, words: str) -> str:
    """Send a text message; its id at the company."""
    try:
        made = _client(line).messages.create(to=number, from_=line.number, body=words)
    except (TwilioException, OSError) as trouble:
        raise GatewayError(type(trouble).__name__) from trouble
    return str(made.sid)


def ended(call: Call) -> Ended | None:
    """How the company says a call ended; None while it still goes on."""
    try:
        told = _client(call.line).calls(call.sid).fetch()
    except (TwilioException, OSError) as trouble:
        raise GatewayError(type(trouble).__name__) from trouble
    status = str(told.status)
    if status in {"queued", "initiated", "ringing", "in-progress"}:
        return None
    length = str(told.duration or "")
    return Ended(status, int(length) if length.isdecimal() else None)
