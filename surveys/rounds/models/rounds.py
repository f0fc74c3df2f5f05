"""A round: one cycle of social accountability with one provider, from information to follow-up."""

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from accounts.permissions import covered
from places.models import Place
from standards.models import Provider

EARLIEST_YEAR = 2010
LATEST_YEAR = 2100


class Stage(models.TextChoices):
    """The stages of a round in their order; a round without a done stage is only planned."""

    INFORMED = "informed", _("citizens informed")
    MONITORED = "monitored", _("service monitored")
    SELF_ASSESSED = "self_assessed", _("provider assessed itself")
    MET = "met", _("community met")
    AGREED = "agreed", _("plan agreed")
    FOLLOWED_UP = "followed_up", _("followed up")
    CLOSED = "closed", _("closed")


class RoundQuerySet(models.QuerySet["Round"]):
    """Rounds, as a person may see and plan them."""

    def visible_to(self, user: object) -> "RoundQuerySet":
        """Return rounds whose plan, stages and results this person may read."""
        return self.filter(
            covered(user, "rounds.read", place="commune__code", programme="programme")
        )

    def planned_by(self, user: object) -> "RoundQuerySet":
        """Return rounds that this person may plan and change."""
        return self.filter(
            covered(user, "rounds.plan", place="commune__code", programme="programme")
        )

    def standing(self) -> "RoundQuerySet":
        """Return rounds that were not cancelled."""
        return self.filter(cancelled_at=None)

    def late_first(self, today: date) -> "RoundQuerySet":
        """Return rounds with ``late_since`` and ``next_due``; the longest late first."""
        waiting = Q(stages__done_on=None, stages__planned_on__isnull=False)
        return self.annotate(
            late_since=Min("stages__planned_on", filter=waiting & Q(stages__planned_on__lt=today)),
            next_due=Min("stages__planned_on", filter=waiting),
        ).order_by(F("late_since").asc(nulls_last=True), F("next_due").asc(nulls_last=True), "pk")


class Round(models.Model):
    """One round of social accountability with one provider, planned for a half-year or a year.

    Its six-digit ``code`` opens it on a tablet; the code is no secret of its own, because
    only an enrolled tablet of the programme and the place can use it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=6)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="rounds")
    commune = models.ForeignKey(Place, models.PROTECT, related_name="rounds")
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="rounds"
    )
    year = models.PositiveSmallIntegerField(_("year"))
    half = models.PositiveSmallIntegerField(_("half-year"), null=True, blank=True)
    facilitators = models.ManyToManyField(User, blank=True, related_name="rounds")
    planned_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    planned_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.TextField(blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="round_code_once"),
            models.UniqueConstraint(
                fields=["provider", "programme", "year", "half"],
                condition=Q(cancelled_at=None),
                nulls_distinct=False,
                name="round_once_a_period",
                violation_error_message=_(
                    "A round with this provider is already planned for this period."
                ),
            ),
            models.CheckConstraint(
                name="round_code_is_six_digits", condition=Q(code__regex=r"^[0-9]{6}$")
            ),
            models.CheckConstraint(
                name="round_half_is_first_or_second",
                condition=Q(half=None) | Q(half__gte=1, half__lte=2),
            ),
            models.CheckConstraint(
                name="round_year_is_plausible",
                condition=Q(year__gte=EARLIEST_YEAR, year__lte=LATEST_YEAR),
            ),
            models.CheckConstraint(
                name="round_cancelled_with_a_reason",
                condition=Q(cancelled_at=None) | ~Q(cancel_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.period}"

    @property
    def period(self) -> str:
        """The period's code: ``2026`` or ``2026-H2``."""
        return f"{self.year}-H{self.half}" if self.half else str(self.year)

    @property
    def first_day(self) -> date:
        """The first day of the period."""
        return date(self.year, 7 if self.half == 2 else 1, 1)

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)


class RoundStage(models.Model):
    """One stage of a round: the day it was planned for, and the day it was done."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="stages")
    name = models.CharField(max_length=14, choices=Stage.choices)
    planned_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    responsible = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "name"], name="round_stage_once"),
            models.CheckConstraint(name="round_stage_is_known", condition=Q(name__in=Stage.values)),
        ]
        indexes = [
            # serves the lists of rounds that put late stages first
            models.Index(
                fields=["planned_on"], condition=Q(done_on=None), name="round_stage_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.name}"

    @property
    def days_late(self) -> int:
        """Days since the planned day of a stage that is not done; 0 where it is not late."""
        if self.done_on is not None or self.planned_on is None:
            return 0
        return max((timezone.localdate() - self.planned_on).days, 0)
