"""Messages to the workers.

Work to be done is a row first; a message only wakes a worker earlier. A sweep of beat finds such
rows by itself, so that a broker that does not answer delays and loses nothing.
"""

import logging
import os
import threading
from functools import partial

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)
SWEEP = 60.0
"""Seconds between two sweeps for rows that wait; a sweep's messages expire with the next."""


def send(task: str, *args: object, expires: float | None = None) -> bool:
    """Send a message for this task; False, with a line in the log, where no broker takes it.

    ``expires``: seconds after which a worker drops the message.
    """
    try:
        current_app.send_task(
            task, args=list(args), retry=False, ignore_result=True, expires=expires
        )
    except Exception as trouble:
        log.warning("No broker took %s: %s; a sweep does it later", task, type(trouble).__name__)
        return False
    return True


def send_after_commit(task: str, *args: object) -> None:
    """Send a message once the rows it is about are committed; never raises."""
    transaction.on_commit(partial(send, task, *args), robust=True)


class Wake:
    """Sends one task shortly after it was asked for, at most once in that time from each process.

    Everything committed before the message is sent is found by it. The wait is a timer of this
    process, not of the broker: queues of RabbitMQ hold messages back behind one with a countdown.
    """

    def __init__(self, task: str, seconds: float) -> None:
        self._task, self._seconds = task, seconds
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        os.register_at_fork(after_in_child=self._forget)

    def ask(self) -> None:
        """Have the task sent, after the commit of the transaction at work."""
        transaction.on_commit(self._begin, robust=True)

    def cancel(self) -> None:
        """Do not send what was asked for (in tests)."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        with self._lock:
            if self._timer is not None:
                return
            self._timer = threading.Timer(self._seconds, self._send)
            self._timer.daemon = True
            self._timer.start()

    def _send(self) -> None:
        with self._lock:
            self._timer = None
        send(self._task)

    def _forget(self) -> None:
        """Forget the timer in a forked process, which has neither the thread nor the right state of
        the lock.
        """
        self._lock, self._timer = threading.Lock(), None
