"""A check of the database: an older PostgreSQL is named before it fails at a score."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

OLDEST = 18


@register(Tags.database)
def is_new_enough(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Whether each database is PostgreSQL 18 or newer; asked by ``migrate``.

    Storing scores tells which facts a statement replaced (``RETURNING old.…``), new in 18.
    """
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        connection.ensure_connection()
        version = connection.connection.info.server_version // 10_000
        if version < OLDEST:
            sentence = f"PostgreSQL {version} is too old: scores need {OLDEST} or newer."
            hint = "Install it from the PostgreSQL project's packages (docs/install/)."
            problems.append(Error(sentence, hint=hint, id="config.E001"))
    return problems
