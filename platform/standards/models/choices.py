"""Fixed lists of standards, and the base of models with a name in two languages."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pages.languages import in_language


class ProviderKind(models.TextChoices):
    COMMUNE = "commune", _("Commune hall")
    POLICE = "police", _("Police post")
    HEALTH_CENTRE = "health_centre", _("Health centre")
    PRIMARY_SCHOOL = "primary_school", _("Primary school")
    OWSO = "owso", _("One-window service office")
    PROVINCE = "province", _("Provincial office")
    MINISTRY = "ministry", _("Ministry")


class Currency(models.TextChoices):
    KHR = "KHR", _("riel")
    USD = "USD", _("US dollar")


class DayKind(models.TextChoices):
    WORKING = "working", _("working days")
    CALENDAR = "calendar", _("calendar days")


class FeeUnit(models.TextChoices):
    """The unit that one fee pays for."""

    CERTIFICATE = "certificate", _("certificate")
    DOCUMENT = "document", _("document")
    CARD = "card", _("card")
    BOOK = "book", _("book")
    SHEET = "sheet", _("sheet")
    LICENCE = "licence", _("licence")
    PASSPORT = "passport", _("passport")
    PUPIL = "pupil", _("pupil")
    CONSULTATION = "consultation", _("consultation")
    DELIVERY = "delivery", _("delivery")
    ROOM = "room", _("room")


class IndicatorKind(models.TextChoices):
    COMPLIANCE = "compliance", _("compliance with the standard")
    PERCEPTION = "perception", _("citizens' votes")
    INPUT = "input", _("seen on a visit")


class Bilingual(models.Model):
    """A thing with a name in Khmer and in English; ``name`` is the reader's."""

    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language the reader has chosen."""
        return in_language(self.name_km, self.name_en)
