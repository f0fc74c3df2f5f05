"""Stored data of the citizens' app: sealed reports, their keys, answers for repetition."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReportKey(models.Model):
    """A public key of the organisation that opens dangerous reports.

    Its private half is kept elsewhere. ``recipient`` is an age recipient (``age1…``). Only one key
    is in use at a time; reports sealed for an earlier one stay readable with its private half.
    """

    recipient = models.CharField(max_length=200, unique=True)
    is_demo = models.BooleanField(
        default=False, help_text="its private half is shown to everybody; refused with LIVE=1"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(retired_at=None),
                name="report_key_one_in_use",
                violation_error_message=_("Another key is in use."),
            ),
            models.CheckConstraint(
                name="report_key_is_public", condition=Q(recipient__startswith="age1")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient[:16]}…"


def key_in_use() -> ReportKey | None:
    """Return the key that phones seal for now.

    A demo's key is none where real people are served.
    """
    key = ReportKey.objects.filter(retired_at=None).first()
    return None if key is None or (key.is_demo and settings.LIVE) else key


class SealedReport(models.Model):
    """A report of something dangerous, encrypted on the sender's phone; the server cannot read it.

    Only the day of arrival is stored beside the ciphertext: no address, no device, no place, no
    service. The random key does not show the order of arrival. No score reads this table.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ciphertext = models.BinaryField()
    fingerprint = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of the ciphertext: sent twice is kept once"
    )
    key = models.ForeignKey(ReportKey, models.PROTECT, related_name="reports")
    arrived_on = models.DateField()

    class Meta:
        ordering = ["-arrived_on", "id"]

    def __str__(self) -> str:
        return f"sealed report {self.id}"


class PushReminder(models.Model):
    """A browser that wants a reminder on a day: only its push address, encrypted.

    The request, the place and the time of asking are not stored. Deleted when sent.
    """

    endpoint_hash = models.CharField(max_length=64, help_text="keyed: finds it to cancel it")
    sealed_subscription = models.BinaryField()
    due_on = models.DateField(db_index=True)
    language = models.CharField(max_length=2, default="km")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint_hash", "due_on"], name="push_reminder_once"),
            models.CheckConstraint(
                name="push_reminder_language", condition=Q(language__in=["km", "en"])
            ),
        ]

    def __str__(self) -> str:
        return f"reminder on {self.due_on}"


class Answered(models.Model):
    """The answer to a message of a phone, kept for a month in case the phone did not receive it.

    Found by a hash of the phone's random name for the message and encrypted with a key made from
    that name, which is stored nowhere: only that phone can ask for it again.
    """

    message_hash = models.CharField(max_length=64, unique=True)
    sealed_answer = models.BinaryField()
    answered_on = models.DateField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"answer {self.pk}"
