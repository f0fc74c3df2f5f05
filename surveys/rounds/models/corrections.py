"""Corrections of meetings that were sent: asked for by one person, decided by another."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from surveys.models import Meeting
from surveys.rounds.models.rounds import Round


class MeetingCorrection(models.Model):
    """A mistake reported in a sent meeting; another person opens the meeting again, or not.

    Once it is opened the meeting is voided and can be sent again; rows stay as history.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="corrections")
    kind = models.CharField(max_length=16, choices=Meeting.Kind.choices)
    reason = models.CharField(max_length=500)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    opened = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "kind"],
                condition=Q(decided_at=None),
                name="correction_waits_once",
                violation_error_message=_("A correction of this meeting waits already."),
            ),
            models.CheckConstraint(
                name="correction_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say what is wrong with the meeting."),
            ),
            models.CheckConstraint(
                name="correction_decided_by_another_person",
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                violation_error_message=_("Another person than the one who asked decides."),
            ),
            models.CheckConstraint(
                name="correction_decided_is_whole",
                condition=Q(decided_at=None, decided_by=None, opened=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, opened__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.kind}"
