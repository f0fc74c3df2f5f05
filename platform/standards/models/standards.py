"""Providers, services, and the official standards they are measured by."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from pages.languages import in_language
from parsing.validators import plausible_validity
from places.models import Place, is_valid, valid_on
from standards.models.choices import (
    Bilingual,
    Currency,
    DayKind,
    FeeUnit,
    IndicatorKind,
    ProviderKind,
)

MOST_FEE = 999_999_999
MOST_DAYS = 3650
"""The largest fee and time that every channel can say: see ``surveys.hotline.numbers``."""


class ProviderQuerySet(models.QuerySet["Provider"]):
    def valid_on(self, on: date) -> "ProviderQuerySet":
        """Return providers that exist on the day ``on``; a future last day ends nothing yet."""
        return self.filter(valid_on(on))


class Provider(Bilingual):
    """An office, post, health centre or school that gives services to the public."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=ProviderKind.choices)
    place = models.ForeignKey(
        Place, models.PROTECT, related_name="providers", verbose_name=_("place")
    )
    serves = models.ManyToManyField(
        Place,
        blank=True,
        related_name="served_by",
        help_text=_("communes of its catchment"),
        verbose_name=_("serves these communes"),
    )
    opening_hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    phone = models.CharField(
        _("telephone of the office"),
        max_length=20,
        blank=True,
        help_text=_("the office's public number"),
    )
    valid_from = models.DateField(
        _("exists from"), null=True, blank=True, validators=[plausible_validity]
    )
    valid_to = models.DateField(
        _("exists to"), null=True, blank=True, validators=[plausible_validity]
    )

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["code"]
        indexes = [models.Index(fields=["place", "kind"], name="provider_of_place")]
        constraints = [
            models.CheckConstraint(
                name="provider_ends_after_it_starts",
                violation_error_message=_("It ends before it starts."),
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
            )
        ]


class Document(Bilingual):
    """A paper that an office may ask for, under one name in each language."""

    code = models.SlugField(_("code"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["code"]


class ServiceOption(Bilingual):
    """A way to get a service that has terms of its own, such as the fast one.

    Standards and cases name it by its code, so a code never changes.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=9999)

    class Meta:
        verbose_name = _("option of a service")
        verbose_name_plural = _("options of services")
        ordering = ["position", "code"]


class ServiceQuerySet(models.QuerySet["Service"]):
    def offered(self, on: date) -> "ServiceQuerySet":
        """Return services that people can still ask for on the day ``on``."""
        return self.filter(Q(retired_on=None) | Q(retired_on__gt=on))


class Service(Bilingual):
    """Something a kind of provider does for people, such as registering a birth."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    provider_kind = models.CharField(
        _("kind of provider"), max_length=20, choices=ProviderKind.choices
    )
    note_km = models.CharField(_("note in Khmer"), max_length=300, blank=True)
    note_en = models.CharField(_("note in English"), max_length=300, blank=True)
    fee_by_provider = models.BooleanField(
        _("each provider sets its own fee"),
        default=False,
        help_text=_("true where the law lets each provider set and post its own fee"),
    )
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)
    retired_on = models.DateField(
        _("retired on"), null=True, blank=True, validators=[plausible_validity]
    )

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["position", "code"]

    @property
    def note(self) -> str:
        """The note in the reader's language."""
        return in_language(self.note_km, self.note_en)


class Indicator(Bilingual):
    """One thing a scorecard measures of a provider.

    It is computed from cases, voted, or seen on a visit.
    """

    code = models.SlugField(_("code"), max_length=20, unique=True)
    provider_kinds = ArrayField(models.CharField(max_length=20, choices=ProviderKind.choices))
    kind = models.CharField(_("kind"), max_length=10, choices=IndicatorKind.choices)
    measured_as_km = models.CharField(_("measured as, in Khmer"), max_length=300)
    measured_as_en = models.CharField(_("measured as, in English"), max_length=300)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["position", "code"]

    @property
    def measured_as(self) -> str:
        """Return the way it is measured, in the reader's language."""
        return in_language(self.measured_as_km, self.measured_as_en)


class StandardQuerySet(models.QuerySet["Standard"]):
    def current(self) -> "StandardQuerySet":
        """Return rows that no later edit has replaced."""
        return self.filter(replaced_at=None)

    def in_force(self, on: date) -> "StandardQuerySet":
        """Return current standards in force on the date ``on``."""
        return self.current().filter(valid_on(on))


class Standard(models.Model):
    """The official promise for one service and option: fee, days, documents, first day.

    A row that a case was judged by is never changed: an edit replaces it by a new
    row (``replaced_at``), and the case keeps pointing to the old one. ``None`` in
    ``fee`` or ``days_max`` means that nothing was ever published, never zero.
    """

    service = models.ForeignKey(
        Service, models.PROTECT, related_name="standards", verbose_name=_("service")
    )
    option = models.SlugField(_("option"), max_length=40, default="standard")
    provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="standards",
        help_text=_("only where the law leaves the fee to the provider"),
        verbose_name=_("provider"),
    )
    fee = models.BigIntegerField(_("official fee"), null=True, blank=True)
    fee_concession = models.BigIntegerField(_("reduced fee"), null=True, blank=True)
    currency = models.CharField(
        _("currency"), max_length=3, choices=Currency.choices, default=Currency.KHR
    )
    fee_unit = models.CharField(_("fee is per"), max_length=40, choices=FeeUnit.choices, blank=True)
    days_max = models.PositiveSmallIntegerField(_("most days"), null=True, blank=True)
    day_kind = models.CharField(_("kind of day"), max_length=8, choices=DayKind.choices, blank=True)
    valid_years = models.PositiveSmallIntegerField(
        _("document is valid for (years)"),
        null=True,
        blank=True,
        help_text=_("how long the document itself is valid"),
    )
    documents_known = models.BooleanField(
        _("the list of documents is known in full"),
        default=False,
        help_text=_(
            "true: the official list is known in full, so that a document beyond it is extra"
        ),
    )
    documents = models.ManyToManyField(Document, through="StandardDocument", blank=True)
    valid_from = models.DateField(
        _("in force from"), null=True, blank=True, validators=[plausible_validity]
    )
    valid_to = models.DateField(
        _("in force to"), null=True, blank=True, validators=[plausible_validity]
    )
    legal_basis_km = models.TextField(_("legal basis in Khmer"), blank=True)
    legal_basis_en = models.TextField(_("legal basis in English"), blank=True)
    source = models.TextField(_("source"), blank=True)
    completeness_km = models.CharField(_("what is missing, in Khmer"), max_length=300, blank=True)
    completeness_en = models.CharField(_("what is missing, in English"), max_length=300, blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, verbose_name=_("recorded by")
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    replaced_at = models.DateTimeField(null=True, blank=True)
    fixture_key = models.CharField(
        max_length=120,
        null=True,
        blank=True,
        unique=True,
        help_text="the row of fixtures/standards.csv it was first loaded from, so that a second "
        "load leaves it and its successors alone",
    )

    objects = StandardQuerySet.as_manager()

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
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
                violation_error_message=_(
                    "Another standard for this service and option is in force on one of these days."
                ),
            ),
            models.CheckConstraint(
                name="standard_ends_after_it_starts",
                violation_error_message=_("It ends before it starts."),
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="standard_fee_not_negative",
                violation_error_message=_("A fee is never negative."),
                condition=(Q(fee=None) | Q(fee__gte=0))
                & (Q(fee_concession=None) | Q(fee_concession__gte=0)),
            ),
            models.CheckConstraint(
                name="standard_days_have_a_kind",
                violation_error_message=_("Say whether these are working or calendar days."),
                condition=Q(days_max=None) | ~Q(day_kind=""),
            ),
            models.CheckConstraint(
                name="standard_fee_can_be_said",
                violation_error_message=_("A fee is at most 999,999,999."),
                condition=Q(fee=None) | Q(fee__lte=MOST_FEE),
            ),
            models.CheckConstraint(
                name="standard_days_can_be_said",
                violation_error_message=_("The time is at most 3,650 days."),
                condition=Q(days_max=None) | Q(days_max__lte=MOST_DAYS),
            ),
            models.CheckConstraint(
                name="standard_concession_not_above_fee",
                violation_error_message=_("The concession fee is above the fee."),
                condition=Q(fee_concession=None) | Q(fee__gte=F("fee_concession")),
            ),
        ]

    def __str__(self) -> str:
        since = f"{self.valid_from or ''}–{self.valid_to or ''}".strip("–")
        return " · ".join(part for part in (self.service.name, self.option, since) if part)

    @property
    def legal_basis(self) -> str:
        """The law or decision it rests on, in the reader's language."""
        return in_language(self.legal_basis_km, self.legal_basis_en)

    @property
    def completeness(self) -> str:
        """Return the note on unpublished parts of the standard, in the reader's language."""
        return in_language(self.completeness_km, self.completeness_en)

    def covers(self, on: date) -> bool:
        """Return whether it is in force on the day ``on`` (both ends included)."""
        return is_valid(self, on)


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


class Holiday(Bilingual):
    """A day on which offices are closed; predicted until the sub-decree is seen."""

    date = models.DateField(_("date"), unique=True, validators=[plausible_validity])
    is_official = models.BooleanField(
        _("official"),
        default=False,
        help_text=_("false: predicted by the calendar, not yet by sub-decree"),
    )
    is_cancelled = models.BooleanField(
        _("offices worked"), default=False, help_text=_("predicted, but offices worked")
    )
    source = models.CharField(_("source"), max_length=300, blank=True)
    changed_at = models.DateTimeField(
        auto_now=True, help_text="tells running programs that the calendar has changed"
    )

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name_en}"
