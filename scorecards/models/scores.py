"""Stored scores, their earlier values, and the design effects of clustered interviews."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """The level of a figure: one provider, or all of a kind in a commune, province or nation."""

    PROVIDER = "provider", _("provider")
    COMMUNE = "commune", _("commune")
    PROVINCE = "province", _("province")
    NATION = "nation", _("nation")


class ScoreStatus(models.TextChoices):
    """The status of a score: whether there is a figure and how many cases it has."""

    NO_DATA = "no_data", _("nothing judged")
    TOO_FEW = "too_few", _("too few")
    PALE = "pale", _("few cases")
    FULL = "full", _("enough cases")
    NOT_YET_KNOWN = "not_yet_known", _("not yet known")


class Score(models.Model):
    """The score of one place or provider on one indicator in one period.

    The share is ``numerator`` / ``denominator`` with its 95% interval; what was left out is counted
    by reason. It carries what it was computed from and when, so that every number can be traced and
    computed again. The table is partitioned by period. These rows are the working figures: read
    them through ``scorecards.reading.scores``, which applies the permissions.
    """

    pk = models.CompositePrimaryKey(
        "period",
        "indicator",
        "service",
        "provider_kind",
        "place_code",
        "provider_id",
        "self_assessment",
    )
    period = models.CharField(max_length=7, help_text="2026-07, 2026-Q3 or 2026")
    indicator = models.CharField(max_length=10)
    service = models.CharField(max_length=60, blank=True, help_text="empty: all services")
    provider_kind = models.CharField(max_length=20)
    place_code = models.CharField(max_length=8, blank=True, help_text="empty: the nation")
    provider_id = models.BigIntegerField(default=0, help_text="0: all of the kind")
    self_assessment = models.BooleanField(
        default=False, help_text="votes of the providers about themselves, kept apart"
    )
    level = models.CharField(max_length=8, choices=Level.choices)
    province_code = models.CharField(max_length=2, blank=True)
    numerator = models.IntegerField(help_text="met; for votes: satisfied, 4 or 5")
    denominator = models.IntegerField(help_text="judged")
    no_standard = models.IntegerField(default=0)
    unknown_answer = models.IntegerField(default=0)
    does_not_apply = models.IntegerField(default=0)
    still_open = models.IntegerField(default=0)
    share = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    deff = models.FloatField(default=1.0, help_text="design effect; see ``DesignEffect``")
    cluster_pairs = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="ordered pairs of judged cases of one facilitator, day and provider (votes and "
        "checks: of one provider and day): the sum of n (n - 1) over the cell's clusters",
    )
    register_pairs = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="the same of rows of an office's register: one provider and day",
    )
    median = models.FloatField(
        null=True, help_text="riel beyond the fee where overcharged; days; or score of the votes"
    )
    distribution = ArrayField(
        models.IntegerField(), null=True, help_text="how many voted 1, 2, 3, 4, 5"
    )
    status = models.CharField(max_length=14, choices=ScoreStatus.choices)
    method_version = models.CharField(max_length=10)
    standards_version = models.BigIntegerField(
        null=True, help_text="the newest standard any of its cases was judged by"
    )
    newest_observation = models.DateTimeField(null=True)
    computed_at = models.DateTimeField()
    revised = models.BooleanField(
        default=False, help_text="changed after its period was closed; see ScoreRevision"
    )

    class Meta:
        indexes = [
            # serves the comparison of places. A place's scorecard, and all that is computed of
            # one province, is served by the primary key, which begins with period and place.
            models.Index(
                fields=["indicator", "service", "provider_kind", "level"], name="score_compared"
            ),
            # serves the scores of single providers
            models.Index(
                fields=["provider_id"], name="score_provider", condition=Q(provider_id__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.place_code} {self.provider_kind} {self.indicator}"


class ScoreRevision(models.Model):
    """The values of a score of a closed period before late or corrected data changed it."""

    period = models.CharField(max_length=7)
    indicator = models.CharField(max_length=10)
    service = models.CharField(max_length=60, blank=True)
    provider_kind = models.CharField(max_length=20)
    place_code = models.CharField(max_length=8, blank=True)
    provider_id = models.BigIntegerField(default=0)
    self_assessment = models.BooleanField(default=False)
    at = models.DateTimeField()
    numerator = models.IntegerField()
    denominator = models.IntegerField()
    share = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    computed_at = models.DateTimeField(help_text="when the earlier value was computed")

    class Meta:
        indexes = [
            # serves the history on the page that explains a score
            models.Index(fields=["place_code", "period", "indicator"], name="revision_cell")
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.place_code} {self.indicator} {self.at:%Y-%m-%d}"


class Source(models.TextChoices):
    """The way in which judged cases were gathered, as far as their design effect depends on it."""

    GATHERED = "gathered", _("gathered by facilitators, meetings and visits")
    REGISTER = "register", _("an office's register")


class DesignEffect(models.Model):
    """The design effect of clusters: rho of an indicator and source, in a year, nationally.

    Estimated every night from all facts of the year (method, section 2) and used by both
    computations of a score. A cell's design effect follows from ``rho_used`` and the pairs in the
    cell's own clusters (``Score.cluster_pairs``, ``Score.register_pairs``). Votes have theirs by
    meeting, the providers' own apart.
    """

    indicator = models.CharField(max_length=10)
    self_assessment = models.BooleanField(default=False)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.GATHERED)
    year = models.CharField(max_length=4)
    rho = models.FloatField(null=True, help_text="as estimated, before it is held in bounds")
    rho_used = models.FloatField(
        default=0.05, help_text="within 0.02..0.30, 0.05 if unknown; three decimals"
    )
    deff = models.FloatField(
        help_text="1 + (mean_size - 1) rho_used, for information: a cell's own differs"
    )
    mean_size = models.FloatField(help_text="cases in the cluster of an average case")
    clusters = models.IntegerField(help_text="facilitator x day x provider; meetings for votes")
    cases = models.IntegerField(help_text="judged")
    method_version = models.CharField(max_length=10)
    estimated_at = models.DateTimeField(help_text="the data are those of this moment")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "self_assessment", "source", "year"],
                name="rho_once_a_year_and_source",
            ),
            models.CheckConstraint(
                name="rho_used_in_bounds",
                condition=models.Q(rho_used__gte=0.02, rho_used__lte=0.30),
            ),
            models.CheckConstraint(name="deff_at_least_one", condition=models.Q(deff__gte=1)),
            models.CheckConstraint(
                name="deff_from_clusters",
                condition=models.Q(clusters__gte=1, cases__gte=models.F("clusters")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year} {self.source}: {self.rho_used:.3f}"
