"""Counters of limits that must survive a restart."""

from django.db import models


class Counter(models.Model):
    """How often one thing happened in its window; the key is a keyed hash and tells nothing."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.until:%H:%M}"
