"""The class of every task of ours."""

import time
from typing import Any

from celery import Task
from celery.exceptions import Reject
from django.db import InterfaceError, OperationalError, connection

from jobs import attempts

PAUSE = 1.0
"""Seconds before a task is returned whose database does not answer."""

_AWAY = (OperationalError, InterfaceError)


class CountedTask(Task):  # type: ignore[type-arg]
    """Counts its starts; is returned while the database does not answer, and given up when it
    crashes workers.

    Tasks can run twice, so one that lost its database in the middle is done again.
    """

    abstract = True
    alone = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task as a worker does; called directly it is the function alone."""
        request = self.request
        if request.called_directly or request.is_eager or not request.id:
            return super().__call__(*args, **kwargs)
        if not self.alone:
            return self._count(request.id, *args, **kwargs)
        key = attempts.key_of(self.name, [*args, *kwargs.values()])
        try:
            held = attempts.hold(key)
        except _AWAY as trouble:
            raise self._handed_back(trouble) from trouble
        if not held:
            return None
        try:
            return self._count(key, *args, **kwargs)
        finally:
            attempts.let_go(key)

    def _count(self, key: str, *args: Any, **kwargs: Any) -> Any:
        try:
            starts = attempts.begin(key, self.name)
        except _AWAY as trouble:
            raise self._handed_back(trouble) from trouble
        if starts > attempts.MOST:
            attempts.give_up(key, self.name, args, kwargs)
            return None
        try:
            count = super().__call__(*args, **kwargs)
        except _AWAY as trouble:
            try:
                (attempts.fail if self.alone else attempts.end)(key)
            except _AWAY:
                raise self._handed_back(trouble) from trouble
            raise
        except BaseException:
            attempts.end(key)
            raise
        attempts.end(key)
        return count

    def _handed_back(self, trouble: Exception) -> Reject:
        connection.close()
        time.sleep(PAUSE)
        return Reject(trouble, requeue=True)


class RowTask(CountedTask):
    """A task whose arguments name a row that waits until the task is done.

    A sweep may send further messages for the row; one worker at a time does the work, and all its
    starts are counted together.
    """

    abstract = True
    alone = True
