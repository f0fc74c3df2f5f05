"""Measures of plans as a release printed them, and the private states that later ones need."""

from django.db import models
from django.db.models import F, Q

from scorecards.models import Release


class MeasureRelease(models.Model):
    """A published release that has its measures of plans.

    ``private`` holds what disclosure decided of numbers of people: true numbers and prints, as
    ``rounding.release`` returned them. Later releases of the quarter are decided against all of
    them (disclosure.md, rule 6); no page, file or address reads it.
    """

    release = models.OneToOneField(
        Release, models.CASCADE, primary_key=True, related_name="measure_release"
    )
    period = models.CharField(max_length=7)
    made_at = models.DateTimeField(auto_now_add=True)
    private = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.period} {self.release_id}"


class MeasureCell(models.Model):
    """One printed measure of one place in a release; never changed once written.

    ``split`` is the level at which actions are decided, "" for all; ``standing`` the class of
    the funnel (``FunnelClass``) against the nation. A figure that is not printed has no row.
    """

    made_for = models.ForeignKey(
        MeasureRelease, models.CASCADE, related_name="cells", db_index=False
    )
    measure = models.CharField(max_length=16)
    split = models.CharField(max_length=8, blank=True)
    place_code = models.CharField(max_length=6, blank=True)
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    share = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    standing = models.CharField(max_length=12)

    class Meta:
        constraints = [
            # also serves the page of a place and of the places in it
            models.UniqueConstraint(
                fields=["made_for", "place_code", "measure", "split"], name="measure_cell_once"
            ),
            models.CheckConstraint(
                name="measure_part_of_its_total",
                condition=Q(numerator__lte=F("denominator"), denominator__gte=9),
            ),
            models.CheckConstraint(
                name="measure_share_in_its_interval",
                condition=Q(low__lte=F("share"), share__lte=F("high")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.made_for_id} {self.place_code} {self.measure}"
