"""Rounds and information sessions for programs: list, read, plan or record."""

from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError as RulesBroken
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import api_permission
from surveys.api.base import CONFLICT, STATUS_OF, Observations, Word, field_problems, filters
from surveys.api.fields import DayField, NumberField, Optional, Reason, ReportInput, WordField
from surveys.models import Channel
from surveys.parsing import values
from surveys.rounds import reading
from surveys.rounds.models import InformationSession, Round, Stage
from surveys.rounds.models.attendance import COUNTS
from surveys.rounds.services import plan, sessions
from surveys.rounds.services.plan import PlannedRound
from surveys.rounds.services.sessions import ReportedSession
from surveys.rounds.sheets import read_kind, read_period
from surveys.services import Outcome

NAMES = serializers.ListField(child=serializers.CharField(max_length=150), required=False)


class StageFields(serializers.Serializer[Any]):
    """One stage of a round."""

    name = serializers.ChoiceField(choices=Stage.choices)
    planned_on = serializers.DateField(allow_null=True)
    done_on = serializers.DateField(allow_null=True)
    days_late = serializers.IntegerField()


class RoundFields(serializers.ModelSerializer[Round]):
    """A round as it stands against its plan; its code is for tablets only."""

    id = serializers.UUIDField(source="uuid")
    commune = serializers.CharField(source="commune_id")
    provider = serializers.CharField(source="provider.code")
    programme = serializers.SerializerMethodField()
    period = serializers.CharField()
    stages = serializers.SerializerMethodField()

    class Meta:
        model = Round
        fields = ("id", "commune", "provider", "programme", "period", "stages", "cancelled_at")
        read_only_fields = fields

    def get_programme(self, row: Round) -> str:
        """Return the programme's code, or nothing."""
        return row.programme.code if row.programme else ""

    @extend_schema(operation_id="stages", responses=StageFields(many=True))
    def get_stages(self, row: Round) -> Any:
        """Return all stages in their order."""
        line = reading.against_plan(row, timezone.localdate(), 0)
        return StageFields(line.stages, many=True).data


@extend_schema_field({"type": "string", "pattern": "^[0-9]{4}(-H[12])?$"})
class PeriodField(Optional):
    """A year or a half-year."""

    read = staticmethod(read_period)


class RoundInput(ReportInput):
    """A round as it is planned."""

    provider = WordField(values.read_code)
    commune = WordField(values.read_commune)
    period = PeriodField(help_text="2026-H2 or 2026")
    programme = WordField(values.read_code)
    facilitators = NAMES
    informed_on = DayField()
    monitored_on = DayField()
    self_assessed_on = DayField()
    met_on = DayField()
    agreed_on = DayField()
    followed_up_on = DayField()
    closed_on = DayField()


class SessionFields(serializers.ModelSerializer[InformationSession]):
    """A session with who came, by group."""

    commune = serializers.CharField(source="commune_id")
    handouts = serializers.SerializerMethodField()
    trained = serializers.SerializerMethodField()

    class Meta:
        model = InformationSession
        fields = (
            "session_id",
            "kind",
            "commune",
            "place_note",
            "held_on",
            "topic",
            "trainer",
            *COUNTS,
            "handouts",
            "trained",
            "voided_at",
            "void_reason",
        )
        read_only_fields = fields

    def get_handouts(self, row: InformationSession) -> list[dict[str, Any]]:
        """Materials with their pieces."""
        return [{"name": one.name, "pieces": one.pieces} for one in row.handouts.all()]

    def get_trained(self, row: InformationSession) -> list[str]:
        """List the names of those trained to repeat the session."""
        return [one.name for one in row.trained.all()]


class HandoutInput(serializers.Serializer[Any]):
    """Material handed out."""

    name = serializers.CharField(max_length=200)
    pieces = serializers.IntegerField(min_value=1)


class SessionInput(ReportInput):
    """A session as it is sent."""

    session_id = WordField(values.read_name)
    kind = WordField(read_kind, help_text="information or training")
    commune = WordField(values.read_commune)
    place_note = WordField(values.read_text)
    held_on = DayField()
    topic = WordField(values.read_text)
    trainer = WordField(values.read_text)
    follows = WordField(values.read_name, help_text="session_id of the training of its trainer")
    programme = WordField(values.read_code)
    people = NumberField()
    women = NumberField()
    men = NumberField()
    other_sex = NumberField()
    children = NumberField()
    youth = NumberField()
    adults = NumberField()
    elders = NumberField()
    poor_card = NumberField()
    disability = NumberField()
    minority = NumberField()
    handouts = serializers.ListField(child=HandoutInput(), required=False)
    trained = NAMES


def _words(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the values that were given."""
    return {name: value for name, value in fields.items() if value is not None}


class _Rows(Observations):
    """Rows of this app: each action asks for its own permission."""

    does: ClassVar[dict[str, str]] = {}

    def get_permissions(self) -> list[Any]:
        """Return the permission of the action; an action without one is closed."""
        return [api_permission(self.does.get(self.action or "", "people.manage"))()]

    def refuse(self, field: str) -> Response:
        """Answer 409 with a sentence about the name that is taken."""
        text = _("Already recorded with another content. Nothing was changed.")
        return Response({field: [text]}, status=STATUS_OF[Outcome.CONFLICT])


class RoundViewSet(_Rows):
    """Rounds of the places and programmes the person reads."""

    lookup_field = "uuid"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[^/]+"
    serializer_class = RoundFields
    queryset = Round.objects.none()
    does: ClassVar = {"list": "rounds.read", "retrieve": "rounds.read", "create": "rounds.plan"}
    words: ClassVar = {
        "commune": Word("commune", values.read_commune),
        "provider": Word("provider__code", values.read_code),
        "programme": Word("programme__code", values.read_code),
    }

    def get_object(self) -> Round:
        """Return the round of the address; an address without a round's number is not found."""
        try:
            UUID(self.kwargs["number"])
        except ValueError as error:
            raise Http404 from error
        row: Round = super().get_object()
        return row

    def get_queryset(self) -> QuerySet[Round]:
        """Return rounds that the person may see."""
        rows = Round.objects.visible_to(self.request.user)
        return rows.select_related("provider", "programme").prefetch_related("stages__responsible")

    @extend_schema(parameters=filters(*words))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Rounds, the newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=RoundInput, responses={201: RoundFields, 200: RoundFields, 409: CONFLICT}
    )
    def create(self, request: Request) -> Response:
        """Plan a round."""
        serializer = RoundInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        planned = PlannedRound(**_words(serializer.values()))
        try:
            made, outcome = plan.plan_round(by=self.person, planned=planned)
        except RulesBroken as error:
            raise field_problems(error) from error
        if outcome == Outcome.CONFLICT:
            return self.refuse("period")
        return Response(self.shown(made), status=STATUS_OF[outcome])


class SessionViewSet(_Rows):
    """Information sessions and trainings of the places the person covers."""

    lookup_field = "session_id"
    serializer_class = SessionFields
    queryset = InformationSession.objects.none()
    does: ClassVar = dict.fromkeys(("list", "retrieve", "create", "void"), "rounds.record")
    words: ClassVar = {
        "commune": Word("commune", values.read_commune),
        "programme": Word("programme__code", values.read_code),
        "kind": Word("kind", read_kind),
    }
    days: ClassVar = {"held_from": "held_on__gte", "held_to": "held_on__lte"}

    def get_queryset(self) -> QuerySet[InformationSession]:
        """Return sessions that the person may see."""
        rows = InformationSession.objects.visible_to(self.request.user)
        return rows.prefetch_related("handouts", "trained")

    @extend_schema(parameters=filters(*words, *days))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Sessions, the newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=SessionInput, responses={201: SessionFields, 200: SessionFields, 409: CONFLICT}
    )
    def create(self, request: Request) -> Response:
        """Record a session."""
        serializer = SessionInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        text = _words(serializer.values())
        text["handouts"] = [(one["name"], one["pieces"]) for one in text.get("handouts", [])]
        try:
            recorded = sessions.record_session(
                by=self.person, reported=ReportedSession(**{**text, "channel": Channel.API})
            )
        except RulesBroken as error:
            raise field_problems(error) from error
        return self.answer(recorded, "session_id")

    @extend_schema(request=Reason, responses=SessionFields)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, session_id: str) -> Response:
        """Take a session out of every total."""
        why = Reason(data=request.data)
        why.is_valid(raise_exception=True)
        row = sessions.void_session(
            by=self.person, session=self.get_object(), reason=why.validated_data["reason"]
        )
        return Response(self.shown(row))
