"""Provinces, districts, communes and villages: one table, four levels, official codes."""

from datetime import date
from typing import Protocol

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pages.languages import readers_language
from parsing.validators import plausible_validity


class Level(models.TextChoices):
    PROVINCE = "province", _("Province")
    DISTRICT = "district", _("District")
    COMMUNE = "commune", _("Commune")
    VILLAGE = "village", _("Village")


class Kind(models.TextChoices):
    """The gazetteer's kinds of places; the codes are romanised Khmer words."""

    KHET = "khet", _("province")
    REACHTHEANI = "reachtheani", _("capital")
    SROK = "srok", _("district")
    KRONG = "krong", _("municipality")
    KHAN = "khan", _("urban district")
    KHUM = "khum", _("commune")
    SANGKAT = "sangkat", _("urban commune")
    PHUM = "phum", _("village")


KIND_WORDS_KM = {
    Kind.KHET: "ខេត្ត",
    Kind.REACHTHEANI: "រាជធានី",
    Kind.SROK: "ស្រុក",
    Kind.KRONG: "ក្រុង",
    Kind.KHAN: "ខណ្ឌ",
    Kind.KHUM: "ឃុំ",
    Kind.SANGKAT: "សង្កាត់",
    Kind.PHUM: "ភូមិ",
}
"""The word before a place's Khmer name, as part of the name: ឃុំបន្ទាយនាង."""

KIND_WORDS_EN = {
    Kind.KHET: "Province",
    Kind.REACHTHEANI: "Capital",
    Kind.SROK: "District",
    Kind.KRONG: "Municipality",
    Kind.KHAN: "Khan",
    Kind.KHUM: "Commune",
    Kind.SANGKAT: "Sangkat",
    Kind.PHUM: "Village",
}
"""The word after a place's Latin name: Banteay Neang Commune."""


def valid_on(on: date) -> Q:
    """Return rows with ``valid_from`` and ``valid_to`` that are valid on the day ``on``, ends
    included.
    """
    return Q(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gte=on))


class Dated(Protocol):
    """A row with the days from which and until which it is valid."""

    valid_from: date | None
    valid_to: date | None


def is_valid(row: Dated, on: date) -> bool:
    """Return whether ``row`` is valid on the day ``on``: as ``valid_on``, for a row in memory."""
    return (row.valid_from is None or row.valid_from <= on) and (
        row.valid_to is None or row.valid_to >= on
    )


class PlaceQuerySet(models.QuerySet["Place"]):
    """Places, with queries in terms of the field."""

    def communes(self) -> "PlaceQuerySet":
        return self.filter(level=Level.COMMUNE)

    def provinces(self) -> "PlaceQuerySet":
        return self.filter(level=Level.PROVINCE)

    def valid_on(self, on: date) -> "PlaceQuerySet":
        """Return places that exist on the day ``on``.

        Most have no dates and have always existed.
        """
        return self.filter(valid_on(on))

    def inside(self, code: str) -> "PlaceQuerySet":
        """Return every place whose code begins with ``code``, itself included."""
        return self.filter(code__startswith=code)


class Place(models.Model):
    """A province, district, commune or village of Cambodia, known by its official code."""

    code = models.CharField(_("code"), primary_key=True, max_length=8)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name_km = models.CharField(_("name in Khmer"), max_length=120)
    name_latin = models.CharField(_("name in Latin letters"), max_length=120)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("lies in"),
    )
    valid_from = models.DateField(
        _("exists from"), null=True, blank=True, validators=[plausible_validity]
    )
    valid_to = models.DateField(
        _("exists to"), null=True, blank=True, validators=[plausible_validity]
    )
    predecessor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("was before"),
    )
    search = models.CharField(
        max_length=300,
        blank=True,
        help_text="names folded for search (places.gazetteer.search_text)",
    )
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["code"]
        indexes = [
            # serves every search by name (places.search)
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
            models.CheckConstraint(
                name="place_parent_is_its_prefix",
                condition=Q(parent=None) | Q(code__startswith=F("parent_id"), parent__isnull=False),
            ),
            models.CheckConstraint(
                name="place_kind_fits_level",
                condition=Q(level="province", kind__in=["khet", "reachtheani"])
                | Q(level="district", kind__in=["srok", "krong", "khan"])
                | Q(level="commune", kind__in=["khum", "sangkat"])
                | Q(level="village", kind="phum"),
            ),
            models.CheckConstraint(
                name="place_ends_after_it_starts",
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="place_point_is_whole",
                # Written in full: half a point compares as unknown, and unknown passes a check.
                condition=Q(longitude=None, latitude=None)
                | Q(
                    longitude__isnull=False,
                    latitude__isnull=False,
                    longitude__range=(-180, 180),
                    latitude__range=(-90, 90),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_latin}"

    def is_valid(self, on: date) -> bool:
        """Return whether the place exists on the day ``on``."""
        return is_valid(self, on)

    @property
    def name(self) -> str:
        """The name in the language the reader has chosen, without its kind."""
        return self.name_latin if readers_language() == "en" else self.name_km

    @property
    def full_name(self) -> str:
        """The name with its kind, as on a signboard."""
        kind = Kind(self.kind)
        if readers_language() == "en":
            return f"{self.name_latin} {KIND_WORDS_EN[kind]}"
        return f"{KIND_WORDS_KM[kind]}{self.name_km}"

    @property
    def path_name(self) -> str:
        """The name within the names above it, nearest first; select parents before a list."""
        parts, place = [self.full_name], self.parent
        while place is not None:
            parts.append(place.full_name)
            place = place.parent
        return (", " if readers_language() == "en" else " ").join(parts)

    @property
    def province_code(self) -> str:
        return self.code[:2]
