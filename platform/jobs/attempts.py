"""Counting how often a task was begun, and giving up one that killed its worker twice.

Celery acknowledges a message after the work, so that a killed worker loses none; a task that
kills its worker itself (out of memory, a crash in a library) would come back for ever.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final, ParamSpec

from django.db import connection, transaction

from jobs.models import Attempt

P = ParamSpec("P")
log = logging.getLogger(__name__)
MOST: Final = 2
"""Starts that may end with the death of the worker; the next one is not made."""

_starts: ContextVar[int] = ContextVar("starts", default=1)
_when_given_up: dict[str, Callable[..., None]] = {}


def when_given_up(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register what to do, with the task's own arguments, when this task is given up."""

    def register(act: Callable[P, None]) -> Callable[P, None]:
        _when_given_up[name] = act
        return act

    return register


def begin(task_id: str, name: str) -> int:
    """Count a start of this task; returns the how manieth it is."""
    with transaction.atomic(), connection.cursor() as cursor:
        # nobody waits for the disk: what a crash of the database takes is one start not counted
        cursor.execute("SELECT set_config('synchronous_commit', 'off', true)")
        cursor.execute(
            "INSERT INTO jobs_attempt AS known (task_id, name, starts, began_at)"
            " VALUES (%s, %s, 1, now()) ON CONFLICT (task_id)"
            " DO UPDATE SET starts = known.starts + 1, began_at = now() RETURNING starts",
            [task_id, name],
        )
        row = cursor.fetchone()
    starts = int(row[0])
    _starts.set(starts)
    return starts


def end(task_id: str) -> None:
    """The task ended, well or not: its worker lives."""
    _starts.set(1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('synchronous_commit', 'off', true)")
        cursor.execute("DELETE FROM jobs_attempt WHERE task_id = %s", [task_id])


def is_again() -> bool:
    """Whether the task at work was begun before, and its worker killed over it."""
    return _starts.get() > 1


def give_up(task_id: str, name: str, args: Any, kwargs: Any) -> None:
    """Say that this task is not tried any more, to whom it concerns."""
    log.error("%s %s stopped its worker %s times and is given up", name, args, MOST)
    try:
        if act := _when_given_up.get(name):
            act(*args, **kwargs)
    finally:
        Attempt.objects.filter(task_id=task_id).delete()
