"""Count how often a task was begun, and give up one that crashed its worker twice.

Celery acknowledges a message after the work, so that a killed worker loses none; a task that
crashes its worker itself (out of memory, a fault in a library) would come back without end.
"""

import json
import logging
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final, ParamSpec

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from jobs.models import Attempt

P = ParamSpec("P")
log = logging.getLogger(__name__)
MOST: Final = 2
"""Starts that may end with the death of the worker; the next one is not made."""

MOST_FAILURES: Final = 30
"""Ends without the database; work that waits in a row is tried again each minute."""

LATE: Final = timedelta(seconds=30)
"""The time within which a worker should begin with a task that somebody waits for."""

_starts: ContextVar[int] = ContextVar("starts", default=1)
_when_given_up: dict[str, Callable[..., None]] = {}


def when_given_up(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register what to do, with the task's own arguments, when this task is given up."""

    def register(act: Callable[P, None]) -> Callable[P, None]:
        _when_given_up[name] = act
        return act

    return register


def key_of(name: str, args: Iterable[object]) -> str:
    """Return the key of work that is the same whichever message asks for it."""
    return f"{name}{json.dumps(list(args), separators=(',', ':'))}"


def begin(key: str, name: str) -> int:
    """Count a start; return its number among those that never ended."""
    with transaction.atomic(), connection.cursor() as cursor:
        # synchronous_commit is off: a crash of the database only loses the count of one start
        cursor.execute("SELECT set_config('synchronous_commit', 'off', true)")
        cursor.execute(
            "INSERT INTO jobs_attempt AS known (key, name, starts, failures, began_at)"
            " VALUES (%s, %s, 1, 0, now()) ON CONFLICT (key)"
            " DO UPDATE SET starts = known.starts + 1, began_at = now()"
            " RETURNING starts, failures",
            [key, name],
        )
        starts, failures = cursor.fetchone()
    _starts.set(starts)
    return MOST + 1 if failures >= MOST_FAILURES else int(starts)


def end(key: str) -> None:
    """Record that the task ended, well or not: its worker lives."""
    _starts.set(1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('synchronous_commit', 'off', true)")
        cursor.execute("DELETE FROM jobs_attempt WHERE key = %s", [key])


def fail(key: str) -> None:
    """Count a failure: the task lost its database and is done again; not a crash of its worker."""
    _starts.set(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_attempt SET starts = greatest(starts - 1, 0), failures = failures + 1"
            " WHERE key = %s",
            [key],
        )


def is_again() -> bool:
    """Return whether the current task was begun before and its worker was killed."""
    return _starts.get() > 1


def begun(name: str, args: Iterable[object]) -> bool:
    """Return whether a worker began this work and has not ended it; for tasks done by one alone."""
    return Attempt.objects.filter(key=key_of(name, args), starts__gte=1).exists()


def waits_without_worker(name: str, pk: int, since: datetime) -> bool:
    """Return whether no worker began the work within ``LATE`` of ``since``."""
    return timezone.now() - since > LATE and not begun(name, [pk])


def hold(key: str) -> bool:
    """Hold this work as long as the connection lives; False where another worker holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        return bool(cursor.fetchone()[0])


def let_go(key: str) -> None:
    """Release work that this connection holds; a lost connection holds nothing any more."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
    except (OperationalError, InterfaceError):
        connection.close()


def give_up(key: str, name: str, args: Any, kwargs: Any) -> None:
    """Report that this task is not tried any more, to the person concerned."""
    log.error("%s %s stopped its worker %s times and is given up", name, args, MOST)
    try:
        if act := _when_given_up.get(name):
            act(*args, **kwargs)
    finally:
        Attempt.objects.filter(key=key).delete()
