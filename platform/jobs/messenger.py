"""The Celery application's way of sending: nobody waits without end for a broker's word."""

from typing import Any

from celery import Celery

PATIENCE = 5.0
"""Seconds for which a broker may take its time to confirm a message."""


class Messenger(Celery):
    """Gives up a message that the broker does not confirm in time, and the connection with it.

    RabbitMQ that is short of disk or memory stops reading from those who publish and tells nobody:
    a page would wait until there is room again. The connection is closed because a confirmation
    that comes late would count for the next message.
    """

    def send_task(self, *args: Any, producer: Any = None, **options: Any) -> Any:
        """Send a message; raises kombu's OperationalError where the broker did not take it."""
        options.setdefault("confirm_timeout", PATIENCE)
        if producer is not None:
            return super().send_task(*args, **options | {"producer": producer})
        with self.producer_or_acquire() as sender:
            try:
                return super().send_task(*args, **options | {"producer": sender})
            except Exception:
                sender.connection.collect()  # without a word, which would be waited for as well
                raise
