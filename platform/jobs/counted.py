"""The class of every task of ours."""

import time
from typing import Any

from celery import Task
from celery.exceptions import Reject
from django.db import InterfaceError, OperationalError, connection

from jobs import attempts

PAUSE = 1.0
"""Seconds before a task is handed back whose database is away."""


class CountedTask(Task):  # type: ignore[type-arg]
    """Counts its starts; is handed back while the database is away, given up when it kills.

    Tasks can run twice, so one that lost its database in the middle is done again.
    """

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do the work, as a worker asks for it; called directly it is the function alone."""
        request = self.request
        if request.called_directly or request.is_eager or not request.id:
            return super().__call__(*args, **kwargs)
        try:
            starts = attempts.begin(request.id, self.name)
        except (OperationalError, InterfaceError) as trouble:
            raise self._handed_back(trouble) from trouble
        if starts > attempts.MOST:
            attempts.give_up(request.id, self.name, args, kwargs)
            return None
        try:
            result = super().__call__(*args, **kwargs)
        except (OperationalError, InterfaceError) as trouble:
            try:
                attempts.end(request.id)
            except (OperationalError, InterfaceError):
                raise self._handed_back(trouble) from trouble
            raise
        except BaseException:
            attempts.end(request.id)
            raise
        attempts.end(request.id)
        return result

    def _handed_back(self, trouble: Exception) -> Reject:
        connection.close()
        time.sleep(PAUSE)
        return Reject(trouble, requeue=True)
