"""Statements that PostgreSQL parses and plans once for a connection, and executes often.

A changed case is counted by two long statements over a hundred partitions of two tables. Planning
them takes several times as long as executing them, and the plan is always the same: a commune's few
rows, found by index. What differs is passed as values. Django's own cursors write the values into
the text, so that nothing can be kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg.types.numeric import Int8Dumper


class _Prepared(psycopg.Cursor[tuple[object, ...]]):
    """A cursor of psycopg's whose statements are all prepared, each once for its text."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> "_Prepared":
        super().execute(query, params, prepare=True)
        return self


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """Open a cursor on Django's connection and in its transaction; whole numbers are bigint.

    For one plan whatever the values the transaction sets ``plan_cache_mode``; otherwise PostgreSQL
    would plan again each time, because it estimates that to be cheaper.
    """
    connection.ensure_connection()
    link = connection.connection
    if link.prepare_threshold is None:  # Django's value for never; its own cursors cannot prepare
        link.prepare_threshold = 0
    raw = _Prepared(link)
    # The statement is the same for numbers of any size.
    raw.adapters.register_dumper(int, Int8Dumper)
    wrapper = CursorDebugWrapper if connection.queries_logged else CursorWrapper
    with wrapper(raw, connection) as wrapped:
        yield wrapped
