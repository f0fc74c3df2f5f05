"""Releases: figures for councils, donors and the public, checked and frozen before they are
published.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from scorecards.models.scores import Level


class Release(models.Model):
    """One quarter's figures made safe to publish: rounded, approved by a second person, frozen.

    A correction is a new release of the same quarter, decided against all states that
    earlier ones kept; ``is_current`` is the one that readers see.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        AUDITED = "audited", _("prepared, waits for a second person to approve it")
        APPROVED = "approved", _("approved, is checked once more and then published")
        FAILED = "failed", _("did not pass the check")
        PUBLISHED = "published", _("published")
        SET_ASIDE = "set_aside", _("set aside")

    class Rules(models.TextChoices):
        ROUNDED = "rounded", _("rounded")
        SUPPRESSED = "suppressed", _("published under earlier rules")

    period = models.CharField(max_length=7, help_text="a quarter, as 2026-Q3")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARING)
    rules = models.CharField(max_length=10, choices=Rules.choices, default=Rules.ROUNDED)
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
    secret_mark = models.CharField(
        max_length=16, blank=True, help_text="which secret rounded it: a hash, not the secret"
    )
    printed = models.PositiveIntegerField(default=0, help_text="cells with a figure")
    repeated = models.PositiveIntegerField(default=0, help_text="of them, as an earlier release")
    withdrawn = models.PositiveIntegerField(default=0, help_text="cells being corrected")
    gaps = models.PositiveIntegerField(default=0, help_text="groups of voters with a figure")
    breaches = models.PositiveIntegerField(default=0, help_text="rows that failed the last check")
    note = models.TextField(blank=True)
    cells = models.PositiveIntegerField(default=0, help_text="earlier rules: cells considered")
    hidden = models.PositiveIntegerField(default=0, help_text="earlier rules: cells hidden")

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
            models.CheckConstraint(
                name="release_needs_two_people",
                condition=Q(approved_by=None)
                | Q(rules="suppressed")
                | Q(prepared_by__isnull=False) & ~Q(approved_by=F("prepared_by")),
                violation_error_message=_("A second person has to approve this release."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} ({self.pk})"


class ReleasedCell(models.Model):
    """One printed figure of a release, as everybody may see it; never changed once written.

    ``status``: full or pale (a figure), or withdrawn (being corrected: every number is null).
    A cell that is not printed has no row. ``numerator`` and ``denominator`` are rounded;
    ``share`` and the interval follow from them, ``deff`` has one decimal. Releases under
    earlier rules also hold rows of other statuses, which no reader is given.
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
    release = models.ForeignKey(
        Release, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    """A trigger looks at a statement's rows together; a constraint would look at each of them."""
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


class CellState(models.Model):
    """Private: the true numbers a release decided on for one cell, and what it printed of them.

    One row for each cell that the release decided anew, printed or not; a release that
    repeats an earlier state keeps none. Later releases of the quarter are decided against
    the states of all published ones (disclosure, rule 6). No page, file or address reads
    this table. ``service`` also names groups of voters ("women:yes").
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
    release = models.ForeignKey(
        Release, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    """A trigger looks at a statement's rows together; a constraint would look at each of them."""
    period = models.CharField(max_length=7)
    indicator = models.CharField(max_length=10)
    service = models.CharField(max_length=60, blank=True)
    provider_kind = models.CharField(max_length=20)
    place_code = models.CharField(max_length=8, blank=True)
    self_assessment = models.BooleanField(default=False)
    met = models.IntegerField(help_text="true number")
    not_met = models.IntegerField(help_text="true number")
    kept_met = models.IntegerField(null=True, help_text="as printed; null: not printed")
    kept_not_met = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="state_prints_both_sides_or_neither",
                condition=Q(kept_met=None, kept_not_met=None)
                | Q(kept_met__gte=0, kept_not_met__gte=0),
            ),
            models.CheckConstraint(
                name="state_counts_people", condition=Q(met__gte=0, not_met__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.place_code} {self.indicator}"
