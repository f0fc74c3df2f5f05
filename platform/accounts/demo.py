"""Demo databases: their accounts, and the mark on pages without the common frame."""

import json
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

ACCOUNTS_FILE = "demo-accounts.json"
"""The file under `var/` in which `manage.py demo` keeps its accounts and their password."""

MARK_STYLE = (
    ".demo-mark{margin:0;padding:4px 16px;background:#ffc247;color:#1c1b1a;text-align:center;"
    'font:0.9375rem/1.7 "Noto Sans Khmer",system-ui,sans-serif}'
)
"""Inline, because the apps have styles of their own; the policy allows exactly this text."""

_MARK = (
    f"<style>{MARK_STYLE}</style>"
    '<aside aria-label="DEMO" class="demo-mark">'
    '<strong>DEMO</strong> <span lang="km">ទិន្នន័យសាកល្បង</span>'
    ' · <span lang="en">invented data</span></aside>'
)
_ANY = "SELECT EXISTS (SELECT FROM accounts_user WHERE is_demo)"


def is_demo() -> bool:
    """Return whether this database holds demo accounts, which exist only in a demo database.

    Every page asks: in plain SQL, because composing the query took longer than its answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ANY)
        return bool(cursor.fetchone() == (True,))


@dataclass(frozen=True)
class DemoAccount:
    """An account of a demo that anybody may use; its password is no secret."""

    username: str
    password: str
    role: str


def accounts() -> list[DemoAccount]:
    """Return the accounts of this demo.

    The list is empty where real people are served or the file is missing.
    """
    file = settings.VAR / ACCOUNTS_FILE
    if settings.LIVE or not is_demo() or not file.exists():
        return []
    return [
        DemoAccount(each["username"], each["password"], each["role"])
        for each in json.loads(file.read_text(encoding="utf-8"))["accounts"]
    ]


def marked(page: bytes) -> bytes:
    """Return a page of an app, with the word DEMO at its top where the data is invented."""
    return page.replace(b"<body>", b"<body>" + _MARK.encode(), 1) if is_demo() else page
