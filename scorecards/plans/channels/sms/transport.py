"""Send text messages from the hotline's line; the company can be asked what it took."""

from collections.abc import Callable
from datetime import datetime

from scorecards.plans.channels import Letter
from scorecards.plans.channels.errors import ChannelError, RefusedError, UnclearError
from surveys.hotline import gateway
from surveys.hotline.models import Line


def _line() -> Line | None:
    lines = Line.objects.filter(is_open=True).exclude(company=Line.Company.SIMULATOR)
    return lines.order_by("pk").first()


def is_configured() -> bool:
    """Return whether a connection to a telephone company is configured."""
    return _line() is not None


def mark(key: str) -> str:
    """Return the short mark at the end of a message, by which a copy is known."""
    return f"#{key.replace('-', '')[:6]}"


def send(letter: Letter, hand_over: Callable[[], None]) -> str:
    """Send one text message; return the company's id.

    Raises ChannelError, RefusedError, and UnclearError where the company has to be asked.
    """
    line = _line()
    if line is None:
        raise ChannelError("no line is open")
    hand_over()
    try:
        return gateway.send(line, letter.address, f"{letter.text}\n{mark(letter.key)}")
    except gateway.RefusedError as refused:
        raise RefusedError(str(refused)) from None
    except gateway.AccountError as refused:
        raise ChannelError(str(refused)) from None
    except gateway.GatewayError as trouble:
        raise UnclearError(str(trouble)) from None


def find(address: str, key: str, since: datetime) -> str | None:
    """Ask the company whether it took the message with this mark. Raises ChannelError."""
    line = _line()
    if line is None:
        raise ChannelError("no line is open")
    try:
        return gateway.find_message(line, address, mark(key), since)
    except gateway.GatewayError as trouble:
        raise ChannelError(str(trouble)) from None
