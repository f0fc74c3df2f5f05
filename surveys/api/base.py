"""Base classes of the endpoints of all observations."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from django.core.exceptions import ValidationError as RulesBroken
from django.db.models import Model, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import api_permission
from accounts.models import User
from audit.trail import note_reading
from parsing.errors import UnreadableValue
from places.api import StrictPages
from surveys.parsing import values
from surveys.services import Outcome, Recorded

DOES = {
    "list": "cases.read",
    "retrieve": "cases.read",
    "create": "cases.record",
    "partial_update": "cases.correct",
    "void": "cases.correct",
}
STATUS_OF = {
    Outcome.ADDED: status.HTTP_201_CREATED,
    Outcome.UNCHANGED: status.HTTP_200_OK,
    Outcome.CONFLICT: status.HTTP_409_CONFLICT,
}


class Newest(StrictPages):
    """Newest first, page by page; a page does not shift while others write."""

    ordering = "-id"
    page_size = 100
    max_page_size = 1000


class Word(NamedTuple):
    """A filter of a list: the lookup, and a reader of its word that reads as a POST does."""

    lookup: str
    read: Callable[[str], str] = values.read_text
    choices: Mapping[str, str] | None = None
    """the words that mean something; None: any code or name"""


class Observations(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Any],
):
    """Observations of places the person may read; everything else is 403 or 404."""

    pagination_class = Newest
    # a name may hold a slash (12/2026), and the address of its action ends in another word
    lookup_value_regex = ".+(?<!/void)"
    days: ClassVar[Mapping[str, str]] = {}
    words: ClassVar[Mapping[str, Word]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Set the person's language where the program asked for none."""
        super().initial(request, *args, **kwargs)
        if "Accept-Language" not in request.headers and isinstance(request.user, User):
            translation.activate(request.user.language)

    def get_permissions(self) -> list[Any]:
        """Return the permissions of the action; an action without one is closed."""
        return [api_permission(DOES.get(self.action or "", "people.manage"))()]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show one observation; the audit trail records that it was read."""
        row = self.get_object()
        assert isinstance(request.user, User)
        verb = f"{row._meta.model_name}.read"
        place = getattr(row, "commune_id", "")
        note_reading(by=request.user, verb=verb, subject=row, place_code=place)
        return Response(self.get_serializer(row).data)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that the filters select; an unreadable filter is refused by name."""
        if self.action != "list":
            return queryset
        asked = self.request.query_params
        wrong: dict[str, list[str]] = {}
        for name, text in asked.dict().items():
            try:
                if text and name in self.words:
                    queryset = queryset.filter(**self._word(self.words[name], text))
                elif text and name in self.days:
                    queryset = queryset.filter(**{self.days[name]: values.read_day(text)})
            except UnreadableValue as error:
                wrong[name] = [str(error)]
        if wrong:
            raise serializers.ValidationError(wrong)
        return queryset

    @staticmethod
    def _word(word: Word, text: str) -> dict[str, str]:
        """Return a condition. Raises UnreadableValue for a word that a POST would not take."""
        value = word.read(text)
        if word.choices is not None and value not in word.choices.values():
            sentence = ", ".join(dict.fromkeys(word.choices.values()))
            raise UnreadableValue(_("Choose one of: %s.") % sentence)
        return {word.lookup: value}

    @property
    def person(self) -> User:
        """Return the signed-in person."""
        assert isinstance(self.request.user, User)
        return self.request.user

    def answer(self, recorded: Recorded[Any], name_field: str) -> Response:
        """Answer 201 with what was added, 200 with what was there, 409 with a sentence."""
        if recorded.outcome == Outcome.CONFLICT:
            text = _("Already recorded with another content. Nothing was changed.")
            return Response({name_field: [text]}, status=STATUS_OF[recorded.outcome])
        return Response(self.shown(recorded.observation), status=STATUS_OF[recorded.outcome])

    def shown(self, observation: Model) -> Any:
        """Return an observation as it is shown, read again with its related rows."""
        fresh = self.get_queryset().get(pk=observation.pk)
        return self.get_serializer(fresh).data


def filters(*names: str) -> list[OpenApiParameter]:
    """Return the parameters of a list, for its document."""
    return [OpenApiParameter(name, str) for name in names]


CONFLICT = inline_serializer(
    "Conflict", {"name": serializers.ListField(child=serializers.CharField())}
)


def field_problems(error: RulesBroken) -> serializers.ValidationError:
    """Return an error of the API with the sentences of the rules by field."""
    if hasattr(error, "error_dict"):
        return serializers.ValidationError(error.message_dict)
    return serializers.ValidationError({"non_field_errors": error.messages})
