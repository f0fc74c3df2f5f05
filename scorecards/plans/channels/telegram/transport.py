"""Send messages by a Telegram bot (``TELEGRAM_TOKEN``)."""

from datetime import datetime

import requests
from django.conf import settings

from scorecards.plans.channels.errors import ChannelError, RefusedError

TIMEOUT = 10.0


def is_configured() -> bool:
    """Whether a bot's token is set."""
    return bool(settings.TELEGRAM_TOKEN)


def send(address: str, key: str, subject: str, text: str) -> str:
    """Send one message to a chat; returns its id. Raises ChannelError, RefusedError."""
    url = f"{settings.TELEGRAM_API}/bot{settings.TELEGRAM_TOKEN}/sendMessage"
    body = {"chat_id": address, "text": f"{subject}\n\n{text}", "disable_notification": True}
    try:
        answer = requests.post(url, json=body, timeout=TIMEOUT)
        said = answer.json()
    except (requests.RequestException, ValueError) as trouble:
        raise ChannelError(type(trouble).__name__) from None
    if answer.status_code in (400, 403):
        raise RefusedError(str(said.get("description", ""))[:100])
    if not said.get("ok"):
        raise ChannelError(f"status {answer.status_code}")
    return str(said["result"]["message_id"])


def find(address: str, key: str, since: datetime) -> str | None:
    """Telegram cannot be asked what a bot sent."""
    return None
