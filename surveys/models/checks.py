"""Checks: one yes or no seen by a facilitator at a provider."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Left

from accounts.models import Programme, User
from places.models import Place
from standards.models import Provider
from surveys.models.cases import Channel, readable
from surveys.models.imports import ImportBatch


class CheckQuerySet(models.QuerySet["Check"]):
    def standing(self) -> "CheckQuerySet":
        """Return checks that count: not voided."""
        return self.filter(voided_at=None)

    def visible_to(self, user: object) -> "CheckQuerySet":
        """Return the single checks this person may read."""
        return self.filter(readable(user))


class Check(models.Model):
    """One yes or no seen by a facilitator at a provider, such as "price table displayed"."""

    check_id = models.CharField(max_length=80)
    province_code = models.CharField(max_length=2)
    commune = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="checks", db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, db_index=False)
    indicator_code = models.CharField(max_length=10)
    seen_on = models.DateField()
    present = models.BooleanField(null=True, blank=True, help_text="null: could not be seen")
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PAGE)
    facilitator = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="checks_made", db_index=False
    )
    facilitator_name = models.CharField(
        max_length=150,
        blank=True,
        help_text="as it was written, when the facilitator has no account",
    )
    content_hash = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, null=True, blank=True, related_name="checks", db_index=False
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        indexes = [
            # serves the recompute of one commune and period
            models.Index(fields=["commune", "seen_on"], name="check_commune_seen"),
            # serves the nightly run, province by province
            models.Index(fields=["province_code", "seen_on"], name="check_province_seen"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["check_id", "indicator_code"], name="check_once"),
            models.CheckConstraint(
                name="check_province_is_the_communes",
                condition=Q(province_code=Left("commune_id", 2)),
            ),
            models.CheckConstraint(
                name="check_void_has_a_reason",
                condition=Q(voided_at=None) | ~Q(void_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {self.indicator_code}"
