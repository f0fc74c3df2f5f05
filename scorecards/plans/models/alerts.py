"""Quarterly alerts: subscribers to a place, their addresses, and whether they paused."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from places.models import Place
from scorecards.plans.models.vocabulary import ContactChannel


class AlertSubscription(models.Model):
    """One person's subscription to clear changes at a place, once a quarter.

    An alert holds public figures only: released figures and commitments. ``address_key`` says which
    subscriptions belong to one person, who gets one message for all of them.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        STOPPED = "stopped", _("stopped")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("place"))
    language = models.CharField(_("language"), max_length=2, default="km")
    channel = models.CharField(_("reached by"), max_length=9, choices=ContactChannel.choices)
    sealed_address = models.BinaryField()
    address_key = models.CharField(max_length=64, help_text="keyed hash: who is written to")
    state = models.CharField(max_length=7, choices=State.choices, default=State.ACTIVE)
    looked_at = models.CharField(
        max_length=7, blank=True, help_text="the last quarter of which this person was told"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["address_key", "place"], name="alert_once_a_place_and_person"
            ),
            models.CheckConstraint(
                name="alert_by_a_channel_that_writes",
                condition=Q(channel__in=["email", "telegram"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.state}"
