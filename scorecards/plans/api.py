"""Plans, actions and public commitments for programs."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as RulesBroken
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import api_permission
from accounts.models import User
from places.api import Filters, StrictPages
from places.models import Level, Place
from scorecards.plans import reading, services
from scorecards.plans.measures import shown
from scorecards.plans.models import Action, Plan, State
from scorecards.plans.pages.measures import as_row, chosen
from scorecards.plans.services.progress import REPORTED


class ById(StrictPages):
    """Rows in the order of recording; a page does not shift while rows are added."""

    ordering: str = "-id"
    page_size = 100
    max_page_size = 500


class PlanFields(serializers.ModelSerializer[Plan]):
    """The head of a plan."""

    commune = serializers.CharField(source="commune_id")
    provider = serializers.CharField(source="provider.code", default="")
    programme = serializers.CharField(source="programme.code", default="")

    class Meta:
        model = Plan
        fields = (
            *("uuid", "commune", "provider", "programme", "year", "starts_on", "ends_on"),
            *("agreed_on", "round_uuid"),
        )


class ActionFields(serializers.ModelSerializer[Action]):
    """An action with how far it has come."""

    plan = serializers.UUIDField(source="plan.uuid")
    commune = serializers.CharField(source="commune_id")
    provider = serializers.CharField(source="provider.code", default="")
    office = serializers.CharField(source="office.name_km", default="")
    indicator = serializers.CharField(source="indicator.code", default="")
    service = serializers.CharField(source="service.code", default="")

    class Meta:
        model = Action
        fields = (
            *("uuid", "plan", "commune", "number", "part", "provider", "activity"),
            *("proposed_by", "target", "location", "result_quantity", "result_unit"),
            *("starts_on", "due_on", "first_due_on", "beneficiaries", "beneficiaries_women"),
            *("cost_riel", "office", "helpers", "level", "money", "money_reference"),
            *("indicator", "service", "score_period", "heard", "state", "state_on", "moves"),
            *("said_done_on", "confirmed_on", "denials", "denied_on", "blocked_by"),
            *("drop_reason", "next_review_on", "call_code"),
        )


class PlanWithActions(PlanFields):
    """A plan with its actions."""

    actions = ActionFields(many=True)

    class Meta:
        model = Plan
        fields = (*PlanFields.Meta.fields, "actions")


class ReportInput(serializers.Serializer[Any]):
    """A report of an action's progress."""

    state = serializers.ChoiceField(choices=[state.value for state in REPORTED])
    reason = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)


class CommitmentFields(serializers.Serializer[Any]):
    """One agreed action as the public sees it."""

    uuid = serializers.UUIDField()
    number = serializers.IntegerField()
    call_code = serializers.CharField()
    commune = serializers.CharField()
    year = serializers.IntegerField()
    text = serializers.CharField()
    is_checked = serializers.BooleanField()
    office = serializers.CharField()
    provider = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in State])
    starts_on = serializers.DateField()
    due_on = serializers.DateField()
    first_due_on = serializers.DateField()
    moves = serializers.IntegerField()
    slip_days = serializers.IntegerField()
    late_days = serializers.IntegerField(help_text="working days")
    said_done_on = serializers.DateField(allow_null=True)
    confirmed_on = serializers.DateField(allow_null=True)
    denials = serializers.IntegerField()
    printed_done = serializers.IntegerField(help_text="rounded; 0 while fewer than ten answered")
    printed_people = serializers.IntegerField(help_text="rounded; 0 while fewer than ten answered")
    indicator = serializers.CharField()
    level = serializers.CharField()


@extend_schema(parameters=[OpenApiParameter("within", str, description="code of a place")])
class Plans(generics.ListAPIView[Plan]):
    """Plans of the places in which you read them."""

    permission_classes = (api_permission("plans.read"),)
    serializer_class = PlanFields
    pagination_class = ById

    def get_queryset(self) -> QuerySet[Plan]:
        """Return plans, inside a place."""
        plans = Plan.objects.visible_to(self.request.user).select_related("provider", "programme")
        within = Filters(self.request.query_params).code("within")
        return plans.filter(commune__code__startswith=within) if within else plans


class OnePlan(APIView):
    """One plan with its actions."""

    permission_classes = (api_permission("plans.read"),)

    @extend_schema(responses={200: PlanWithActions, 404: None})
    def get(self, request: Request, uuid: UUID) -> Response:
        """Return a plan by its uuid."""
        rows = Plan.objects.visible_to(request.user).select_related("provider", "programme")
        actions = "actions__office", "actions__provider", "actions__indicator", "actions__service"
        plan = rows.prefetch_related(*actions).filter(uuid=uuid).first()
        if plan is None:
            raise Http404
        return Response(PlanWithActions(plan).data)


@extend_schema(
    parameters=[
        OpenApiParameter("within", str, description="code of a place"),
        OpenApiParameter("state", str, enum=State.values),
    ]
)
class Actions(generics.ListAPIView[Action]):
    """Actions of the places in which you read plans."""

    permission_classes = (api_permission("plans.read"),)
    serializer_class = ActionFields
    pagination_class = ById

    def get_queryset(self) -> QuerySet[Action]:
        """Return actions, inside a place, in a state."""
        asked = Filters(self.request.query_params)
        actions = Action.objects.visible_to(self.request.user).select_related(
            "plan", "provider", "office", "indicator", "service"
        )
        if within := asked.code("within"):
            actions = actions.filter(commune__code__startswith=within)
        if state := asked.choice("state", State.values):
            actions = actions.filter(state=state)
        return actions


def _action(request: Request, uuid: UUID) -> Action:
    rows = Action.objects.visible_to(request.user).select_related(
        "plan", "provider", "office", "indicator", "service"
    )
    row = rows.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


class OneAction(APIView):
    """One action."""

    permission_classes = (api_permission("plans.read"),)

    @extend_schema(responses={200: ActionFields, 404: None})
    def get(self, request: Request, uuid: UUID) -> Response:
        """Return an action by its uuid."""
        return Response(ActionFields(_action(request, uuid)).data)


class Report(APIView):
    """Report how far an action has come."""

    permission_classes = (api_permission("plans.report"),)

    @extend_schema(request=ReportInput, responses={200: ActionFields, 404: None})
    def post(self, request: Request, uuid: UUID) -> Response:
        """Record a state; the same one again changes nothing."""
        action = _action(request, uuid)
        given = ReportInput(data=request.data)
        given.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        try:
            done = services.report_state(by=request.user, action=action, **given.validated_data)
        except RulesBroken as error:
            messages = error.message_dict if hasattr(error, "error_dict") else error.messages
            raise serializers.ValidationError(messages) from error
        return Response(ActionFields(_action(request, done.uuid)).data)


@extend_schema(
    parameters=[OpenApiParameter("commune", str, required=True, description="code of a commune")],
    responses={200: CommitmentFields(many=True), 404: None},
)
class Commitments(APIView):
    """The agreed actions of a commune (public)."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        """Return the agreed actions of one commune, those of the latest plan first."""
        code = Filters(request.query_params).code("commune")
        if not Place.objects.filter(code=code, level=Level.COMMUNE).exists():
            raise Http404
        commitments = [asdict(one) for one in reading.commitments(code)]
        return Response(CommitmentFields(commitments, many=True).data)


class MeasureFields(serializers.Serializer[dict[str, Any]]):
    """One released measure of rounds and plans."""

    period = serializers.CharField()
    measure = serializers.CharField()
    unit = serializers.CharField(help_text="actions, rounds, communes, figures or people")
    level = serializers.CharField(help_text="level of decision, empty for all")
    place = serializers.CharField(help_text="code of the place, empty for the nation")
    numerator = serializers.IntegerField(help_text="rounded where the unit is people")
    denominator = serializers.IntegerField(help_text="rounded where the unit is people")
    share = serializers.FloatField()
    low = serializers.FloatField(help_text="95% interval")
    high = serializers.FloatField(help_text="95% interval")
    standing = serializers.CharField(help_text="class of the funnel against the nation")


@extend_schema(
    parameters=[
        OpenApiParameter("place", str, description="code of a place; the nation where left out"),
        OpenApiParameter("measure", str, description="of the places inside; “confirmed”"),
        OpenApiParameter("period", str, description="a released quarter; the newest"),
    ],
    responses={200: MeasureFields(many=True), 404: None},
)
class PlanMeasures(APIView):
    """The released measures of rounds and commitments (public)."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        """Return all measures of a place, and one measure of the places directly inside it."""
        place, measure, period = chosen(request._request)
        code = place.code if place else ""
        released = shown.released(code, period, splits=True)
        if len(code) < len("010201"):
            released += shown.released_below(code, measure, period)
        rows: Any = [as_row(one, period) for one in released]
        return Response(MeasureFields(rows, many=True).data)
