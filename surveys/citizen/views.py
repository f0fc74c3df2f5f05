"""The page of the citizens' app, its worker, its manifest, and the content it keeps."""

import gzip
import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.demo import marked
from pages.content_policy import HEADER, policy_of
from surveys.citizen import android, content

BUILT: Final = Path(__file__).parent / "static/citizen/dist"
NOT_BUILT: Final = "The app was not built yet: run `make setup`."


def _file(name: str, kind: str, finish: Callable[[bytes], bytes] = bytes) -> HttpResponse:
    file = BUILT / name
    if not file.exists():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(finish(file.read_bytes()), content_type=kind)
    # small, and kept by the worker: revalidated each time, so that a new version is seen at once
    answer["Cache-Control"] = "no-cache"
    if kind.startswith("text/html"):
        answer[HEADER] = policy_of(answer.content)
    return answer


PLACE_OF_CONTENT: Final = b"<!--first-->"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the page of the app: the same for everybody, with nothing about the reader in it.

    It contains today's services with their prices as plain links and words, which are readable
    before any script has loaded; then the app takes over. ``?bare`` is the page that phones keep,
    without these: the phone keeps the content apart and renews it.
    """
    if "bare" in request.GET or not (BUILT / "index.html").exists():
        return _file("index.html", "text/html; charset=utf-8", marked)
    answer = _content(request, *content.ready("start", _page), kind="text/html; charset=utf-8")
    answer[HEADER] = policy_of(marked((BUILT / "index.html").read_bytes()))
    return answer


def _page() -> bytes:
    page = marked((BUILT / "index.html").read_bytes())
    with translation.override("km"):
        first = render_to_string("citizen/first.html", {"services": content.first(_pictures())})
    return page.replace(PLACE_OF_CONTENT, first.encode())


@cache
def _pictures() -> dict[str, str]:
    """Return the app's own drawings by service and kind of office, as SVG paths."""
    drawn: dict[str, str] = json.loads((BUILT / "icons.json").read_text("utf-8"))
    return drawn


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker, from an address where it may control the whole of /app/."""
    return _file("sw.js", "text/javascript; charset=utf-8")


DESCRIPTION: Final = "តម្លៃ រយៈពេល និងឯកសារផ្លូវការនៃសេវាសាធារណៈ សំណើរបស់ខ្ញុំ និងការប្រាប់អំពីអ្វីដែលបានជួប"
SHORTCUTS: Final = (
    ("សំណើរបស់ខ្ញុំ", "/app/#/requests"),
    ("ប្រាប់យើង", "/app/#/tell"),
    ("ឃុំ សង្កាត់របស់ខ្ញុំ", "/app/#/commune"),
)


def _icons() -> list[dict[str, str]]:
    png = (
        ("citizen/icon-192.png", "192x192", "any"),
        (android.ICON, "512x512", "any"),
        (android.MASKABLE, "512x512", "maskable"),
    )
    mark = {"src": static("pages/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    return [
        {**mark, "purpose": "any"},
        *(
            {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in png
        ),
    ]


def _screenshots() -> list[dict[str, str]]:
    """Return the pictures that browsers and stores show before the app is installed."""
    return [
        {
            "src": static(f"citizen/screen-{name}.png"),
            "sizes": "720x1280",
            "type": "image/png",
            "form_factor": "narrow",
            "label": label,
        }
        for name, label in (("services", "សេវាសាធារណៈ"), ("service", "តម្លៃ និងរយៈពេលផ្លូវការ"))
    ]


def _android_app() -> list[dict[str, str]]:
    if not settings.ANDROID_PACKAGE:
        return []
    return [{"platform": "play", "id": settings.ANDROID_PACKAGE}]


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Serve the web app manifest with which a phone installs the app."""
    answer = JsonResponse(
        {
            "id": "/app/",
            "name": android.NAME,
            "short_name": android.SHORT_NAME,
            "description": DESCRIPTION,
            "lang": "km",
            "dir": "ltr",
            "start_url": "/app/",
            "scope": "/app/",
            "display": "standalone",
            "orientation": "any",
            "background_color": android.GROUND,
            "theme_color": android.BLUE,
            "categories": ["government", "utilities"],
            "prefer_related_applications": False,
            "launch_handler": {"client_mode": "navigate-existing"},
            "icons": _icons(),
            "screenshots": _screenshots(),
            "shortcuts": [
                {"name": name, "url": url, "icons": _icons()[1:2]} for name, url in SHORTCUTS
            ],
            "related_applications": _android_app(),
        },
        json_dumps_params={"ensure_ascii": False},
        content_type="application/manifest+json",
    )
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def _content(
    request: HttpRequest,
    body: bytes,
    version: str,
    kind: str = "application/json; charset=utf-8",
) -> HttpResponse:
    tag = f'"{version}"'
    tags = {part.strip() for part in request.headers.get("If-None-Match", "").split(",")}
    if tags & {tag, f"W/{tag}"}:
        return HttpResponse(status=304, headers={"ETag": tag})
    small = "gzip" in request.headers.get("Accept-Encoding", "")
    # the same for everybody and without a secret, so that its size reveals nothing
    sent = gzip.compress(body, mtime=0) if small else body
    answer = HttpResponse(sent, content_type=kind)
    if small:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    answer["ETag"] = tag
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Serve the content with its version: services, standards in force, holidays, recordings."""
    return _content(request, *content.ready("data", content.book))


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Serve every commune under its district and province, for choosing without a network."""
    return _content(request, *content.ready("places", content.places))


@require_safe
def commune(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the offices of one commune and its released scorecard."""
    body, version = content.ready(f"commune:{code}", partial(content.commune, code))
    if body == b"null":
        raise Http404
    return _content(request, body, version)
