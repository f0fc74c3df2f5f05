"""Waiting until the platform answers, and telling a newcomer where it is and who may enter."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable

from django.apps import apps
from django.conf import settings
from django.db import connection

KEPT = "demo-password"
"""The file under `var/` in which `manage.py demo` keeps the password of its accounts."""


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
    """User name and roles of every demo account."""
    users = apps.get_model("accounts.User")._default_manager.filter(is_demo=True)
    found = []
    for user in users.prefetch_related("memberships__role").order_by("pk"):
        roles = sorted({membership.role.name_en for membership in user.memberships.all()})
        found.append(
            (user.username, ", ".join(roles) or ("superuser" if user.is_superuser else ""))
        )
    return found


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
        file = settings.VAR / KEPT
        password = file.read_text().strip() if file.exists() else "see `manage.py demo`"
        width = max(len(name) for name, _role in accounts)
        lines = [f"Demo accounts, password {password}:"]
        return lines + [f"  {name:{width}}  {role}" for name, role in accounts]
    if not apps.get_model("accounts.User")._default_manager.exists():
        return ["There is no account yet: python manage.py createsuperuser makes the first."]
    return []
