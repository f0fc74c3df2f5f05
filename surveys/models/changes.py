"""The outbox that tells scorecards what to compute again; surveys never import scorecards."""

from django.db import models


class ObservationChange(models.Model):
    """A change of a commune and month, written in the transaction of the observation.

    Scorecards delete a row when it is computed, so a killed worker or broker loses nothing.
    """

    province_code = models.CharField(max_length=2)
    commune_code = models.CharField(max_length=6)
    month = models.DateField(help_text="first day of the month of the observation")
    observation = models.CharField(max_length=8, help_text="case, vote or check")
    case_number = models.BigIntegerField(
        null=True,
        help_text="the one case that changed, by its primary key; empty: any of them, or none",
    )
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["commune_code", "month"], name="change_commune_month")]

    def __str__(self) -> str:
        return f"{self.commune_code} {self.month:%Y-%m} {self.observation}"
