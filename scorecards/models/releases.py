"""Releases: what councils, donors and the public see, frozen and checked before it goes out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from scorecards.models.scores import Level


class Release(models.Model):
    """One quarter's figures made safe to publish: suppressed, attacked, approved, frozen.

    A correction is a new release of the same quarter, audited against the one before;
    ``is_current`` is the one that readers see.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        AUDITED = "audited", _("audited, waits for approval")
        APPROVED = "approved", _("approved, is attacked once more and then published")
        FAILED = "failed", _("did not pass the audit")
        PUBLISHED = "published", _("published")
        SET_ASIDE = "set_aside", _("set aside")

    period = models.CharField(max_length=7, help_text="a quarter, as 2026-Q3")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARING)
    is_current = models.BooleanField(default=False)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    prepared_at = models.DateTimeField(auto_now_add=True)
    prepared_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="releases_prepared"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="releases_approved"
    )
    data_until = models.DateTimeField(null=True, blank=True, help_text="newest observation in it")
    method_version = models.CharField(max_length=10)
    cells = models.PositiveIntegerField(default=0)
    shown = models.PositiveIntegerField(default=0)
    hidden = models.PositiveIntegerField(default=0)
    breaches = models.PositiveIntegerField(default=0, help_text="cells an attacker could work out")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-period", "-prepared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["period"], condition=Q(is_current=True), name="release_one_current"
            ),
            models.CheckConstraint(
                name="release_current_is_published",
                condition=Q(is_current=False) | Q(state="published"),
            ),
            models.CheckConstraint(
                name="release_published_by_somebody",
                condition=~Q(state="published")
                | Q(approved_by__isnull=False, published_at__isnull=False, breaches=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} ({self.pk})"


class ReleasedCell(models.Model):
    """One figure of a release as everybody may see it; a number that may not be seen is null.

    ``status``: full or pale (a figure), under_three (a band: ``low`` to ``high``), hidden
    (nothing), no_data (no published standard to judge by). Never changed once written.
    """

    pk = models.CompositePrimaryKey(
        "period",
        "release_id",
        "indicator",
        "service",
        "provider_kind",
        "place_code",
        "self_assessment",
    )
    release = models.ForeignKey(Release, models.CASCADE, related_name="+", db_index=False)
    period = models.CharField(max_length=7)
    indicator = models.CharField(max_length=10)
    service = models.CharField(max_length=60, blank=True)
    provider_kind = models.CharField(max_length=20)
    place_code = models.CharField(max_length=8, blank=True)
    self_assessment = models.BooleanField(default=False)
    level = models.CharField(max_length=8, choices=Level.choices)
    province_code = models.CharField(max_length=2, blank=True)
    status = models.CharField(max_length=14)
    why = models.CharField(max_length=14, blank=True)
    numerator = models.IntegerField(null=True)
    denominator = models.IntegerField(null=True)
    share = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    deff = models.FloatField(null=True)

    class Meta:
        indexes = [
            # serves a commune's scorecard
            models.Index(fields=["place_code"], name="released_place")
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.place_code} {self.indicator}"
