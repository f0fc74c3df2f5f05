"""Provinces, districts, communes and villages: one table, four levels, official codes."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    PROVINCE = "province", _("Province")
    DISTRICT = "district", _("District")
    COMMUNE = "commune", _("Commune")
    VILLAGE = "village", _("Village")


class Kind(models.TextChoices):
    """What the gazetteer calls a place of that level; the romanised Khmer word."""

    KHET = "khet", _("province")
    REACHTHEANI = "reachtheani", _("capital")
    SROK = "srok", _("district")
    KRONG = "krong", _("municipality")
    KHAN = "khan", _("urban district")
    KHUM = "khum", _("commune")
    SANGKAT = "sangkat", _("urban commune")
    PHUM = "phum", _("village")


class PlaceQuerySet(models.QuerySet["Place"]):
    """Places in the words of the field."""

    def communes(self) -> "PlaceQuerySet":
        return self.filter(level=Level.COMMUNE)

    def provinces(self) -> "PlaceQuerySet":
        return self.filter(level=Level.PROVINCE)

    def inside(self, code: str) -> "PlaceQuerySet":
        """Every place whose code begins with ``code``, itself included."""
        return self.filter(code__startswith=code)


class Place(models.Model):
    """A province, district, commune or village of Cambodia, known by its official code."""

    code = models.CharField(primary_key=True, max_length=8)
    level = models.CharField(max_length=8, choices=Level.choices)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name_km = models.CharField(max_length=120)
    name_latin = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    predecessor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors"
    )
    search = models.CharField(
        max_length=300, blank=True, help_text="names folded for search: no zero-width spaces"
    )
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        indexes = [
            GinIndex(fields=["search"], opclasses=["gin_trgm_ops"], name="place_search_trgm")
        ]
        constraints = [
            models.CheckConstraint(
                name="place_code_fits_level",
                condition=(
                    Q(level="province", code__regex=r"^[0-9]{2}$")
                    | Q(level="district", code__regex=r"^[0-9]{4}$")
                    | Q(level="commune", code__regex=r"^[0-9]{6}$")
                    | Q(level="village", code__regex=r"^[0-9]{8}$")
                ),
            ),
            models.CheckConstraint(
                name="place_only_provinces_have_no_parent",
                condition=Q(level="province", parent=None) | ~Q(level="province") & ~Q(parent=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_latin}"

    @property
    def province_code(self) -> str:
        return self.code[:2]
