"""Sessions of browsers in the database, each with its person (``SESSION_ENGINE``)."""

import re
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.factors import WebSession

_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "CrOS", "Mac OS", "Linux")
_BROWSERS = re.compile(r"(SamsungBrowser|Firefox|Edg|OPR|Chrome|Safari)/(\d+)")


class SessionStore(db.SessionStore):
    """Django's sessions, in rows that name their person."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Return the table."""
        return WebSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return a row for this session: a save is a use."""
        now = timezone.now()
        begun = data.setdefault("begun_at", now.isoformat())
        row = super().create_model_instance(data)
        assert isinstance(row, WebSession)
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.begun_at = parse_datetime(begun)
        row.used_at = now
        row.device = str(data.get("device", ""))[:80]
        return row


def device_of(request: HttpRequest) -> str:
    """Return the kind of browser in two words, such as "Chrome 128, Android"."""
    agent = request.headers.get("User-Agent", "")
    browser = _BROWSERS.search(agent)
    system = next((name for name in _SYSTEMS if name in agent), "")
    return ", ".join(filter(None, [f"{browser[1]} {browser[2]}" if browser else "", system]))
