"""Scores for programs: released figures for everyone, working ones for those who may see them."""

from dataclasses import asdict
from typing import Any

import pandas as pd
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from scorecards import periods
from scorecards.reading import data_package, explanation, score_columns, scores, statistics

PAGE = 1000
MOST_PAGES = 1_000_000
MOST_ID = 2**63 - 1


class ScoreQuery(serializers.Serializer[Any]):
    """Query parameters of the scores."""

    period = serializers.CharField(help_text="2026-07, 2026-Q3 or 2026")
    indicator = serializers.CharField(required=False, default="")
    service = serializers.CharField(required=False, default=None, allow_blank=True, allow_null=True)
    provider_kind = serializers.CharField(required=False, default="")
    level = serializers.ChoiceField(choices=[*score_columns.LEVELS], required=False, default="")
    within = serializers.RegexField(r"^[0-9]{2,8}\Z", required=False, default="")
    page = serializers.IntegerField(min_value=1, max_value=MOST_PAGES, required=False, default=1)

    def validate_period(self, value: str) -> str:
        """Return a period by its code."""
        try:
            return periods.parse(value).code
        except ValueError as error:
            raise ValidationError(_("Write a period as 2026-07, 2026-Q3 or 2026.")) from error


class ExplainQuery(ScoreQuery):
    """Query parameters that name the cell to explain."""

    indicator = serializers.CharField()
    place = serializers.CharField(required=False, default="", allow_blank=True)
    provider_kind = serializers.CharField()
    provider = serializers.IntegerField(
        min_value=0, max_value=MOST_ID, required=False, default=0, help_text="0: all providers"
    )
    self_assessment = serializers.BooleanField(required=False, default=False)


class ScoreRow(serializers.Serializer[Any]):
    """One figure; a number that may not be seen is null and ``status`` says why."""

    period = serializers.CharField()
    level = serializers.CharField()
    place_code = serializers.CharField()
    place_km = serializers.CharField()
    place_en = serializers.CharField()
    province_code = serializers.CharField()
    provider_kind = serializers.CharField()
    provider_id = serializers.IntegerField()
    service = serializers.CharField()
    indicator = serializers.CharField()
    self_assessment = serializers.BooleanField()
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    deff = serializers.FloatField(allow_null=True)
    status = serializers.CharField()
    why = serializers.CharField()
    revised = serializers.BooleanField()
    method_version = serializers.CharField()
    unfinished = serializers.BooleanField(help_text="the period is not over yet")
    rounded = serializers.BooleanField(
        help_text="numerator and denominator are rounded at random to multiples of three"
    )


class ScorePage(serializers.Serializer[Any]):
    """One page of figures, a thousand at most."""

    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = ScoreRow(many=True)


class Scores(APIView):
    """The figures of one period."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[ScoreQuery], responses=ScorePage)
    def get(self, request: Request) -> Response:
        """Return figures of a period, narrowed by indicator, service, kind, level and place."""
        asked = _asked(ScoreQuery, request)
        table = data_package.table(request.user, asked["period"])
        for name in ("indicator", "provider_kind", "level"):
            if asked[name]:
                table = table[table[name] == asked[name]]
        if asked["service"] is not None:
            table = table[table["service"] == asked["service"]]
        if asked["within"]:
            # a table without rows has no texts either
            table = table[table["place_code"].astype(str).str.startswith(asked["within"])]
        start = (asked["page"] - 1) * PAGE
        rows = table.iloc[start : start + PAGE].astype(object)
        rows = rows.where(rows.notna(), None)
        return Response(
            {
                "count": len(table),
                "page": asked["page"],
                "pages": -(-len(table) // PAGE),
                "results": rows.to_dict("records"),
            }
        )


class PlaceQuery(serializers.Serializer[Any]):
    """A period, and a place ("" is the nation) to look at alone."""

    period = serializers.CharField(help_text="2026-07, 2026-Q3 or 2026")
    place = serializers.RegexField(
        r"^([0-9][0-9]){0,3}\Z", required=False, default=None, allow_null=True, allow_blank=True
    )
    indicator = serializers.CharField(required=False, default="")

    validate_period = ScoreQuery.validate_period


class OnTimeQuery(PlaceQuery):
    """A period and one place."""

    place = serializers.RegexField(r"^([0-9][0-9]){0,3}\Z", allow_blank=True)


class Comparisons(APIView):
    """Comparisons of communes: rank intervals, funnel, peers, change, trend."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[PlaceQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return comparisons of a period, from what the asker may see and from nothing else."""
        asked = _asked(PlaceQuery, request)
        comparisons = statistics.comparisons(
            request.user, asked["period"], place=asked["place"], indicator=asked["indicator"]
        )
        return _rows(comparisons)


class ClassQuery(PlaceQuery):
    """Query parameters that choose cells: by place, indicator, kind, service and level."""

    provider_kind = serializers.CharField(required=False, default="")
    service = serializers.CharField(required=False, default=None, allow_blank=True, allow_null=True)
    level = serializers.ChoiceField(choices=["commune", "province"], required=False, default="")


class Classes(APIView):
    """Class against the national line, and change, of every cell that has them."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[ClassQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return classes of communes by service and of provinces, as pages and files show them."""
        asked = _asked(ClassQuery, request)
        period = asked.pop("period")
        return _rows(statistics.classes(request.user, period, **asked))


class Overalls(APIView):
    """Overall scores with their coverage."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[PlaceQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return overall scores of a period; null where less than 60% of the weight was judged."""
        asked = _asked(PlaceQuery, request)
        return _rows(statistics.overall(request.user, asked["period"], place=asked["place"]))


class Gaps(APIView):
    """Votes of women, young people, poor people and others compared with the other voters."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[PlaceQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return gaps between groups of voters: shares of a release, means of working figures."""
        asked = _asked(PlaceQuery, request)
        gaps = statistics.gaps(
            request.user, asked["period"], place=asked["place"], indicator=asked["indicator"]
        )
        return _rows(gaps)


class OnTimes(APIView):
    """Shares delivered on time where requests are still open: for readers of working figures."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[OnTimeQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return Kaplan-Meier shares of a place; a null share is "not yet known"."""
        asked = _asked(OnTimeQuery, request)
        return _rows(statistics.on_time(request.user, asked["period"], place=asked["place"]))


def _rows(table: pd.DataFrame) -> Response:
    rows = data_package.marked(table).astype(object)
    return Response(
        {"count": len(table), "results": rows.where(rows.notna(), None).to_dict("records")}
    )


class PeriodRow(serializers.Serializer[Any]):
    """A period that has figures for the asker."""

    code = serializers.CharField()
    length = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    unfinished = serializers.SerializerMethodField()

    def get_unfinished(self, period: periods.Period) -> bool:
        """Return whether the period is not over yet."""
        return not period.is_over(timezone.localdate())


class Periods(APIView):
    """List the periods with figures."""

    permission_classes = [AllowAny]

    @extend_schema(responses=PeriodRow(many=True))
    def get(self, request: Request) -> Response:
        """Return periods with figures for the asker, newest first."""
        available = scores.periods(request.user)
        return Response(PeriodRow(available, many=True).data)


class Explain(APIView):
    """The explanation of one figure: definition, standard, counts, cases left out."""

    permission_classes = [AllowAny]

    @extend_schema(
        parameters=[ExplainQuery],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        """Return definition, standard and counts of one figure, and the cases left out."""
        asked = _asked(ExplainQuery, request)
        names = ("period", "indicator", "place", "provider_kind", "provider", "self_assessment")
        explained = explanation.explain(
            request.user, service=asked["service"] or "", **{name: asked[name] for name in names}
        )
        if explained is None:
            raise NotFound(explanation.nothing_shown())
        return Response(asdict(explained))


def _asked(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    query = form(data=request.query_params)
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)
