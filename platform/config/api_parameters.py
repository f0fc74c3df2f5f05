"""Query parameters of the REST API: unknown ones, and one given twice, are refused everywhere.

A misspelt filter (``?comune=``) that is ignored answers with everything, and a script counts the
whole country for one commune. The documented parameters are taken from the very schema that
``/api/v1/schema/`` shows, so every address documents what it takes.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.views import SpectacularAPIView
from rest_framework.settings import api_settings
from rest_framework.views import APIView

_SHOWN = 80
_METHODS = {"HEAD": "GET"}


class RefuseUnknownParameters:
    """Middleware: 400 for parameters that the operation does not document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; parameters are checked once the view is known."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Compare the parameters of a request with those of its operation."""
        if not request.GET or not _is_api(view):
            return None
        method = _METHODS.get(request.method or "", request.method or "")
        parameters = documented(view, method)
        if parameters is None:
            return None
        refused: dict[str, list[str]] = {}
        for name, values in request.GET.lists():
            if name not in parameters:
                refused[name[:_SHOWN]] = [_("There is no such parameter here.")]
            elif len(values) > 1:  # all but the last would be ignored
                refused[name[:_SHOWN]] = [_("Give this parameter once.")]
        return JsonResponse(refused, status=400) if refused else None


def _is_api(view: Any) -> bool:
    kind = getattr(view, "cls", None)
    if not isinstance(kind, type) or not issubclass(kind, APIView):
        return False
    return not issubclass(kind, SpectacularAPIView) and kind.__module__ != "drf_spectacular.views"


@cache
def documented(view: Any, method: str) -> frozenset[str] | None:
    """Return the names of the query parameters of an operation; None where there is no such one."""
    actions = getattr(view, "actions", None)
    handler = actions.get(method.lower()) if actions else method.lower()
    if handler is None or not hasattr(view.cls, handler) or method == "OPTIONS":
        return None
    kind: Any = SchemaGenerator  # drf-spectacular has no types here
    generator = kind()  # it holds the schema of the view: the view itself only refers to it
    one = generator.create_view(view, method, None)
    operation = one.schema.get_operation("/", "/", "", method, ComponentRegistry())
    parameters = [p["name"] for p in (operation or {}).get("parameters", []) if p["in"] == "query"]
    return frozenset([*parameters, api_settings.URL_FORMAT_OVERRIDE])
