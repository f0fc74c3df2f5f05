"""The price list for programs: public, read only."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny

from places.api import CodePages, Filters, day_asked
from standards.book import providers_of
from standards.models import Provider, ProviderKind, Service, Standard

_SERVICE = OpenApiParameter("service", str, description="code of a service")
_KIND = OpenApiParameter("kind", str, enum=ProviderKind.values, description="kind of provider")


class ServiceFields(serializers.ModelSerializer[Service]):
    """A public service."""

    class Meta:
        model = Service
        fields = (
            "code",
            "provider_kind",
            "name_km",
            "name_en",
            "note_km",
            "note_en",
            "fee_by_provider",
            "retired_on",
        )


class StandardFields(serializers.ModelSerializer[Standard]):
    """An official standard; null means that nothing was published, never zero."""

    service: "serializers.SlugRelatedField[Service]" = serializers.SlugRelatedField(
        slug_field="code", read_only=True
    )
    provider: "serializers.SlugRelatedField[Provider]" = serializers.SlugRelatedField(
        slug_field="code", read_only=True, allow_null=True
    )
    documents = serializers.SerializerMethodField()

    class Meta:
        model = Standard
        fields = (
            "id",
            "service",
            "option",
            "provider",
            "fee",
            "fee_concession",
            "currency",
            "fee_unit",
            "days_max",
            "day_kind",
            "valid_years",
            "documents_known",
            "documents",
            "valid_from",
            "valid_to",
            "legal_basis_km",
            "legal_basis_en",
            "source",
            "completeness_km",
            "completeness_en",
            "checked_on",
        )

    def get_documents(self, standard: Standard) -> list[dict[str, str]]:
        """Return the papers on the list, in their order."""
        return [
            {"code": d.code, "name_km": d.name_km, "name_en": d.name_en}
            for d in (row.document for row in standard.required.all())
        ]


class ProviderFields(serializers.ModelSerializer[Provider]):
    """An office, post, health centre or school."""

    place = serializers.CharField(source="place_id", help_text="official code of its place")

    class Meta:
        model = Provider
        fields = (
            "code",
            "kind",
            "name_km",
            "name_en",
            "place",
            "opening_hours",
            "phone",
            "valid_from",
            "valid_to",
        )


class StandardPages(CodePages):
    """Standards page by page, in the order they were written."""

    ordering = "id"


@extend_schema(parameters=[_KIND])
class ServiceList(generics.ListAPIView[Service]):
    """Public services, also those that are no longer given (``retired_on``)."""

    permission_classes = (AllowAny,)
    serializer_class = ServiceFields
    pagination_class = CodePages

    def get_queryset(self) -> QuerySet[Service]:
        """Return services, of one kind of provider where asked."""
        asked = Filters(self.request.query_params)
        services = Service.objects.all()
        kind = asked.choice("kind", ProviderKind.values)
        return services.filter(provider_kind=kind) if kind else services


@extend_schema(
    parameters=[
        OpenApiParameter("on", date, description="in force on this day (today where left out)"),
        _SERVICE,
        OpenApiParameter(
            "provider",
            str,
            description="code of a provider: its own posted standards and the national ones; "
            "left out: national ones only; `all`: everybody's",
        ),
    ]
)
class StandardList(generics.ListAPIView[Standard]):
    """Official standards in force on a day."""

    permission_classes = (AllowAny,)
    serializer_class = StandardFields
    pagination_class = StandardPages

    def get_queryset(self) -> QuerySet[Standard]:
        """Return standards in force on the day asked for."""
        asked = Filters(self.request.query_params)
        standards = Standard.objects.in_force(day_asked(asked, "on") or timezone.localdate())
        if service := asked.text("service"):
            standards = standards.filter(service__code=service)
        provider = asked.text("provider")
        if provider != "all":
            own = Q(provider=None) | Q(provider__code=provider) if provider else Q(provider=None)
            standards = standards.filter(own)
        return standards.select_related("service", "provider").prefetch_related(
            "required__document"
        )


@extend_schema(
    parameters=[
        _KIND,
        OpenApiParameter(
            "commune", str, description="those that serve this commune; needs `kind` beside it"
        ),
        OpenApiParameter("within", str, description="seated at places whose code begins with this"),
    ]
)
class ProviderList(generics.ListAPIView[Provider]):
    """Offices, posts, health centres and schools."""

    permission_classes = (AllowAny,)
    serializer_class = ProviderFields
    pagination_class = CodePages

    def get_queryset(self) -> QuerySet[Provider]:
        """Return providers of a kind, seated somewhere, or serving a commune."""
        asked = Filters(self.request.query_params)
        rows: QuerySet[Provider, Any] = Provider.objects.all()
        kind = asked.choice("kind", ProviderKind.values)
        if kind:
            rows = rows.filter(kind=kind)
        if within := asked.code("within"):
            rows = rows.filter(place__code__startswith=within)
        if commune := asked.code("commune"):
            if not kind:
                raise serializers.ValidationError({"kind": ["Name the kind of provider as well."]})
            rows = rows.filter(pk__in=[p.pk for p in providers_of(commune, kind)])
        return rows
