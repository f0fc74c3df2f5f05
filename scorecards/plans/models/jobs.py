"""Work on many plans or sheets at once: printing and importing."""

import uuid

from django.db import models

from accounts.models import User


class PlanJob(models.Model):
    """A print of many plans or sheets, or an import of past plans, with its progress."""

    class Kind(models.TextChoices):
        PRINT = "print", "print"
        IMPORT = "import", "import"
        SHEETS = "sheets", "scorecards on paper"

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    language = models.CharField(max_length=2, default="km")
    plans = models.JSONField(
        default=list, help_text="what is printed: ids of plans, or codes of communes"
    )
    period = models.CharField(max_length=7, blank=True, help_text="the quarter of scorecards")
    base = models.CharField(max_length=200, blank=True, help_text="our address, for codes to scan")
    source = models.FileField(upload_to="plans/imports", blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    result = models.FileField(upload_to="plans/results", blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    sentences = models.JSONField(default=list)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plan_job_does_no_more_than_all",
                condition=models.Q(done__lte=models.F("total")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"
