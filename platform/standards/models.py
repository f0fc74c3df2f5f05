"""Providers, services, and the official standards their words are measured against."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from places.models import Place


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


class Provider(models.Model):
    """An office, post, health centre or school that gives services to the public."""

    code = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=ProviderKind.choices)
    name_km = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    place = models.ForeignKey(Place, models.PROTECT, related_name="providers")
    serves = models.ManyToManyField(
        Place, blank=True, related_name="served_by", help_text="communes of its catchment"
    )
    opening_hours = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="the office's public number")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["place", "kind"], name="provider_of_place")]

    def __str__(self) -> str:
        return self.name_en


class Document(models.Model):
    """A paper that an office may ask for, under one name in each language."""

    code = models.SlugField(max_length=80, unique=True)
    name_km = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name_en


class Service(models.Model):
    """Something a kind of provider does for people, such as registering a birth."""

    code = models.SlugField(max_length=60, unique=True)
    provider_kind = models.CharField(max_length=20, choices=ProviderKind.choices)
    name_km = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    note = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name_en


class StandardQuerySet(models.QuerySet["Standard"]):
    def current(self) -> "StandardQuerySet":
        """Rows that no later edit has replaced."""
        return self.filter(replaced_at=None)

    def in_force(self, on: object) -> "StandardQuerySet":
        """Current standards in force on the date ``on``."""
        return self.current().filter(
            Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gte=on)
        )


class Standard(models.Model):
    """What is officially promised for one service and option: fee, days, papers, and since when.

    A row that a case was judged by is never changed: an edit replaces it by a new
    row (``replaced_at``), and the case keeps pointing to the old one. ``None`` in
    ``fee`` or ``days_max`` means that nothing was ever published, never zero.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="standards")
    option = models.SlugField(max_length=40, default="standard")
    provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="standards",
        help_text="only where the law leaves the fee to the provider",
    )
    fee = models.BigIntegerField(null=True, blank=True)
    fee_concession = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, choices=Currency.choices, default=Currency.KHR)
    fee_unit = models.CharField(max_length=40, blank=True)
    days_max = models.PositiveSmallIntegerField(null=True, blank=True)
    day_kind = models.CharField(max_length=8, choices=DayKind.choices, blank=True)
    valid_years = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="how long the paper itself is valid"
    )
    documents_known = models.BooleanField(
        default=False, help_text="false: no document list was ever published"
    )
    documents = models.ManyToManyField(Document, through="StandardDocument", blank=True)
    valid_from = models.DateField(_("in force from"), null=True, blank=True)
    valid_to = models.DateField(_("in force to"), null=True, blank=True)
    legal_basis = models.TextField(blank=True)
    source = models.TextField(blank=True)
    completeness = models.CharField(max_length=300, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = StandardQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="standard_one_in_force_a_day",
                expressions=[
                    (F("service"), RangeOperators.EQUAL),
                    (F("option"), RangeOperators.EQUAL),
                    (Coalesce(F("provider"), Value(0)), RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(replaced_at=None),
            ),
            models.CheckConstraint(
                name="standard_ends_after_it_starts",
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="standard_fee_not_negative",
                condition=(Q(fee=None) | Q(fee__gte=0))
                & (Q(fee_concession=None) | Q(fee_concession__gte=0)),
            ),
            models.CheckConstraint(
                name="standard_days_have_a_kind",
                condition=Q(days_max=None) | ~Q(day_kind=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id}/{self.option} {self.valid_from}–{self.valid_to}"


class StandardDocument(models.Model):
    """One paper on the official list of one standard, in its order."""

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="required")
    document = models.ForeignKey(Document, models.PROTECT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["standard", "document"], name="standard_document_once")
        ]

    def __str__(self) -> str:
        return f"{self.standard_id}: {self.document_id}"


class Holiday(models.Model):
    """A day on which offices are closed; predicted until the sub-decree is seen."""

    date = models.DateField(unique=True)
    name_km = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    is_official = models.BooleanField(
        default=False, help_text="false: predicted by the calendar, not yet by sub-decree"
    )
    is_cancelled = models.BooleanField(default=False, help_text="predicted, but offices worked")
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name_en}"
