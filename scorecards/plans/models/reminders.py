"""The ledger of reminders: what is due to whom, and the messages that contained it."""

import uuid
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scorecards.plans.models.actions import Action
from scorecards.plans.models.alerts import AlertSubscription
from scorecards.plans.models.offices import Office
from scorecards.plans.models.vocabulary import ContactChannel


class Message(models.Model):
    """One message to one office on one day, with everything that was due to it; or a quarter's
    alert.

    An alert has ``subscription`` (one of those of the person written to) and ``period`` instead of
    an office.

    ``key`` is its name outside the platform (Message-ID of an e-mail, mark of a text message), so
    that a second try after a crash can be recognised as the same message.
    """

    class Outcome(models.TextChoices):
        SENT = "sent", "sent"
        CALLED = "called", "told by telephone"
        REFUSED = "refused", "the address is refused"
        UNREACHED = "unreached", "not reached in three days"
        UNCLEAR = "unclear", "handed over, perhaps taken"

    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="messages")
    subscription = models.ForeignKey(
        AlertSubscription, models.CASCADE, null=True, related_name="messages", db_index=False
    )
    period = models.CharField(max_length=7, blank=True, help_text="the quarter of an alert")
    recipient_key = models.CharField(
        max_length=64, help_text="who is written to: two offices of one person share it"
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    day = models.DateField()
    channel = models.CharField(max_length=9, choices=ContactChannel.choices)
    made_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(
        null=True, help_text="from when on the channel may have taken it; empty once it refused"
    )
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    reference = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(done_at=None), name="message_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient_key", "day"], name="message_one_a_day"),
            models.UniqueConstraint(
                fields=["recipient_key", "period"],
                condition=~Q(period=""),
                name="message_one_alert_a_quarter",
            ),
            models.CheckConstraint(
                name="message_is_of_an_office_or_an_alert",
                condition=Q(office__isnull=False, subscription=None, period="")
                | (Q(office=None, subscription__isnull=False) & ~Q(period="")),
            ),
            models.CheckConstraint(
                name="message_done_has_an_outcome",
                condition=Q(done_at=None, outcome="") | (Q(done_at__isnull=False) & ~Q(outcome="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.day}"


REASONS: Final = {
    "agreed": _("agreed"),
    "not_started": _("not started on its start day"),
    "before": _("due within ten working days"),
    "due": _("due"),
    "late_5": _("5 working days late"),
    "late_20": _("20 working days late"),
    "denied": _("denied by citizens"),
}


class Reminder(models.Model):
    """One reason to write to one office about one action.

    Exists once, whichever worker finds it due.

    ``on`` is the day the reason belongs to: a moved promise has reminders of its own.
    """

    class Kind(models.TextChoices):
        AGREED = "agreed", "agreed"
        NOT_STARTED = "not_started", "not started on its start day"
        BEFORE = "before", "10 working days before"
        DUE = "due", "on the day"
        LATE_5 = "late_5", "5 working days late"
        LATE_20 = "late_20", "20 working days late"
        DENIED = "denied", "denied by citizens"

    action = models.ForeignKey(Action, models.PROTECT, related_name="reminders")
    office = models.ForeignKey(Office, models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    on = models.DateField()
    found_at = models.DateTimeField(default=timezone.now)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="reminders")
    dropped_at = models.DateTimeField(null=True, help_text="no longer true before it could be sent")

    class Meta:
        indexes = [
            models.Index(
                fields=["office"],
                condition=Q(message=None, dropped_at=None),
                name="reminder_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "office", "kind", "on"], name="reminder_once"
            ),
            models.CheckConstraint(
                name="reminder_is_sent_or_dropped",
                condition=Q(message=None) | Q(dropped_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_id} {self.kind} {self.on}"

    @property
    def label(self) -> str:
        """Return the reason for the reminder in the reader's language."""
        return str(REASONS[self.kind])
