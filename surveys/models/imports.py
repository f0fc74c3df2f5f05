"""Imports: one uploaded spreadsheet, and the result for its rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ImportBatch(models.Model):
    """One spreadsheet of observations: who sent it, how far it is, and the result for each row."""

    class Kind(models.TextChoices):
        CASES = "cases", _("cases")
        VOTES = "votes", _("votes")
        CHECKS = "checks", _("checks")
        ROUNDS = "rounds", _("rounds")
        SESSIONS = "sessions", _("information sessions")
        SCORECARDS = "scorecards", _("past scorecards")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("the file could not be read")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CASES)
    file_name = models.CharField(max_length=200)
    source = models.FileField(upload_to="imports/", blank=True)
    rejected_file = models.FileField(upload_to="imports/rejected/", blank=True)
    language = models.CharField(max_length=2, default="km")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="imports")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    problem = models.TextField(blank=True, help_text="why the file as a whole was refused")
    told = models.JSONField(
        default=list, blank=True, help_text="the first sentences about rows that were not taken"
    )
    read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name
