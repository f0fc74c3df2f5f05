"""Rows written with a change of standards: explicit withdrawals, and the outbox for cases."""

from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class _Line(models.Model):
    """The key of a series of standards (service, option, provider) and a range of days.

    An empty day is an open end. ``provider`` is empty for the national standard.
    """

    service = models.ForeignKey("standards.Service", models.PROTECT, related_name="+")
    option = models.SlugField(_("option"), max_length=40)
    provider = models.ForeignKey(
        "standards.Provider", models.PROTECT, null=True, blank=True, related_name="+"
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.service_id} {self.option} {self.valid_from or ''}–{self.valid_to or ''}"


class Withdrawal(_Line):
    """A statement that no standard is in force on these days any more, with its reason.

    The database refuses an edit that leaves a day without a standard that had one, unless
    the same transaction writes a withdrawal of that day (``standards_refuse_lost_days``).
    """

    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    transaction = models.BigIntegerField(
        db_default=Func(function="txid_current"),
        editable=False,
        help_text="the transaction that wrote it: a later one cannot rely on it",
    )


class StandardChange(_Line):
    """Outbox: the standards of these days changed, so their cases must be looked at again.

    ``surveys`` reads it (``surveys.services.rejudging``). A row stays for an hour after it
    was handled, for cases whose transaction had not ended then.
    """

    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)
