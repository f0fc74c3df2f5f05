"""Places for programs (public, read only), and common parts of every public list."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from khmer.digits import to_ascii
from parsing.errors import UnreadableValue
from parsing.values import read_day, read_whole_number
from places import search
from places.models import Level, Place


class StrictPages(CursorPagination):
    """Page by page; a size that is no number, or too large, is refused with a sentence."""

    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int | None:
        """Return the number of rows of one page. Raises ValidationError."""
        text = request.query_params.get("page_size", "")
        most = self.max_page_size or self.page_size or 1
        if not text:
            return self.page_size
        try:
            return read_whole_number(text, least=1, most=most)
        except UnreadableValue as error:
            raise serializers.ValidationError({"page_size": [str(error)]}) from error


class CodePages(StrictPages):
    """Page by page in the order of codes; a page does not shift while rows are added."""

    ordering: str = "code"
    page_size = 100
    max_page_size = 500


class Filters:
    """The query of an address, read strictly: what cannot be read is refused with a sentence."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.query = query

    def text(self, name: str) -> str:
        """Return the words given for ``name``, trimmed; "" where nothing is asked."""
        return self.query.get(name, "").strip()

    def code(self, name: str) -> str:
        """Return the digits of a place's code (Khmer digits too); "" where nothing is asked."""
        code = to_ascii(self.text(name))
        if code and not (code.isdecimal() and len(code) <= 8):
            raise serializers.ValidationError({name: [_("A code is two to eight digits.")]})
        return code

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return one of ``choices``; "" where nothing is asked."""
        word = self.text(name)
        if word and word not in choices:
            words = ", ".join(choices)
            raise serializers.ValidationError({name: [_("Choose one of: %s.") % words]})
        return word


def day_asked(asked: Filters, name: str) -> date | None:
    """Return the day given for ``name`` (ISO or dd/mm/yyyy), or None where nothing is asked."""
    text = asked.text(name)
    if not text:
        return None
    try:
        return read_day(text)
    except UnreadableValue as error:
        raise serializers.ValidationError({name: [str(error)]}) from None


class PlaceFields(serializers.ModelSerializer[Place]):
    """A province, district, commune or village."""

    class Meta:
        model = Place
        fields = (
            "code",
            "level",
            "kind",
            "name_km",
            "name_latin",
            "parent",
            "valid_from",
            "valid_to",
            "predecessor",
            "longitude",
            "latitude",
        )


@extend_schema(
    parameters=[
        OpenApiParameter("level", str, enum=Level.values, description="one level only"),
        OpenApiParameter("within", str, description="places whose code begins with this"),
        OpenApiParameter(
            "q",
            str,
            description="a code or a name, Khmer or Latin: the 100 likeliest, in order of code",
        ),
    ]
)
class PlaceList(generics.ListAPIView[Place]):
    """Places by official code."""

    permission_classes = (AllowAny,)
    serializer_class = PlaceFields
    pagination_class = CodePages

    def get_queryset(self) -> QuerySet[Place]:
        """Return places of a level, inside another, or found by name."""
        asked = Filters(self.request.query_params)
        level, within = asked.choice("level", Level.values), asked.code("within")
        if q := asked.text("q"):
            matches = search.find(q, level or None, within or None, limit=100)
            return Place.objects.filter(pk__in=[place.pk for place in matches])
        places = Place.objects.all()
        if level:
            places = places.filter(level=level)
        return places.filter(code__startswith=within) if within else places
