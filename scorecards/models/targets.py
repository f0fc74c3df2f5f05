"""Targets of programmes: what a programme agreed with its donor to reach in a year."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme
from standards.models import Indicator, ProviderKind

FIRST_YEAR, LAST_YEAR = 2010, 2100


class Measure(models.TextChoices):
    """The measures that a target may be set for; all but people are shares, 0 to 100."""

    INDICATOR = "indicator", _("an indicator of services")
    OFFICES_MEETING = "offices_meeting", _("offices that clearly meet the national standards")
    ACTIONS_MOVING = "actions_moving", _("agreed actions that are completed or under way")
    ACTIONS_CONFIRMED = "actions_confirmed", _("agreed actions that citizens confirmed")
    THREE_CYCLES = "three_cycles", _("communes with three full yearly cycles")
    PEOPLE_INFORMED = "people_informed", _("people informed in sessions")


class ProgrammeTarget(models.Model):
    """The value that one measure of a programme is to reach in one year."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="targets")
    year = models.PositiveSmallIntegerField(_("year"))
    measure = models.CharField(_("measure"), max_length=17, choices=Measure.choices)
    provider_kind = models.CharField(max_length=20, blank=True, choices=ProviderKind.choices)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+"
    )
    value = models.FloatField(_("target"), help_text="percent, or a number of people")

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["programme", "-year", "measure", "provider_kind", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year", "measure", "provider_kind", "indicator"],
                nulls_distinct=False,
                name="target_once_a_year",
            ),
            models.CheckConstraint(
                name="target_names_its_indicator",
                condition=Q(measure="indicator", indicator__isnull=False) & ~Q(provider_kind="")
                | ~Q(measure="indicator") & Q(indicator=None, provider_kind=""),
            ),
            models.CheckConstraint(
                name="target_value_is_possible",
                condition=Q(measure="people_informed", value__gte=1, value__lte=20_000_000)
                | ~Q(measure="people_informed") & Q(value__gte=0, value__lte=100),
                violation_error_message=_(
                    "A share lies between 0 and 100; a number of people is 1 or more."
                ),
            ),
            models.CheckConstraint(
                name="target_year_is_plausible",
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                violation_error_message=_("Write a year between 2010 and 2100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.year} {self.measure}"
