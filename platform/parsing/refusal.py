"""Answer a request that cannot be read: a page or JSON, with a sentence."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation

from parsing.errors import UnreadableRequest

_FOR_PROGRAMS = ("/api/", "/v1/")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400 (Django's ``handler400``); only our own sentences are shown."""
    return refuse(request, str(exception) if isinstance(exception, UnreadableRequest) else "")


def refuse(request: HttpRequest, sentence: str, status: int = 400) -> HttpResponse:
    """Answer ``sentence`` as JSON to programs and as a page to people."""
    json = request.content_type == "application/json" or request.path.startswith(_FOR_PROGRAMS)
    if json or request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"detail": sentence, "message": sentence}, status=status)
    language = "en" if (translation.get_language() or "km").startswith("en") else "km"
    page = render_to_string("400.html", {"sentence": sentence, "language": language})
    return HttpResponse(page, status=status)
