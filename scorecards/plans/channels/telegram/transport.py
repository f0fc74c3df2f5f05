"""Send messages by a Telegram bot (``TELEGRAM_TOKEN``)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from urllib3.exceptions import NewConnectionError

from scorecards.plans.channels import Letter
from scorecards.plans.channels.errors import (
    CannotTellError,
    ChannelError,
    RefusedError,
    UnclearError,
)

TIMEOUT = 10.0


def is_configured() -> bool:
    """Return whether a bot's token is set (``TELEGRAM_TOKEN``)."""
    return bool(settings.TELEGRAM_TOKEN)


def send(letter: Letter, hand_over: Callable[[], None]) -> str:
    """Send one message to a chat; return its id.

    A group that became a supergroup has a new number, which Telegram names; it is used at once.
    Raises ChannelError, RefusedError, and UnclearError where Telegram did not answer itself.
    """
    hand_over()
    status, answer = _ask(letter.address, letter)
    moved = answer.get("parameters", {}).get("migrate_to_chat_id")
    if moved is not None:
        status, answer = _ask(moved, letter)
    if status in (400, 403):
        raise RefusedError(str(answer.get("description", ""))[:100])
    if not answer["ok"]:
        raise ChannelError(f"status {status}")
    return str(answer["result"]["message_id"])


def _ask(chat: str | int, letter: Letter) -> tuple[int, dict[str, Any]]:
    url = f"{settings.TELEGRAM_API}/bot{settings.TELEGRAM_TOKEN}/sendMessage"
    text = f"{letter.subject}\n\n{letter.text}"
    body = {"chat_id": chat, "text": text, "disable_notification": True}
    try:
        answer = requests.post(url, json=body, timeout=TIMEOUT)
        payload = answer.json()
    except (requests.RequestException, ValueError) as trouble:
        # not the whole error: the request's address holds the bot's token
        kind = ChannelError if _never_left(trouble) else UnclearError
        raise kind(type(trouble).__name__) from None
    if not isinstance(payload, dict) or "ok" not in payload:
        raise UnclearError("no answer of Telegram")
    return answer.status_code, payload


def _never_left(trouble: Exception) -> bool:
    """Return whether no connection was made, so that nothing can have arrived."""
    if isinstance(trouble, (requests.ConnectTimeout, requests.exceptions.SSLError)):
        return True
    reason = getattr(trouble.args[0], "reason", None) if trouble.args else None
    return isinstance(reason, NewConnectionError)


def find(address: str, key: str, since: datetime) -> str | None:
    """Raise CannotTellError: Telegram cannot be asked what a bot sent."""
    raise CannotTellError
