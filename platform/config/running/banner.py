"""Wait until the platform answers, then print where it is and who may sign in."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from accounts import demo
from config.running.preparing import has_rows

ADDRESSES = {
    "citizens' app": "/app/",
    "comparison": "/compare/",
    "tablet": "/tablet/",
    "hotline simulator": "/hotline/simulator/",
    "posters": "/posters/",
    "API": "/api/v1/docs/",
}
"""Pages that a newcomer may want to open, besides the front page."""


def wait_until_well(port: int, host: str, gone: Callable[[], bool]) -> bool:
    """Wait until `/healthz` answers 200; False when the programs stop before."""
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


def welcome(host: str, port: int) -> str:
    """Return the addresses and the accounts a newcomer needs, shown once everything answers."""
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0"} else host  # noqa: S104
    base = f"http://{shown}:{port}"
    lines = ["", f"Ready. Keep its word is at {base}/  (Ctrl-C stops it)"]
    lines += [f"  {label:<18} {base}{path}" for label, path in ADDRESSES.items()]
    try:
        lines += _accounts()
    finally:
        connection.close()
    return "\n".join([*lines, " "])


def _accounts() -> list[str]:
    if accounts := demo.accounts():
        width = max(len(account.username) for account in accounts)
        shown = [f"  {each.username:{width}}  {each.role}" for each in accounts]
        return [f"Demo accounts, all with the password {accounts[0].password}", *shown]
    if not has_rows("accounts.User"):
        return ["There is no account yet: python manage.py createsuperuser makes the first."]
    return []
