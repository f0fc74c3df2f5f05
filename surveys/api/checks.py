"""Checks for programs: list, record, void."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as RulesBroken
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from surveys import services
from surveys.api.base import CONFLICT, Observations, Word, field_problems, filters
from surveys.api.fields import DayField, Reason, ReportInput, WordField, YesNoField
from surveys.models import Check
from surveys.parsing import values
from surveys.services import ReportedCheck


class CheckInput(ReportInput):
    """One yes or no, as it is sent."""

    check_id = WordField(values.read_name, help_text="your own name for the visit")
    commune = WordField(values.read_commune, help_text="official code of six digits")
    provider = WordField(values.read_code, help_text="empty: the commune's own of the kind")
    provider_kind = WordField(values.read_code)
    indicator = WordField(values.read_indicator, help_text='such as "CA-I1"')
    seen_on = DayField()
    present = YesNoField(help_text="null: could not be seen")
    facilitator = WordField()
    channel = WordField()
    programme = WordField(values.read_code)


class CheckFields(serializers.ModelSerializer[Check]):
    """A check as it stands."""

    commune = serializers.CharField(source="commune_id")
    provider = serializers.CharField(source="provider.code")
    indicator = serializers.CharField(source="indicator_code")

    class Meta:
        model = Check
        fields = (
            "id",
            "check_id",
            "commune",
            "provider",
            "indicator",
            "seen_on",
            "present",
            "channel",
            "recorded_at",
            "voided_at",
            "void_reason",
        )
        read_only_fields = fields


class CheckViewSet(Observations):
    """Single checks of the places the person covers."""

    serializer_class = CheckFields
    queryset = Check.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    words: ClassVar = {
        "province": Word("province_code", values.read_code),
        "commune": Word("commune", values.read_commune),
        "provider": Word("provider__code", values.read_code),
        "indicator": Word("indicator_code", values.read_indicator),
        "check_id": Word("check_id", values.read_name),
    }
    days: ClassVar = {"seen_from": "seen_on__gte", "seen_to": "seen_on__lte"}

    def get_queryset(self) -> QuerySet[Check]:
        """Return checks that the person may see."""
        return Check.objects.visible_to(self.request.user).select_related("provider")

    @extend_schema(parameters=filters(*words, *days))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Checks, the newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=CheckInput, responses={201: CheckFields, 200: CheckFields, 409: CONFLICT}
    )
    def create(self, request: Request) -> Response:
        """Record a check: 201 added, 200 already there and the same, 409 there and different."""
        serializer = CheckInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            recorded = services.record_check(
                by=self.person, reported=ReportedCheck(**{"channel": "api", **serializer.values()})
            )
        except RulesBroken as error:
            raise field_problems(error) from error
        return self.answer(recorded, "check_id")

    @extend_schema(request=Reason, responses=CheckFields)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        """Take a mistaken check out of every score."""
        why = Reason(data=request.data)
        why.is_valid(raise_exception=True)
        check = services.void_check(
            check=self.get_object(), by=self.person, reason=why.validated_data["reason"]
        )
        return Response(self.shown(check))
