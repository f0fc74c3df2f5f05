"""Attendance as numbers by group; never a list of people."""

from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

SEXES: Final = ("women", "men", "other_sex")
AGES: Final = ("children", "youth", "adults", "elders")
ATTRIBUTES: Final = ("poor_card", "disability", "minority")
COUNTS: Final = ("people", *SEXES, *AGES, *ATTRIBUTES)


GROUP_LABELS: Final = {
    "people": _("people"),
    "women": _("women"),
    "men": _("men"),
    "other_sex": _("other"),
    "children": _("under 15"),
    "youth": _("15 to 30"),
    "adults": _("31 to 59"),
    "elders": _("60 and older"),
    "poor_card": _("with an equity card (IDPoor)"),
    "disability": _("with a disability"),
    "minority": _("of an ethnic minority"),
}
"""The name of each count on pages, in order."""


class Attendance(models.Model):
    """The number of people who came, by sex, age group and attribute; one number per group.

    Only totals of one group at a time are kept: no combination of attributes, so that
    nobody can be picked out of a meeting by what they are.
    """

    people = models.PositiveIntegerField(GROUP_LABELS["people"], default=0)
    women = models.PositiveIntegerField(GROUP_LABELS["women"], default=0)
    men = models.PositiveIntegerField(GROUP_LABELS["men"], default=0)
    other_sex = models.PositiveIntegerField(GROUP_LABELS["other_sex"], default=0)
    children = models.PositiveIntegerField(GROUP_LABELS["children"], default=0)
    youth = models.PositiveIntegerField(GROUP_LABELS["youth"], default=0)
    adults = models.PositiveIntegerField(GROUP_LABELS["adults"], default=0)
    elders = models.PositiveIntegerField(GROUP_LABELS["elders"], default=0)
    poor_card = models.PositiveIntegerField(GROUP_LABELS["poor_card"], default=0)
    disability = models.PositiveIntegerField(GROUP_LABELS["disability"], default=0)
    minority = models.PositiveIntegerField(GROUP_LABELS["minority"], default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_sexes_within_people",
                condition=Q(people__gte=F("women") + F("men") + F("other_sex")),
            ),
            models.CheckConstraint(
                name="%(class)s_ages_within_people",
                condition=Q(people__gte=F("children") + F("youth") + F("adults") + F("elders")),
            ),
            models.CheckConstraint(
                name="%(class)s_groups_within_people",
                condition=Q(people__gte=F("poor_card"))
                & Q(people__gte=F("disability"))
                & Q(people__gte=F("minority")),
            ),
            models.CheckConstraint(
                name="%(class)s_at_most_5000_people", condition=Q(people__lte=5000)
            ),
        ]
