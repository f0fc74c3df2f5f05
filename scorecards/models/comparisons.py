"""Comparisons of places: computed for a whole period, stored, never a league table."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scorecards.method.vocabulary import Change, FunnelClass
from scorecards.models.scores import Level


class PendingComparison(models.Model):
    """A period whose scores changed, so that its comparisons must be computed again.

    Written with the changed sums (``scorecards.pipeline.comparison_queue``) and deleted with the
    new comparisons of the period, so that a killed worker loses no period that it finished.
    """

    period = models.CharField(max_length=7)

    def __str__(self) -> str:
        return self.period


class Statistic(models.Model):
    """The origin that every stored statistic carries: its release, place, time and method."""

    period = models.CharField(max_length=7)
    release_id = models.BigIntegerField(
        default=0, help_text="0: of the working figures; else of this release's figures alone"
    )
    provider_kind = models.CharField(max_length=20)
    place_code = models.CharField(max_length=8, blank=True)
    province_code = models.CharField(max_length=2, blank=True)
    method_version = models.CharField(max_length=10)
    data_until = models.DateTimeField(null=True, help_text="newest observation of the period")
    computed_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.period} {self.place_code} {self.provider_kind}"


class Comparison(Statistic):
    """One commune compared with all others on one indicator of a kind of provider.

    All services together. ``mean`` is the share shrunk to the mean of all, the rank an interval;
    beside its own kind and province only where five others are known; the change since the period
    before and over the last periods under one standard. The table is partitioned by period.
    """

    pk = models.CompositePrimaryKey(
        "period", "release_id", "indicator", "provider_kind", "place_code"
    )
    indicator = models.CharField(max_length=10)
    numerator = models.IntegerField()
    denominator = models.IntegerField()
    deff = models.FloatField()
    places = models.IntegerField(help_text="communes compared, this one included")
    mean = models.FloatField()
    rank_low = models.IntegerField(help_text="best place it may have, 1 is the highest share")
    rank_high = models.IntegerField()
    whole = models.FloatField(
        null=True, help_text="the line: share of the nation; null where that is not known"
    )
    spread = models.FloatField(default=0.0, help_text="tau squared of the funnel's limits")
    funnel = models.CharField(max_length=11, choices=[(c.value, c.value) for c in FunnelClass])
    outlier = models.BooleanField(help_text="stands out after Benjamini-Hochberg at 5%")
    province_places = models.IntegerField(help_text="others of the province with cases")
    province_share = models.FloatField(null=True)
    province_gap = models.FloatField(null=True, help_text="own share minus theirs")
    province_low = models.FloatField(null=True)
    province_high = models.FloatField(null=True)
    province_alarm = models.BooleanField(
        default=False, help_text="a sentence may say so: clear at 99.8%, 5 points or more"
    )
    like_places = models.IntegerField(help_text="other khums, or other sangkats, with cases")
    like_share = models.FloatField(null=True)
    like_gap = models.FloatField(null=True)
    like_low = models.FloatField(null=True)
    like_high = models.FloatField(null=True)
    like_alarm = models.BooleanField(default=False, help_text="as province_alarm")
    change = models.FloatField(null=True, help_text="since the period before")
    change_low = models.FloatField(null=True)
    change_high = models.FloatField(null=True)
    change_alarm = models.BooleanField(
        default=False, help_text="the arrow would be drawn at 99.8% as well"
    )
    arrow = models.CharField(max_length=16, choices=[(c.value, c.value) for c in Change])
    trend = models.CharField(max_length=16, choices=[(c.value, c.value) for c in Change])
    trend_periods = models.IntegerField(help_text="periods under one standard that it looks at")
    trend_alarm = models.BooleanField(default=False, help_text="clear at 99.8% as well")

    class Meta:
        indexes = [
            # serves a commune's scorecard
            models.Index(fields=["place_code"], name="comparison_place")
        ]
        constraints = [
            models.CheckConstraint(
                name="comparison_rank_is_a_range",
                condition=Q(
                    rank_low__gte=1, rank_high__gte=F("rank_low"), places__gte=F("rank_high")
                ),
            ),
            models.CheckConstraint(
                name="comparison_met_of_judged",
                condition=Q(numerator__gte=0, denominator__gte=F("numerator"), denominator__gt=0),
            ),
            models.CheckConstraint(
                name="comparison_peers_are_five",
                condition=(Q(province_share=None) | Q(province_places__gte=5))
                & (Q(like_share=None) | Q(like_places__gte=5)),
            ),
        ]


class PlaceClass(Statistic):
    """The class of a place against the nation, in a cell that is not ranked.

    Single services of communes, and provinces: class, line and change, of cells with ten
    judged cases or more. Quarters and years; of the months nobody is classed by service.
    All services of a commune together have theirs in ``Comparison``. The table is
    partitioned by period.
    """

    pk = models.CompositePrimaryKey(
        "period", "release_id", "indicator", "provider_kind", "service", "place_code"
    )
    indicator = models.CharField(max_length=10)
    service = models.CharField(max_length=60, blank=True, help_text="empty: all services")
    level = models.CharField(max_length=8, choices=Level.choices)
    numerator = models.IntegerField()
    denominator = models.IntegerField()
    deff = models.FloatField()
    places = models.IntegerField(help_text="places of the level compared, this one included")
    whole = models.FloatField(
        null=True, help_text="the line: share of the nation; null where that is not known"
    )
    spread = models.FloatField(help_text="tau squared of the funnel's limits")
    funnel = models.CharField(max_length=11, choices=[(c.value, c.value) for c in FunnelClass])
    outlier = models.BooleanField(help_text="stands out after Benjamini-Hochberg at 5%")
    change = models.FloatField(null=True, help_text="since the period before")
    change_low = models.FloatField(null=True)
    change_high = models.FloatField(null=True)
    arrow = models.CharField(max_length=16, choices=[(c.value, c.value) for c in Change])
    change_alarm = models.BooleanField(help_text="the arrow would be drawn at 99.8% as well")

    class Meta:
        indexes = [
            # serves a commune's scorecard
            models.Index(fields=["place_code"], name="place_class_place")
        ]
        constraints = [
            models.CheckConstraint(
                name="place_class_met_of_judged",
                condition=Q(numerator__gte=0, denominator__gte=F("numerator")),
            ),
        ]


class Overall(Statistic):
    """One number for a kind of provider in a place, with how much of it could be judged.

    0 to 100; none where less than 60% of the weight could be judged. The table is
    partitioned by period.
    """

    pk = models.CompositePrimaryKey("period", "release_id", "provider_kind", "place_code")
    level = models.CharField(max_length=8, choices=Level.choices)
    score = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    coverage = models.FloatField(help_text="weight judged / weight total")
    parts_judged = models.IntegerField()
    parts_total = models.IntegerField()

    class Meta:
        indexes = [
            # serves a commune's scorecard
            models.Index(fields=["place_code"], name="overall_place")
        ]
        constraints = [
            models.CheckConstraint(
                name="overall_needs_coverage",
                condition=Q(score=None) | Q(coverage__gte=0.6 - 1e-9),
            ),
            models.CheckConstraint(
                name="overall_in_its_interval",
                condition=Q(score=None)
                | Q(low__lte=F("score"), high__gte=F("score"), low__gte=0, high__lte=100),
            ),
        ]


class OnTime(Statistic):
    """The share delivered within the promise where requests are still open (method, 3).

    Kaplan-Meier, open requests censored at the moment of the data; only for cells that
    have open ones: elsewhere it is the plain share. No share means "not yet known".
    Working figures only. The table is partitioned by period.
    """

    pk = models.CompositePrimaryKey(
        "period", "release_id", "provider_kind", "service", "place_code"
    )
    service = models.CharField(max_length=60, blank=True, help_text="empty: all services")
    level = models.CharField(max_length=8, choices=Level.choices)
    share = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    median_days = models.FloatField(null=True, help_text="in the standard's own kind of day")
    cases = models.IntegerField()
    still_open = models.IntegerField(help_text="younger than the promise: not yet judged")

    class Meta:
        indexes = [
            # serves a commune's scorecard
            models.Index(fields=["place_code"], name="on_time_place")
        ]
        constraints = [
            models.CheckConstraint(name="on_time_is_working", condition=Q(release_id=0)),
            models.CheckConstraint(
                name="on_time_has_open_cases",
                condition=Q(still_open__gte=1, cases__gte=F("still_open")),
            ),
            models.CheckConstraint(
                name="on_time_in_its_interval",
                condition=Q(share=None)
                | Q(low__gte=0, low__lte=F("share"), high__gte=F("share"), high__lte=1),
            ),
        ]


class VoteGap(Statistic):
    """A group of voters compared with the other voters of a place, for a kind of provider.

    Community meetings only. Working rows (``release_id`` 0) compare means of scores and are
    exact; they are kept where both sides have five voters or more, and their interval comes
    from drawing whole meetings, so one meeting gives none (method, 6). Rows of a release
    compare the shares of satisfied voters from rounded numbers and have no means. Releases
    under earlier rules hold means, and rows with status "hidden" that no reader is given.
    The table is partitioned by period.
    """

    class Among(models.TextChoices):
        WOMEN = "women", _("women")
        YOUTH = "youth", _("people of 15 to 30")
        POOR_CARD = "poor_card", _("people with an Equity card (IDPoor)")
        DISABILITY = "disability", _("people with a disability")
        MINORITY = "minority", _("people of a minority")

    pk = models.CompositePrimaryKey(
        "period", "release_id", "indicator", "among", "provider_kind", "place_code"
    )
    indicator = models.CharField(max_length=10)
    among = models.CharField(max_length=10, choices=Among.choices)
    level = models.CharField(max_length=8, choices=Level.choices)
    status = models.CharField(max_length=9, help_text="shown, or withdrawn: being corrected")
    voters = models.IntegerField(null=True, help_text="of the group; of a release rounded")
    others = models.IntegerField(null=True, help_text="known not to be of it")
    mean = models.FloatField(null=True, help_text="of the group's scores, 1 to 5")
    others_mean = models.FloatField(null=True)
    gap = models.FloatField(null=True, help_text="mean minus others_mean, in points")
    low = models.FloatField(null=True, help_text="95%, bootstrap by meeting")
    high = models.FloatField(null=True)
    satisfied = models.IntegerField(null=True, help_text="votes of 4 or 5 of the group, rounded")
    others_satisfied = models.IntegerField(null=True)
    share = models.FloatField(null=True, help_text="satisfied / voters; only of a release")
    others_share = models.FloatField(null=True)
    share_gap = models.FloatField(null=True, help_text="share minus others_share")
    share_low = models.FloatField(null=True)
    share_high = models.FloatField(null=True)

    class Meta:
        indexes = [
            # serves a commune's scorecard
            models.Index(fields=["place_code"], name="vote_gap_place")
        ]
        constraints = [
            models.CheckConstraint(
                name="vote_gap_needs_five_on_both_sides",
                condition=Q(status="hidden", gap=None, voters=None, others=None, mean=None)
                | Q(status="shown", voters__gte=5, others__gte=5, gap__isnull=False)
                | Q(status="shown", voters__gte=9, others__gte=9, share_gap__isnull=False)
                | Q(status="withdrawn", voters=None, others=None, gap=None, share_gap=None),
            ),
            models.CheckConstraint(
                name="vote_gap_means_are_exact_or_absent",
                condition=Q(share_gap=None) | Q(gap=None, mean=None, others_mean=None),
            ),
            models.CheckConstraint(
                name="vote_gap_interval_is_a_range", condition=Q(low=None) | Q(low__lte=F("high"))
            ),
        ]
