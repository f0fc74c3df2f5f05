"""Cases for programs: list, record, correct with a reason, void."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as RulesBroken
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import services
from surveys.api.base import CONFLICT, Observations, Word, field_problems
from surveys.api.fields import (
    AmountField,
    DayField,
    NumberField,
    PapersField,
    Reason,
    ReportInput,
    WordField,
    YesNoField,
)
from surveys.models import Case
from surveys.parsing import values
from surveys.services import ReportedCase


class CaseInput(ReportInput):
    """A case as it is sent: codes and values only, never a name of a citizen."""

    case_id = WordField(values.read_name, help_text="your own name for the case; no other has it")
    commune = WordField(values.read_commune, help_text="official code of six digits")
    provider = WordField(values.read_code, help_text="empty: the commune's own of the kind")
    service = WordField(values.read_code)
    option = WordField(values.read_code)
    asked_on = DayField()
    received_on = DayField()
    status = WordField(values.read_status, help_text="received, open, refused or abandoned")
    fee_paid = AmountField()
    currency = WordField(values.read_currency, help_text="KHR or USD")
    units = NumberField()
    documents_asked = PapersField()
    visits = NumberField()
    receipt = YesNoField()
    staffed = YesNoField()
    medicine_given = YesNoField()
    lesson_days_lost = NumberField()
    plan_shown = YesNoField()
    channel = WordField()
    facilitator = WordField(help_text="user name, or a name of somebody without an account")
    sex = WordField(values.read_sex, help_text="female, male or other")
    age = NumberField()
    poor_card = YesNoField()
    disability = YesNoField()
    minority = YesNoField()
    note = WordField(values.read_note)
    programme = WordField(values.read_code)


class CaseCorrection(CaseInput):
    """The fields to correct, and why."""

    case_id = None  # type: ignore[assignment]  # the name of a case cannot be changed
    reason = serializers.CharField(max_length=2000)


class CaseFields(serializers.ModelSerializer[Case]):
    """A case as it stands; null is "not known"."""

    commune = serializers.CharField(source="commune_id")
    provider = serializers.CharField(source="provider.code")
    service = serializers.CharField(source="service.code")
    facilitator = serializers.SerializerMethodField()
    programme = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = (
            "case_id",
            "commune",
            "provider",
            "service",
            "option",
            "standard",
            "asked_on",
            "received_on",
            "days_known",
            "status",
            "fee_paid",
            "currency",
            "units",
            "documents_asked",
            "visits",
            "receipt",
            "staffed",
            "medicine_given",
            "lesson_days_lost",
            "plan_shown",
            "channel",
            "facilitator",
            "sex",
            "age",
            "poor_card",
            "disability",
            "minority",
            "note",
            "programme",
            "recorded_at",
            "updated_at",
            "voided_at",
            "void_reason",
        )
        read_only_fields = fields
        extra_kwargs: ClassVar = {"sex": {"allow_blank": True}}  # not known

    def get_facilitator(self, case: Case) -> str:
        """Return the facilitator's user name, or the name as it was written."""
        return case.facilitator.username if case.facilitator else case.facilitator_name

    def get_programme(self, case: Case) -> str:
        """Return the programme's code, or nothing."""
        return case.programme.code if case.programme else ""


FILTERS = [
    OpenApiParameter("province", str, description="official code of two digits"),
    OpenApiParameter("commune", str, description="official code of six digits"),
    OpenApiParameter("provider", str),
    OpenApiParameter("service", str),
    OpenApiParameter("status", str),
    OpenApiParameter("facilitator", str, description="user name"),
    OpenApiParameter("asked_from", str, description="first day of asking"),
    OpenApiParameter("asked_to", str, description="last day of asking"),
    OpenApiParameter("updated_from", str, description="changed on this day or later"),
]


class CaseViewSet(Observations):
    """Single cases of the places the person covers."""

    lookup_field = "case_id"
    serializer_class = CaseFields
    queryset = Case.objects.none()
    words: ClassVar = {
        "province": Word("province_code", values.read_code),
        "commune": Word("commune", values.read_commune),
        "provider": Word("provider__code", values.read_code),
        "service": Word("service__code", values.read_code),
        "status": Word("status", values.read_status, values.STATUSES),
        "facilitator": Word("facilitator__username"),
    }
    days: ClassVar = {
        "asked_from": "asked_on__gte",
        "asked_to": "asked_on__lte",
        "updated_from": "updated_at__date__gte",
    }

    def get_queryset(self) -> QuerySet[Case]:
        """Return cases that the person may see, with their related rows."""
        return Case.objects.visible_to(self.request.user).select_related(
            "provider", "service", "facilitator", "programme"
        )

    @extend_schema(parameters=FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Cases, the newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=CaseInput, responses={201: CaseFields, 200: CaseFields, 409: CONFLICT})
    def create(self, request: Request) -> Response:
        """Record a case: 201 added, 200 already there and the same, 409 there and different."""
        serializer = CaseInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            recorded = services.record_case(
                by=self.person, reported=ReportedCase(**{"channel": "api", **serializer.values()})
            )
        except RulesBroken as error:
            raise field_problems(error) from error
        return self.answer(recorded, "case_id")

    @extend_schema(request=CaseCorrection, responses=CaseFields)
    def partial_update(self, request: Request, case_id: str) -> Response:
        """Correct a case; what it said before is kept, with the reason."""
        case = self.get_object()
        serializer = CaseCorrection(data=request.data)
        serializer.is_valid(raise_exception=True)
        changes = serializer.values()
        reason = changes.pop("reason")
        try:
            case = services.correct_case(case=case, by=self.person, reason=reason, **changes)
        except RulesBroken as error:
            raise field_problems(error) from error
        return Response(self.shown(case))

    @extend_schema(request=Reason, responses=CaseFields)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, case_id: str) -> Response:
        """Take a mistaken case out of every score."""
        why = Reason(data=request.data)
        why.is_valid(raise_exception=True)
        case = services.void_case(
            case=self.get_object(), by=self.person, reason=why.validated_data["reason"]
        )
        return Response(self.shown(case))
