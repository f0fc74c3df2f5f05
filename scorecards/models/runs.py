"""Runs of the scoring, and the alarms they raise."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class PendingRollUp(models.Model):
    """A province and month whose communes' scores changed, so that its sums must be computed again.

    Written with the changed scores and deleted with the new sums, so that a killed worker loses
    nothing and no request waits for a sum of the nation.
    """

    province_code = models.CharField(max_length=2)
    month = models.CharField(max_length=7)

    def __str__(self) -> str:
        return f"{self.province_code} {self.month}"


class ScoringRun(models.Model):
    """One run over many scores: what was asked, how far it is, how it ended."""

    class Kind(models.TextChoices):
        NIGHTLY = "nightly", _("nightly check")
        COMPUTE = "compute", _("computation")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    period = models.CharField(max_length=7, blank=True, help_text="empty: every period")
    province_code = models.CharField(max_length=2, blank=True, help_text="empty: the nation")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True)
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    steps = models.PositiveIntegerField(default=0, help_text="provinces to do")
    done = models.ManyToManyField("places.Place", through="ScoringStep", related_name="+")
    judged_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="only of a first run: when it had judged every case, before it stored a score",
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"


class ScoringStep(models.Model):
    """One province of a run that is finished, and the differences found there."""

    run = models.ForeignKey(ScoringRun, models.CASCADE, related_name="finished_steps")
    province = models.ForeignKey("places.Place", models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(auto_now_add=True)
    cells = models.PositiveIntegerField(default=0, help_text="cells computed or compared")
    changed = models.PositiveIntegerField(default=0, help_text="cells written or found different")
    seconds = models.FloatField(default=0)

    class Meta:
        constraints = [
            # a task that is run twice counts once
            models.UniqueConstraint(fields=["run", "province"], name="step_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.province_id}"


class FirstPeriod(models.Model):
    """One period of which a first run found nothing stored, and computed it for the nation.

    Written with its scores: a run that is started again leaves it as it is.
    """

    run = models.ForeignKey(ScoringRun, models.CASCADE, related_name="first_periods")
    period = models.CharField(max_length=7)
    finished_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # a task that is run twice counts once
            models.UniqueConstraint(fields=["run", "period"], name="first_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.period}"


class ScoreAlarm(models.Model):
    """Two computations of one number disagreed: the stored figure, and the second one from the same
    data.

    ``about`` names what was stored: a score (checked in pandas), or a comparison, an overall score,
    a share delivered on time where requests are open, or a gap between voters (checked in SQL and
    in plain loops); or how the newest release would be rounded from the records of that night
    (decided by two programs, of which nothing is stored).
    """

    class About(models.TextChoices):
        SCORE = "score", _("score")
        COMPARISON = "comparison", _("comparison")
        CLASS = "placeclass", _("class of a place")
        OVERALL = "overall", _("overall score")
        GAP = "gap", _("gap between voters")
        ON_TIME = "ontime", _("on time, with open requests")
        ROUNDING = "rounding", _("rounding of a release")

    about = models.CharField(max_length=10, choices=About.choices, default=About.SCORE)
    period = models.CharField(max_length=7)
    indicator = models.CharField(max_length=10, blank=True)
    service = models.CharField(max_length=60, blank=True)
    provider_kind = models.CharField(max_length=20)
    place_code = models.CharField(max_length=8, blank=True)
    provider_id = models.BigIntegerField(default=0)
    self_assessment = models.BooleanField(default=False)
    field = models.CharField(max_length=20, help_text="the first column that differs")
    stored = models.CharField(max_length=60)
    recomputed = models.CharField(max_length=60)
    raised_at = models.DateTimeField(auto_now_add=True)
    seen_again_at = models.DateTimeField(auto_now=True)
    run = models.ForeignKey(ScoringRun, models.SET_NULL, null=True, related_name="alarms")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True)
    resolution = models.TextField(blank=True)

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "about",
                    "period",
                    "indicator",
                    "service",
                    "provider_kind",
                    "place_code",
                    "provider_id",
                    "self_assessment",
                ],
                condition=models.Q(resolved_at=None),
                name="alarm_open_once_a_cell",
            )
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.place_code} {self.indicator}: {self.field}"
