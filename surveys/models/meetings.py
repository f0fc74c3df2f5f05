"""Votes, and the community meetings they are given in."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from places.models import Place
from standards.models import Provider
from surveys.models.cases import Sex


class Meeting(models.Model):
    """One community (or provider's own) meeting that scored one provider on one day."""

    class Kind(models.TextChoices):
        COMMUNITY = "community", _("community scorecard")
        SELF_ASSESSMENT = "self_assessment", _("self-assessment")

    meeting_id = models.CharField(max_length=80, unique=True)
    province_code = models.CharField(max_length=2)
    commune = models.ForeignKey(Place, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="meetings")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    held_on = models.DateField()
    facilitator = models.ForeignKey(User, models.PROTECT, null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.meeting_id


class Vote(models.Model):
    """One score, 1 to 5, for one indicator in one meeting, with the voter's group, never who.

    ``weight`` is 1; a focus group that agreed on one score is one vote.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="votes")
    indicator_code = models.CharField(max_length=10)
    score = models.PositiveSmallIntegerField()
    sex = models.CharField(max_length=6, choices=Sex.choices, blank=True)
    youth = models.BooleanField(null=True, blank=True)
    poor_card = models.BooleanField(null=True, blank=True)
    disability = models.BooleanField(null=True, blank=True)
    minority = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="vote_from_1_to_5", condition=Q(score__gte=1, score__lte=5))
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.indicator_code}: {self.score}"
