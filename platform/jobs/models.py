"""Tasks at work."""

from django.db import models


class Attempt(models.Model):
    """A task that was begun; the row is deleted when the task ends in any way.

    A row that stays belongs to a running task, to one whose worker was killed, or to one that lost
    its database. The broker hands the message of such a task out again under the same id, and a
    sweep sends another message for the same work.
    """

    key = models.CharField(
        max_length=255, unique=True, help_text="the message's id, or the task and its arguments"
    )
    name = models.CharField(max_length=200)
    starts = models.PositiveSmallIntegerField(default=1, help_text="that did not end")
    failures = models.PositiveSmallIntegerField(
        default=0, help_text="ends without the database, which are no fault of the task"
    )
    began_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.starts})"
