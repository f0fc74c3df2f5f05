"""Votes, and the community meetings they are given in."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from places.models import Place
from standards.models import Provider
from surveys.models.cases import Channel, Sex, readable
from surveys.models.imports import ImportBatch


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def standing(self) -> "MeetingQuerySet":
        """Return meetings that count: not voided."""
        return self.filter(voided_at=None)

    def visible_to(self, user: object) -> "MeetingQuerySet":
        """Return meetings, with their single votes, that this person may read."""
        return self.filter(readable(user))


class Meeting(models.Model):
    """One community (or provider's own) meeting that scored one provider on one day."""

    class Kind(models.TextChoices):
        COMMUNITY = "community", _("community scorecard")
        SELF_ASSESSMENT = "self_assessment", _("self-assessment")

    meeting_id = models.CharField(max_length=80)
    province_code = models.CharField(max_length=2)
    commune = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="meetings", db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True, db_index=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    held_on = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PAGE)
    facilitator = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="meetings_led", db_index=False
    )
    facilitator_name = models.CharField(
        max_length=150,
        blank=True,
        help_text="as it was written, when the facilitator has no account",
    )
    content_hash = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        indexes = [
            # serves the recompute of one commune and period
            models.Index(fields=["commune", "held_on"], name="meeting_commune_held"),
            # serves the nightly run, province by province
            models.Index(fields=["province_code", "held_on"], name="meeting_province_held"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting_id"],
                name="meeting_id_once",
                violation_error_message=_("A meeting with this meeting_id is already recorded."),
            ),
            models.CheckConstraint(
                name="meeting_province_is_the_communes",
                condition=Q(province_code=Left("commune_id", 2)),
            ),
            models.CheckConstraint(
                name="meeting_void_has_a_reason",
                condition=Q(voided_at=None) | ~Q(void_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.meeting_id


class VoteQuerySet(models.QuerySet["Vote"]):
    def standing(self) -> "VoteQuerySet":
        """Return votes that count: neither they nor their meeting are voided."""
        return self.filter(voided_at=None, meeting__voided_at=None)

    def visible_to(self, user: object) -> "VoteQuerySet":
        """Return the single votes this person may read: those of meetings they may read."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))


class Vote(models.Model):
    """One score, 1 to 5, for one indicator in one meeting, with the voter's group, never who.

    A focus group that agreed on one score is one vote. ``vote_id`` is an opaque name made by the
    sender, so that sending twice counts once; it is never the number of the participant, and two
    votes of one person do not share it.
    """

    vote_id = models.CharField(max_length=80)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="votes")
    indicator_code = models.CharField(max_length=10)
    score = models.PositiveSmallIntegerField()
    sex = models.CharField(max_length=6, choices=Sex.choices, blank=True)
    youth = models.BooleanField(null=True, blank=True)
    poor_card = models.BooleanField(null=True, blank=True)
    disability = models.BooleanField(null=True, blank=True)
    minority = models.BooleanField(null=True, blank=True)
    batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, null=True, blank=True, related_name="votes", db_index=False
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    objects = VoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vote_id"],
                name="vote_id_once",
                violation_error_message=_("A vote with this vote_id is already recorded."),
            ),
            models.CheckConstraint(
                name="vote_from_1_to_5", condition=Q(score__gte=1, score__lte=5)
            ),
            models.CheckConstraint(
                name="vote_void_has_a_reason",
                condition=Q(voided_at=None) | ~Q(void_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.indicator_code}: {self.score}"
