"""Tasks at work."""

from django.db import models


class Attempt(models.Model):
    """A task that was begun; the row goes when the task ends, however it ends.

    A row that stays belongs to a task at work, or to one whose worker was killed. The broker
    hands the message of such a task out again, under the same ``task_id``.
    """

    task_id = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=200)
    starts = models.PositiveSmallIntegerField(default=1)
    began_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(starts__gte=1), name="attempt_was_begun")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.starts})"
