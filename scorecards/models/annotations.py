"""Notes on figures: what happened at a place on a day, such as a new office."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import covered
from places.models import Place
from standards.models import Indicator, Service


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def visible_to(self, user: object) -> "AnnotationQuerySet":
        """Return notes of the places in which this person writes or checks them."""
        reported = covered(user, "plans.report", place="place__code")
        return self.filter(reported | covered(user, "plans.moderate", place="place__code"))


class Annotation(models.Model):
    """One sentence about a day at a place, or about one measure of it; public once checked.

    It changes no figure. Without an indicator it is about the day.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be checked")
        SHOWN = "shown", _("shown")
        HIDDEN = "hidden", _("not shown")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("place"))
    on = models.DateField(_("day"))
    provider_kind = models.CharField(max_length=20, blank=True)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    text = models.CharField(_("what happened"), max_length=160)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="annotation_says_something",
                condition=~Q(text=""),
                violation_error_message=_("Say in one sentence what happened."),
            ),
            models.CheckConstraint(
                name="annotation_decided_by_another_person",
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | (
                    ~Q(state="waiting")
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("made_by"))
                ),
                violation_error_message=_("Another person checks what you wrote."),
            ),
            models.CheckConstraint(
                name="annotation_of_a_measure_names_its_office",
                condition=Q(indicator=None, service=None, provider_kind="")
                | (Q(indicator__isnull=False) & ~Q(provider_kind="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.on}"
