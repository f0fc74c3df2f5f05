"""Bursts: far more calls or reports than usual."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from surveys.hotline.models.lines import Line


class Burst(models.Model):
    """Far more than usual on one day: calls, reports, minutes, or callers of neighbouring numbers.

    It is shown on the calls page until somebody has looked at it.
    """

    class Kind(models.TextChoices):
        CALLS_IN = "calls_in", _("calls in within an hour")
        CALLS_OUT = "calls_out", _("calls out within an hour")
        NEIGHBOURS = "neighbours", _("callers from neighbouring numbers within an hour")
        TOLD = "told", _("experiences reported about one commune within a day")
        BUDGET = "budget", _("minutes of the day's budget used")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    line = models.ForeignKey(Line, models.CASCADE, null=True, blank=True, related_name="bursts")
    place_code = models.CharField(max_length=6, blank=True, help_text="commune that was told of")
    on = models.DateField()
    counted = models.PositiveIntegerField(help_text="the most that was counted that day")
    usual = models.FloatField(help_text="what is usual; of a budget: its minutes")
    noted_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "line", "place_code", "on"],
                nulls_distinct=False,
                name="hotline_burst_once_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"
