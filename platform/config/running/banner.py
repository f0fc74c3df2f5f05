"""Waiting until the platform answers, and telling a newcomer where it is and who may enter."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from config.running.preparing import has_rows, is_demo

KEPT = "demo-accounts.json"
"""The file under `var/` in which `manage.py demo` keeps its accounts and their password."""


def wait_until_well(port: int, host: str, gone: Callable[[], bool]) -> bool:
    """Wait until `/healthz` answers 200; false when the programs stop before."""
    name = "localhost" if "*" in settings.ALLOWED_HOSTS else settings.ALLOWED_HOSTS[0].lstrip(".")
    address = "127.0.0.1" if host in {"0.0.0.0", "localhost"} else host  # noqa: S104
    request = urllib.request.Request(f"http://{address}:{port}/healthz", headers={"Host": name})
    while not gone():
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                if answer.status == 200:
                    return True
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.1)
    return False


def demo_accounts() -> list[tuple[str, str]]:
    """User name and role of every demo account a newcomer may use, with the password."""
    file = settings.VAR / KEPT
    if not is_demo() or not file.exists():
        return []
    accounts = json.loads(file.read_text())["accounts"]
    return [(one["username"], f"{one['password']}  {one['role']}") for one in accounts]


def welcome(host: str, port: int) -> str:
    """What a newcomer needs to know, once everything answers."""
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0"} else host  # noqa: S104
    lines = ["", f"Keep its word is at http://{shown}:{port}/  (Ctrl-C stops it)"]
    try:
        lines += _accounts()
    finally:
        connection.close()
    return "\n".join([*lines, " "])


def _accounts() -> list[str]:
    if accounts := demo_accounts():
        width = max(len(name) for name, _rest in accounts)
        return ["Demo accounts:", *(f"  {name:{width}}  {rest}" for name, rest in accounts)]
    if not has_rows("accounts.User"):
        return ["There is no account yet: python manage.py createsuperuser makes the first."]
    return []
