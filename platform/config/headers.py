"""Headers that tell a browser what our pages may do, and that it must not store private ones."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from pages.content_policy import HEADER, POLICY


class ContentPolicy:
    """Adds the content security policy to every answer without a policy of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(self), microphone=(self)")
        return response


class PrivatePages:
    """Forbids browsers and proxies to store answers to a person with a session.

    Tablets and computers are shared: after one person signed out, Back must show the next one
    the sign-in page, not what the first one read. Answers that say ``public``, or only
    ``no-cache`` (the shells of the apps, which hold nobody's data), stay as they are, and data
    that a page fetches may be kept for revalidation, which fails without the session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            control = response.get("Cache-Control", "")
            is_page = response.get("Content-Type", "").startswith("text/html")
            if not control or (is_page and "private" in control and "no-store" not in control):
                response["Cache-Control"] = "private, no-store"
        return response
