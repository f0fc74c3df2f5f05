"""Check the database: an older PostgreSQL is refused by name before a score fails."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

OLDEST = 15


@register(Tags.database)
def is_new_enough(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check that each database is PostgreSQL 15 or newer (Debian 12); called by ``migrate``.

    Older ones were never tried. From 18 on, what scores replace need not be read first.
    """
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        connection.ensure_connection()
        version = connection.connection.info.server_version // 10_000
        if version < OLDEST:
            sentence = f"PostgreSQL {version} is too old: the platform needs {OLDEST} or newer."
            hint = "Install a newer one (docs/install/)."
            problems.append(Error(sentence, hint=hint, id="config.E001"))
    return problems
