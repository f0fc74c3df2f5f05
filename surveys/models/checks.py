"""Checks: one yes or no seen by a facilitator at a provider."""

from django.db import models

from accounts.models import Programme, User
from places.models import Place
from standards.models import Provider


class Check(models.Model):
    """One yes or no seen by a facilitator at a provider, such as "price table displayed"."""

    check_id = models.CharField(max_length=80)
    province_code = models.CharField(max_length=2)
    commune = models.ForeignKey(Place, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="checks")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True)
    indicator_code = models.CharField(max_length=10)
    seen_on = models.DateField()
    present = models.BooleanField(null=True, help_text="null: could not be seen")
    facilitator = models.ForeignKey(User, models.PROTECT, null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_id", "indicator_code"], name="check_once")
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {self.indicator_code}"
