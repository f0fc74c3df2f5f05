"""Actions: who does what, by when, and how far it has come."""

import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import covered
from places.models import Place
from scorecards.plans.models.offices import Office
from scorecards.plans.models.plans import Plan
from scorecards.plans.models.vocabulary import (
    ActionLevel,
    Moderation,
    Money,
    Part,
    Proposer,
    State,
)
from standards.models import Indicator, Provider, Service, Standard
from surveys.models import Meeting

MOST_RIEL = 10**12 - 1
"""The largest amount that people can type (khmer.riel)."""
MOST_PEOPLE = 20_000_000


def new_call_code() -> str:
    """Draw seven digits by which a caller of the hotline names an action."""
    return f"{secrets.randbelow(9_000_000) + 1_000_000}"


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: object) -> "ActionQuerySet":
        """Return actions of the places and programmes in which this person reads plans."""
        return self.filter(
            covered(user, "plans.read", place="commune__code", programme="plan__programme")
        )

    def agreed(self) -> "ActionQuerySet":
        """Return actions of plans that both sides agreed on."""
        return self.filter(first_due_on__isnull=False)


class Action(models.Model):
    """One promise of a plan: what is done, where, by when, for whom, at what cost, by which office.

    ``first_due_on`` is set when the plan is agreed and never overwritten (a trigger refuses it);
    ``due_on`` is the day promised now. ``claim`` counts how often the action was reported done.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    call_code = models.CharField(max_length=7, unique=True, default=new_call_code, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="actions")
    commune = models.ForeignKey(Place, models.PROTECT, related_name="+")
    district_code = models.CharField(max_length=4)
    number = models.PositiveSmallIntegerField(_("number"))
    part = models.CharField(_("part of the form"), max_length=8, choices=Part.choices)
    provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        db_index=False,
        verbose_name=_("provider"),
    )
    activity = models.CharField(_("agreed priority activity"), max_length=500)
    proposed_by = models.CharField(
        _("proposed by"), max_length=9, choices=Proposer.choices, blank=True
    )
    target = models.CharField(_("target it answers"), max_length=300, blank=True)
    location = models.CharField(_("place of the work"), max_length=200, blank=True)
    result_quantity = models.DecimalField(
        _("expected result: quantity"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    result_unit = models.CharField(_("expected result: unit"), max_length=80, blank=True)
    starts_on = models.DateField(_("starts on"))
    due_on = models.DateField(_("ends on"))
    first_due_on = models.DateField(_("first promised day"), null=True, blank=True)
    beneficiaries = models.PositiveIntegerField(_("beneficiaries in all"), null=True, blank=True)
    beneficiaries_women = models.PositiveIntegerField(_("of them women"), null=True, blank=True)
    cost_riel = models.BigIntegerField(_("estimated cost in riel"), null=True, blank=True)
    office = models.ForeignKey(
        Office,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("led by"),
    )
    helpers = models.CharField(_("helped by"), max_length=300, blank=True)
    level = models.CharField(
        _("decided at"), max_length=8, choices=ActionLevel.choices, default=ActionLevel.COMMUNE
    )
    money = models.CharField(_("money from"), max_length=12, choices=Money.choices, blank=True)
    money_reference = models.CharField(
        _("reference in the Investment Programme"), max_length=80, blank=True
    )
    indicator = models.ForeignKey(
        Indicator,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("criterion of the scorecard"),
    )
    service = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("service"),
    )
    standard = models.ForeignKey(
        Standard, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    score_period = models.CharField(
        _("period of the score"), max_length=7, blank=True, help_text="such as 2026-Q2"
    )
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    heard = models.CharField(_("what the meeting said"), max_length=500, blank=True)

    state = models.CharField(max_length=11, choices=State.choices, default=State.OPEN)
    state_on = models.DateField(null=True, blank=True)
    claim = models.PositiveSmallIntegerField(default=0)
    said_done_on = models.DateField(null=True, blank=True)
    said_done_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    confirmed_on = models.DateField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    denials = models.PositiveSmallIntegerField(default=0)
    denied_on = models.DateField(null=True, blank=True)
    moves = models.PositiveSmallIntegerField(default=0)
    blocked_by = models.CharField(_("blocked by"), max_length=200, blank=True)
    drop_reason = models.CharField(_("reason for dropping"), max_length=300, blank=True)
    next_review_on = models.DateField(_("next review"), null=True, blank=True)
    moderation = models.CharField(
        max_length=7, choices=Moderation.choices, default=Moderation.WAITING
    )
    printed_people = models.PositiveIntegerField(default=0)
    printed_done = models.PositiveIntegerField(default=0)
    counted_people = models.PositiveIntegerField(
        default=0, help_text="people behind the printed numbers (disclosure.md, rule 6)"
    )

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["plan", "number"]
        indexes = [
            # serves a district's list: what is late first
            models.Index(fields=["district_code", "state", "due_on"], name="action_of_district"),
            # serves a district's late actions: the first twenty are read, not all sorted
            models.Index(
                fields=["district_code", "due_on"],
                name="action_late_in_district",
                condition=Q(
                    state__in=["open", "in_progress", "half_done", "blocked"],
                    first_due_on__isnull=False,
                ),
            ),
            # serves the list of requests to a district
            models.Index(
                fields=["district_code", "due_on"],
                name="action_asked_of_district",
                condition=Q(
                    level="district",
                    state__in=["open", "in_progress", "half_done", "blocked", "said_done"],
                    first_due_on__isnull=False,
                ),
            ),
            # serves a commune's public page and work list
            models.Index(fields=["commune", "state", "due_on"], name="action_of_commune"),
            # serves the reminders: everything that can be due
            models.Index(
                fields=["due_on"],
                name="action_under_way",
                condition=Q(state__in=["open", "in_progress", "half_done", "blocked"]),
            ),
            # serves the list of texts to be checked
            models.Index(
                fields=["commune"], name="action_not_checked", condition=Q(moderation="waiting")
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="action_number_once_in_plan"),
            models.CheckConstraint(
                name="action_district_is_the_communes",
                condition=Q(district_code=Left("commune_id", 4)),
            ),
            models.CheckConstraint(
                name="action_ends_after_it_starts",
                condition=Q(due_on__gte=F("starts_on")),
                violation_error_message=_("It ends before it starts."),
            ),
            models.CheckConstraint(name="action_number_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(name="action_has_an_activity", condition=~Q(activity="")),
            models.CheckConstraint(
                name="action_women_are_some_of_all",
                condition=Q(beneficiaries_women=None)
                | Q(
                    beneficiaries__isnull=False,
                    beneficiaries_women__lte=F("beneficiaries"),
                ),
                violation_error_message=_("More women than beneficiaries in all."),
            ),
            models.CheckConstraint(
                name="action_amounts_are_possible",
                condition=(Q(cost_riel=None) | Q(cost_riel__gte=0, cost_riel__lte=MOST_RIEL))
                & (Q(result_quantity=None) | Q(result_quantity__gte=0))
                & (Q(beneficiaries=None) | Q(beneficiaries__lte=MOST_PEOPLE)),
            ),
            models.CheckConstraint(
                name="action_blocked_by_somebody",
                condition=~Q(state="blocked") | ~Q(blocked_by=""),
                violation_error_message=_("Say who or what blocks it."),
            ),
            models.CheckConstraint(
                name="action_dropped_for_a_reason",
                condition=~Q(state="dropped") | ~Q(drop_reason=""),
                violation_error_message=_("Say why both sides dropped it."),
            ),
            models.CheckConstraint(
                name="action_done_has_a_day",
                condition=~Q(state__in=["said_done", "confirmed"])
                | Q(said_done_on__isnull=False, claim__gte=1),
            ),
            models.CheckConstraint(
                name="action_confirmed_has_a_day",
                condition=Q(state="confirmed", confirmed_on__isnull=False)
                | (~Q(state="confirmed") & Q(confirmed_on=None)),
            ),
            models.CheckConstraint(
                name="action_is_closed_by_a_second_person",
                condition=Q(confirmed_by=None)
                | Q(said_done_by=None)
                | ~Q(confirmed_by=F("said_done_by")),
                violation_error_message=_("Another person than the one who reported it closes it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.number}"
