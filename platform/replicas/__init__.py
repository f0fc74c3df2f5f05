"""Read public pages from a streaming replica, where ``READ_DATABASE_URL`` names one.

Only what a visitor without a session reads goes there (`Replica`, the middleware): it may be as
old as the replica is behind. People who are signed in, and every write, use the database itself,
so that people see at once what they have just recorded.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse

REPLICA = "replica"
REST = 5.0
"""Seconds for which a replica that did not answer is not asked again by this process."""

PUBLIC = {"pages", "places", "standards", "scorecards", "dashboards", "plans"}
"""URL namespaces whose pages for visitors only read."""

_reading: ContextVar[bool] = ContextVar("reading_from_replica", default=False)
_asks_again_at = 0.0
log = logging.getLogger(__name__)


def connection_for_reading() -> BaseDatabaseWrapper:
    """Return the connection for our own statements that only read.

    On public pages it is the replica's.
    """
    return connections[REPLICA if _reading.get() else DEFAULT_DB_ALIAS]


@contextmanager
def reading_from_replica() -> Iterator[None]:
    """Read from the replica inside this block."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


class Router:
    """Sends the ORM to the same connection as `connection_for_reading` sends our own statements."""

    def db_for_read(self, model: Any, **_hints: Any) -> str | None:
        """Return the replica inside a public page, else no opinion."""
        return REPLICA if _reading.get() else None

    def db_for_write(self, model: Any, **_hints: Any) -> str:
        """Return the database itself, also for a row that was read from the replica."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **_hints: Any) -> bool:
        """Allow relations: rows of both are of one database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        """Refuse to migrate a replica: it follows the database."""
        return db != REPLICA


class Replica:
    """Answers a visitor's public page from the replica; without it, from the database itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Call the view with the replica; None has Django call it with the database."""
        global _asks_again_at  # noqa: PLW0603 - one for all threads of the process
        if not _may_be_read_there(request) or time.monotonic() < _asks_again_at:
            return None
        try:
            with reading_from_replica():
                return view(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as trouble:
            _asks_again_at = time.monotonic() + REST
            connections[REPLICA].close()
            log.warning("The replica does not answer: %s", type(trouble).__name__)
            return None


def _may_be_read_there(request: HttpRequest) -> bool:
    match = request.resolver_match
    return (
        REPLICA in settings.DATABASES
        and request.method in {"GET", "HEAD"}
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "Authorization" not in request.headers
        and match is not None
        and bool(match.namespaces)
        and match.namespaces[0] in PUBLIC
    )
