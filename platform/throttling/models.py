"""Counters of limits that must survive a restart."""

from django.db import models


class Counter(models.Model):
    """The count of one event in its time window; the key is a keyed hash and identifies nobody."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.until:%H:%M}"
