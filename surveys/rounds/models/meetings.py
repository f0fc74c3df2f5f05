"""Results of community meetings and self-assessments, without any person in them."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models import Meeting
from surveys.rounds.models.attendance import Attendance
from surveys.rounds.models.rounds import Round


class Criterion(models.Model):
    """One criterion of a round: of the fixed core, or the village's own in text or voice."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="criteria")
    key = models.CharField(
        max_length=20, help_text="the indicator's code, or a random name made on the tablet"
    )
    indicator_code = models.CharField(max_length=20, blank=True)
    text = models.CharField(max_length=300, blank=True)
    voice = models.FileField(upload_to="rounds/voices/", blank=True)
    kept = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "key"], name="criterion_once_a_round"),
            models.CheckConstraint(
                name="criterion_is_core_or_told",
                condition=~Q(indicator_code="") | ~Q(text="") | ~Q(voice=""),
            ),
        ]

    def __str__(self) -> str:
        return self.indicator_code or self.text or self.key


class RoundMeeting(Attendance):
    """One meeting of a round that was sent: attendance by group, and its votes.

    The votes on core criteria are ``surveys.Vote`` rows of ``meeting``; those on the village's own
    criteria are ``VillageTally`` rows. Neither holds a person, a sticker, an order or a time.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="meetings")
    kind = models.CharField(max_length=16, choices=Meeting.Kind.choices)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.OneToOneField(
        Meeting, models.PROTECT, null=True, blank=True, related_name="of_round"
    )
    held_on = models.DateField()
    days = models.PositiveSmallIntegerField(default=1, help_text="on how many days it was held")
    voters_tablet = models.PositiveIntegerField(default=0)
    voters_cards = models.PositiveIntegerField(default=0)
    voters_phones = models.PositiveIntegerField(default=0)
    content_hash = models.CharField(max_length=64)
    sent_on = models.DateField(auto_now_add=True)

    class Meta(Attendance.Meta):
        constraints = [
            *Attendance.Meta.constraints,
            models.UniqueConstraint(fields=["round", "kind"], name="round_meeting_once"),
            models.CheckConstraint(
                name="round_meeting_kind_is_known",
                condition=Q(kind__in=["community", "self_assessment"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.kind}"


class VillageTally(models.Model):
    """The votes of each score for one of the village's own criteria."""

    meeting = models.ForeignKey(RoundMeeting, models.CASCADE, related_name="tallies")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="tallies")
    score = models.PositiveSmallIntegerField()
    votes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "criterion", "score"], name="village_tally_once"
            ),
            models.CheckConstraint(
                name="village_tally_from_1_to_5", condition=Q(score__gte=1, score__lte=5)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.score}: {self.votes}"


class MeetingNote(models.Model):
    """A strength, a problem or a suggestion that people named for one criterion."""

    class Aspect(models.TextChoices):
        STRENGTH = "strength", _("strength")
        PROBLEM = "problem", _("problem")
        SUGGESTION = "suggestion", _("suggestion")

    meeting = models.ForeignKey(RoundMeeting, models.CASCADE, related_name="notes")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="notes")
    aspect = models.CharField(max_length=10, choices=Aspect.choices)
    text = models.CharField(max_length=1000)

    class Meta:
        ordering = ["criterion__position", "aspect", "text"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "criterion", "aspect", "text"], name="meeting_note_once"
            ),
            models.CheckConstraint(name="meeting_note_has_words", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text


class Handover(models.Model):
    """A meeting interrupted on one tablet, for another one.

    It is encrypted with a number that the server never gets, and deleted once the meeting is sent.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="handovers")
    kind = models.CharField(max_length=16, choices=Meeting.Kind.choices)
    ciphertext = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "kind"], name="handover_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.kind}"
