"""Refuse requests with characters that no database can store, before any view sees them.

NUL cannot be stored as text by PostgreSQL and a lone surrogate cannot be encoded as
UTF-8: each would end in an error 500 in whichever view first uses the value. Addresses,
query strings and form bodies are checked here once, for all views. Bodies of other kinds
(JSON, XML, files) are read by their own parsers (``parsing.json_body``).
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from khmer.text import unreadable_character
from parsing.refusal import refuse


class RefuseUnreadableText:
    """Answer 400 with a sentence where the address or the form holds NUL or a lone surrogate."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Check what every request has: its path, its query string and its cookies."""
        values = [request.path, *request.COOKIES.values()]
        if any(map(unreadable_character, values)) or _holds_unreadable(request.GET):
            return _refuse(request)
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        _args: tuple[object, ...],
        _kwargs: dict[str, object],
    ) -> HttpResponseBase | None:
        """Check a form's fields, but not where a view reads a large body as a stream."""
        if request.method not in {"POST", "PUT", "PATCH"}:
            return None
        short = request.content_type == "application/x-www-form-urlencoded"
        streamed = getattr(view, "csrf_exempt", False)
        if short or (request.content_type == "multipart/form-data" and not streamed):
            names = [file.name or "" for _field, files in request.FILES.lists() for file in files]
            if _holds_unreadable(request.POST) or any(map(unreadable_character, names)):
                return _refuse(request)
        return None


def _holds_unreadable(fields: QueryDict) -> bool:
    return any(
        unreadable_character(name) or any(map(unreadable_character, texts))
        for name, texts in fields.lists()
    )


def _refuse(request: HttpRequest) -> HttpResponseBase:
    with translation.override(translation.get_language_from_request(request)):
        return refuse(
            request,
            _("The request holds a character that cannot be read. Delete it and type it again."),
        )
