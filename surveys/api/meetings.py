"""Meetings and their votes for programs: list, record, void."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as RulesBroken
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import services
from surveys.api.base import CONFLICT, STATUS_OF, Observations, Word, field_problems, filters
from surveys.api.fields import DayField, NumberField, Reason, ReportInput, WordField, YesNoField
from surveys.models import Meeting, Vote
from surveys.parsing import values
from surveys.services import Outcome, ReportedMeeting, ReportedVote

MOST_VOTES = 5000


class _VoteWords(ReportInput):
    vote_id = WordField(
        values.read_name, help_text="any name no other vote has; never the participant's number"
    )
    indicator = WordField(values.read_indicator, help_text='such as "CA-P1"')
    score = NumberField(help_text="1 to 5")
    sex = WordField(values.read_sex)
    youth = YesNoField()
    poor_card = YesNoField()
    disability = YesNoField()
    minority = YesNoField()


class VoteOfMeeting(_VoteWords):
    """A vote sent together with its meeting."""


class VoteInput(_VoteWords):
    """A vote sent for a meeting that is recorded."""

    meeting = WordField(values.read_name, help_text="meeting_id")


class MeetingInput(ReportInput):
    """A meeting as it is sent, with any of its votes."""

    meeting_id = WordField(values.read_name)
    commune = WordField(values.read_commune, help_text="official code of six digits")
    provider = WordField(values.read_code)
    provider_kind = WordField(values.read_code)
    kind = WordField(values.read_meeting_kind, help_text="community or self_assessment")
    held_on = DayField()
    facilitator = WordField()
    channel = WordField()
    programme = WordField(values.read_code)
    votes = serializers.ListField(child=VoteOfMeeting(), required=False, max_length=MOST_VOTES)


class MeetingFields(serializers.ModelSerializer[Meeting]):
    """A meeting as it stands, with the number of its votes that count."""

    commune = serializers.CharField(source="commune_id")
    provider = serializers.CharField(source="provider.code")
    votes = serializers.IntegerField(source="standing_votes")

    class Meta:
        model = Meeting
        fields = (
            "meeting_id",
            "commune",
            "provider",
            "kind",
            "held_on",
            "votes",
            "channel",
            "recorded_at",
            "voided_at",
            "void_reason",
        )
        read_only_fields = fields


class VoteFields(serializers.ModelSerializer[Vote]):
    """A vote as it stands: a score and the voter's groups, never who."""

    meeting = serializers.CharField(source="meeting.meeting_id")
    indicator = serializers.CharField(source="indicator_code")

    class Meta:
        model = Vote
        fields = (
            "vote_id",
            "meeting",
            "indicator",
            "score",
            "sex",
            "youth",
            "poor_card",
            "disability",
            "minority",
            "voided_at",
            "void_reason",
        )
        read_only_fields = fields
        extra_kwargs: ClassVar = {"sex": {"allow_blank": True}}  # not known


def _vote(values: dict[str, Any]) -> ReportedVote:
    words = {"vote_id", "indicator", "sex"}
    fields: dict[str, Any] = {
        name: "" if value is None and name in words else value
        for name, value in values.items()
        if name != "meeting"
    }
    return ReportedVote(**fields)


class MeetingViewSet(Observations):
    """Meetings of the places the person covers."""

    lookup_field = "meeting_id"
    serializer_class = MeetingFields
    queryset = Meeting.objects.none()
    words: ClassVar = {
        "province": Word("province_code", values.read_code),
        "commune": Word("commune", values.read_commune),
        "provider": Word("provider__code", values.read_code),
        "kind": Word("kind", values.read_meeting_kind, values.MEETING_KINDS),
    }
    days: ClassVar = {"held_from": "held_on__gte", "held_to": "held_on__lte"}

    def get_queryset(self) -> QuerySet[Meeting]:
        """Return meetings that the person may see, with how many votes stand."""
        return (
            Meeting.objects.visible_to(self.request.user)
            .select_related("provider")
            .annotate(standing_votes=Count("votes", filter=Q(votes__voided_at=None)))
        )

    @extend_schema(parameters=filters(*words, *days))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Meetings, the newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=MeetingInput,
        responses={201: MeetingFields, 200: MeetingFields, 409: CONFLICT},
    )
    def create(self, request: Request) -> Response:
        """Record a meeting with its votes, all or nothing."""
        serializer = MeetingInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.values()
        votes = [_vote(vote) for vote in values.pop("votes", [])]
        try:
            recorded = services.record_meeting(
                by=self.person,
                reported=ReportedMeeting(**{"channel": "api", **values}, votes=votes),
            )
        except RulesBroken as error:
            raise field_problems(error) from error
        return self.answer(recorded, "meeting_id")

    @extend_schema(request=Reason, responses=MeetingFields)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, meeting_id: str) -> Response:
        """Take a meeting and its votes out of every score."""
        why = Reason(data=request.data)
        why.is_valid(raise_exception=True)
        meeting = services.void_meeting(
            meeting=self.get_object(), by=self.person, reason=why.validated_data["reason"]
        )
        return Response(self.shown(meeting))


class VoteViewSet(Observations):
    """Single votes of the meetings the person may read."""

    lookup_field = "vote_id"
    serializer_class = VoteFields
    queryset = Vote.objects.none()
    words: ClassVar = {
        "meeting": Word("meeting__meeting_id", values.read_name),
        "commune": Word("meeting__commune", values.read_commune),
        "indicator": Word("indicator_code", values.read_indicator),
    }
    days: ClassVar = {"held_from": "meeting__held_on__gte", "held_to": "meeting__held_on__lte"}

    def get_queryset(self) -> QuerySet[Vote]:
        """Return votes that the person may see."""
        return Vote.objects.visible_to(self.request.user).select_related("meeting")

    @extend_schema(parameters=filters(*words, *days))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Votes, the newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=VoteInput, responses={201: VoteFields, 200: VoteFields, 409: CONFLICT})
    def create(self, request: Request) -> Response:
        """Record one vote of a recorded meeting."""
        serializer = VoteInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.values()
        name = values.get("meeting", "")
        visible = Meeting.objects.visible_to(self.request.user).select_related("provider")
        meeting = visible.filter(meeting_id=name).first()
        if meeting is None:
            text = _("No meeting has the name “%(name)s”.") % {"name": name}
            raise serializers.ValidationError({"meeting": [text]})
        vote = _vote(values)
        try:
            (outcome,) = services.record_votes(by=self.person, meeting=meeting, votes=[vote])
        except RulesBroken as error:
            raise field_problems(error) from error
        if outcome == Outcome.CONFLICT:
            text = _("Already recorded with another content. Nothing was changed.")
            return Response({"vote_id": [text]}, status=STATUS_OF[outcome])
        return Response(
            self.shown(Vote.objects.get(vote_id=vote.vote_id)), status=STATUS_OF[outcome]
        )

    @extend_schema(request=Reason, responses=VoteFields)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, vote_id: str) -> Response:
        """Take one mistaken vote out of every score."""
        why = Reason(data=request.data)
        why.is_valid(raise_exception=True)
        vote = services.void_vote(
            vote=self.get_object(), by=self.person, reason=why.validated_data["reason"]
        )
        return Response(self.shown(vote))
