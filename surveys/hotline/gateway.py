"""The only client of a telephone company's REST interface (Somleng's and Twilio's).

Raises ``GatewayError``; no exception of a library and no number gets out: a company's error message
may hold a number, so it is never chained to our error. Only background jobs call it, never a call
in progress.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils import timezone
from twilio.base.exceptions import TwilioException, TwilioRestException

from surveys.hotline import lines
from surveys.hotline.lines import seconds_of
from surveys.hotline.models import Call, Line

if TYPE_CHECKING:
    from twilio.rest import Client

log = logging.getLogger(__name__)
TIMEOUT: Final = 10.0
"""Seconds; only jobs speak to a company, never a call in progress."""
OPTED_OUT: Final = "21610"
"""The company's code for "this number asked you to stop"."""
_ABOUT_THE_NUMBER: Final = {
    *("21211", "21214", "21217", "21265"),  # not a telephone number
    *("21612", "21614", "21635", "30005", "30006"),  # unreachable, or it takes no messages
    *("13223", "13224", "13225", "13226"),  # calling it is unsupported, invalid or blocked
    OPTED_OUT,
    "S1007",  # Somleng: this destination is blocked
}
"""Twilio's codes and Somleng's (app/models/application_error.rb) that are about the number.

Every other refusal is about our account, our request or the moment: no balance (S1005), a
carrier or account that is suspended (S1004, S1006, 30002), a sender that may not send (21606).
"""
_OF_THE_MOMENT: Final = {408, 425, 429}


class GatewayError(Exception):
    """The company did not do what was asked; try again later."""


class AccountError(GatewayError):
    """The company refuses our account; ``code`` is its reason. Somebody must act."""

    def __init__(self, code: str) -> None:
        super().__init__(f"our account is refused with code {code or 'none'}")
        self.code = code


class RefusedError(GatewayError):
    """The company will never reach this number; ``code`` is its reason, "" where it gave none."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused with code {code or 'none'}")
        self.code = code


class UnknownError(GatewayError):
    """The company knows no such call or message."""


class NotYetError(GatewayError):
    """The company cannot change this message in the state that it is in."""


@dataclass(frozen=True)
class Ended:
    """The end of a call as its company reports it."""

    status: str
    seconds: int | None


def _client(line: Line) -> "Client":
    # A thousand modules that only the background jobs need.
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
def _asking(line: Line, *, of_one: bool = False) -> Iterator[None]:
    """Translate the company's errors; an error of our account is stored with the line.

    ``of_one`` says that a call or message is asked about which the company should know: then
    404 means that it does not, and 400, 409 and 422 that it cannot be changed now.
    """
    try:
        yield
    except TwilioRestException as error:
        raise _translated(line, error.status, str(error.code or ""), of_one=of_one) from None
    except (TwilioException, OSError, ValueError) as trouble:
        # ValueError: the answer is not JSON
        raise GatewayError(type(trouble).__name__) from None
    _note_account(line, "")


def _translated(line: Line, status: int, code: str, *, of_one: bool) -> GatewayError:
    if status >= 500 or status in _OF_THE_MOMENT:
        return GatewayError(f"status {status}")
    if of_one and status == 404:
        return UnknownError("the company knows no such call or message")
    if of_one and status in {400, 409, 422}:
        return NotYetError(f"refused with code {code or 'none'}")
    if code in _ABOUT_THE_NUMBER:
        return RefusedError(code)
    _note_account(line, code or str(status))
    return AccountError(code or str(status))


def _note_account(line: Line, code: str) -> None:
    """Store what the company reports about our account, for the hotline's page.

    ``code`` is "" once it works.
    """
    if code == line.account_error:
        return
    if code:
        log.error("the telephone company refuses our account on line %s: code %s", line.pk, code)
    line.account_error, line.account_error_at = code[:20], timezone.now() if code else None
    Line.objects.filter(pk=line.pk).update(
        account_error=line.account_error, account_error_at=line.account_error_at
    )


def _status_address(line: Line) -> str:
    return lines.public_address(reverse("hotline:status", args=[line.pk]))


def call(line: Line, number: str) -> str:
    """Call ``number`` from the line; return the call's id at the company."""
    with _asking(line):
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
    """Send a text message; return its id at the company."""
    with _asking(line):
        made = _client(line).messages.create(
            to=number, from_=line.number, body=words, status_callback=_status_address(line)
        )
    return str(made.sid)


def find_message(line: Line, number: str, words: str, since: datetime) -> str | None:
    """Return the id of a message to ``number`` since then that holds ``words``.

    Return None where there is no such message. For a sender that was stopped before it could record
    that the company accepted its message.
    """
    with _asking(line):
        sent = _client(line).messages.list(to=number, date_sent_after=since, limit=50)
    return next((str(one.sid) for one in sent if words in str(one.body)), None)


def forget_words(line: Line, sid: str) -> None:
    """Ask the company to delete the words of a message that was sent, has arrived or never will.

    Raises UnknownError for a message that it does not know, NotYetError while it cannot.
    """
    with _asking(line, of_one=True):
        _client(line).messages(sid).update(body="")


def ended(call: Call) -> Ended | None:
    """Ask the company how a call ended; None while it continues. Raises UnknownError."""
    with _asking(call.line, of_one=True):
        reported = _client(call.line).calls(call.sid).fetch()
    status = str(reported.status)
    if status in {"queued", "initiated", "ringing", "in-progress"}:
        return None
    length = str(reported.duration or "")
    return Ended(status, seconds_of(length))
