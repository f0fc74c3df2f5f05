"""Send messages by a Telegram bot (``TELEGRAM_TOKEN``)."""

from datetime import datetime
from typing import Any

import requests
from django.conf import settings

from scorecards.plans.channels.errors import ChannelError, RefusedError

TIMEOUT = 10.0


def is_configured() -> bool:
    """Return whether a bot's token is set (``TELEGRAM_TOKEN``)."""
    return bool(settings.TELEGRAM_TOKEN)


def send(address: str, key: str, subject: str, text: str) -> str:
    """Send one message to a chat; returns its id. Raises ChannelError, RefusedError.

    A group that became a supergroup has a new number, which Telegram names; it is used at once.
    """
    status, answer = _ask(address, subject, text)
    moved = answer.get("parameters", {}).get("migrate_to_chat_id")
    if moved is not None:
        status, answer = _ask(moved, subject, text)
    if status in (400, 403):
        raise RefusedError(str(answer.get("description", ""))[:100])
    if not answer.get("ok"):
        raise ChannelError(f"status {status}")
    return str(answer["result"]["message_id"])


def _ask(chat: str | int, subject: str, text: str) -> tuple[int, dict[str, Any]]:
    url = f"{settings.TELEGRAM_API}/bot{settings.TELEGRAM_TOKEN}/sendMessage"
    body = {"chat_id": chat, "text": f"{subject}\n\n{text}", "disable_notification": True}
    try:
        answer = requests.post(url, json=body, timeout=TIMEOUT)
        payload = answer.json()
    except (requests.RequestException, ValueError) as trouble:
        # no more of it: the address of the request holds the bot's token
        raise ChannelError(type(trouble).__name__) from None
    if not isinstance(payload, dict):
        raise ChannelError("no answer of Telegram")
    return answer.status_code, payload


def find(address: str, key: str, since: datetime) -> str | None:
    """Telegram cannot be asked what a bot sent."""
    return None
