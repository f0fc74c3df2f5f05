"""Offices that answer for actions. The public sees the office, never a person."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import covered
from places.models import Place
from scorecards.plans.models.vocabulary import ActionLevel, ContactChannel
from standards.models import Bilingual, Provider


class OfficeQuerySet(models.QuerySet["Office"]):
    def visible_to(self, user: object) -> "OfficeQuerySet":
        """Return offices of the places whose plans this person reads."""
        return self.filter(covered(user, "plans.read", place="place__code"))


class Office(Bilingual):
    """An office that answers for actions, such as the head of a health centre; no account needed.

    ``sealed_address`` is its encrypted telephone number, e-mail address or Telegram chat.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("place"))
    provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("provider"),
    )
    level = models.CharField(_("level"), max_length=8, choices=ActionLevel.choices)
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    language = models.CharField(_("language"), max_length=2, default="km")
    channel = models.CharField(
        _("reached by"), max_length=9, choices=ContactChannel.choices, default=ContactChannel.NONE
    )
    sealed_address = models.BinaryField(null=True, blank=True)
    address_key = models.CharField(
        max_length=64, blank=True, help_text="keyed hash: offices of one person share it"
    )
    above = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="below",
        verbose_name=_("office above"),
    )

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "provider", "name_km"],
                nulls_distinct=False,
                name="office_once_in_a_place",
                violation_error_message=_("There is already an office of this name here."),
            ),
            models.CheckConstraint(
                name="office_address_fits_channel",
                condition=Q(channel="none", sealed_address=None)
                | (~Q(channel="none") & Q(sealed_address__isnull=False)),
                violation_error_message=_("Give an address, or choose “only on this platform”."),
            ),
            models.CheckConstraint(
                name="office_is_not_above_itself",
                condition=Q(above=None) | ~Q(above=models.F("id")),
            ),
        ]
