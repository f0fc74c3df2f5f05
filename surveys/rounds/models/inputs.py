"""Inputs: what a provider is entitled to on a day, and what was present."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from standards.models import Bilingual, ProviderKind
from surveys.rounds.models.rounds import Round


class EntitlementQuerySet(models.QuerySet["Entitlement"]):
    def in_force(self, kind: str, on: date) -> "EntitlementQuerySet":
        """Select the entitlements of a kind of provider on the day ``on``."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=on),
            Q(valid_to=None) | Q(valid_to__gte=on),
            provider_kind=kind,
        )


class Entitlement(Bilingual):
    """A dated standard of inputs: what every provider of one kind should have.

    ``indicator_code`` names the indicator seen on visits where there is one.
    """

    provider_kind = models.CharField(max_length=20, choices=ProviderKind.choices)
    code = models.CharField(max_length=40)
    indicator_code = models.CharField(max_length=20, blank=True)
    quantity = models.PositiveIntegerField(_("how many"))
    unit_km = models.CharField(max_length=60, blank=True)
    unit_en = models.CharField(max_length=60, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300)
    set_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="who set it on the page; nobody where it was shipped",
    )

    objects = EntitlementQuerySet.as_manager()

    @property
    def unit(self) -> str:
        """The unit in the reader's language; "" where things are counted."""
        khmer = (get_language() or "km").startswith("km")
        return self.unit_km if khmer else self.unit_en or self.unit_km

    class Meta:
        ordering = ["provider_kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider_kind", "code", "valid_from"],
                nulls_distinct=False,
                name="entitlement_once",
            ),
            models.CheckConstraint(name="entitlement_is_some", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="entitlement_ends_after_it_starts",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(name="entitlement_has_a_source", condition=~Q(source="")),
        ]


class InputFound(models.Model):
    """The amount of one entitlement present in a round; None is "not known", never zero."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="inputs")
    entitlement = models.ForeignKey(Entitlement, models.PROTECT, related_name="found")
    present = models.PositiveIntegerField(null=True, blank=True)
    seen_on = models.DateField()
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "entitlement"], name="input_once_a_round"),
        ]

    def __str__(self) -> str:
        return f"{self.entitlement_id}: {self.present}"
