"""Joint action plans of a commune."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear, Left
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from accounts.permissions import covered
from places.models import Place
from standards.models import Provider


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: object) -> "PlanQuerySet":
        """Return plans, drafts too, of the places and programmes whose plans this person reads."""
        return self.filter(
            covered(user, "plans.read", place="commune__code", programme="programme")
        )

    def agreed(self) -> "PlanQuerySet":
        """Return plans that both sides agreed on."""
        return self.filter(agreed_on__isnull=False)


class Plan(models.Model):
    """The action plan of one commune's providers and community for a half-year or year.

    Without a provider it is the joint plan of the whole commune, as the official form is.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    province_code = models.CharField(max_length=2)
    commune = models.ForeignKey(
        Place, models.PROTECT, related_name="plans", verbose_name=_("commune")
    )
    provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        verbose_name=_("provider"),
    )
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("programme"),
    )
    year = models.PositiveSmallIntegerField(_("year"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    agreed_on = models.DateField(_("agreed on"), null=True, blank=True)
    community_side = models.CharField(
        _("signed for the community by (office, no name)"), max_length=200, blank=True
    )
    provider_side = models.CharField(
        _("signed for the providers by (office, no name)"), max_length=200, blank=True
    )
    round_uuid = models.UUIDField(
        null=True, blank=True, unique=True, help_text="the round whose interface meeting made it"
    )
    source_key = models.CharField(
        max_length=80, blank=True, help_text="of an imported plan: its id in the system before"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["-starts_on", "commune", "pk"]
        indexes = [
            # serves the list of a district's plans
            models.Index(fields=["commune", "-starts_on"], name="plan_of_commune"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "provider", "programme", "starts_on"],
                nulls_distinct=False,
                name="plan_once_in_a_period",
                violation_error_message=_("There is already a plan for this period here."),
            ),
            models.CheckConstraint(
                name="plan_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("It ends before it starts."),
            ),
            models.CheckConstraint(
                name="plan_year_is_of_its_first_day",
                condition=Q(year=ExtractYear("starts_on")),
            ),
            models.CheckConstraint(
                name="plan_province_is_the_communes",
                condition=Q(province_code=Left("commune_id", 2)),
            ),
            models.CheckConstraint(
                name="plan_is_agreed_by_both_sides",
                condition=Q(agreed_on=None) | (~Q(community_side="") & ~Q(provider_side="")),
                violation_error_message=_("A plan is agreed by both sides: say who signed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commune_id} {self.starts_on:%Y-%m-%d}"
