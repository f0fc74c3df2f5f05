"""The tablet app's own pages: the app itself, its worker, and the import of exported records."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.demo import marked
from pages.content_policy import HEADER, policy_of
from parsing import json_body, query
from surveys.models import AppUser
from surveys.tablet.importing import UnreadableExportError, import_records

_DIST: Final = Path(__file__).parent / "static" / "tablet" / "dist"
_LARGEST: Final = 300 * 1024 * 1024


def _built(name: str, content_type: str, finish: Callable[[bytes], bytes] = bytes) -> HttpResponse:
    """Return a file of the built app under its own address.

    Browsers ask for it again each time, by its hash.
    """
    file = _DIST / name
    if not file.exists():
        raise Http404("the tablet app is not built: run make setup")
    script = finish(file.read_bytes())
    answer = HttpResponse(script, content_type=content_type)
    answer["Cache-Control"] = "no-cache"
    if content_type.startswith("text/html"):
        answer[HEADER] = policy_of(script)
    answer["ETag"] = f'"{hashlib.sha256(script).hexdigest()[:32]}"'
    return answer


@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """Show the app. No sign-in here: a tablet is enrolled by a code, a person by a PIN."""
    return _built("index.html", "text/html; charset=utf-8", marked)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker, from an address where it may control the whole of /tablet/."""
    return _built("sw.js", "text/javascript; charset=utf-8")


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Serve the web app manifest with which a tablet installs the app."""
    return JsonResponse(
        {
            "name": "អ្នកសម្របសម្រួល",
            "short_name": "អ្នកសម្របសម្រួល",
            "lang": "km",
            "start_url": "/tablet/",
            "scope": "/tablet/",
            "display": "standalone",
            "background_color": "#faf7f2",
            "theme_color": "#12466b",
            "icons": [
                {
                    "src": static("pages/mark.svg"),
                    "sizes": "any",
                    "type": "image/svg+xml",
                    "purpose": "any",
                }
            ],
        },
        content_type="application/manifest+json",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require("submissions.review")
def import_page(request: HttpRequest) -> HttpResponse:
    """Import what a tablet exported because it could not send."""
    tablets = AppUser.objects.visible_to(request.user).filter(revoked_at=None)
    if request.method == "POST":
        tablet = tablets.filter(pk=query.whole_number(request.POST, "tablet") or 0).first()
        upload = request.FILES.get("file")
        if tablet is None:
            messages.error(request, _("Choose the tablet that the file comes from."))
        elif upload is None or (upload.size or 0) > _LARGEST:
            messages.error(request, _("Choose the file that the tablet exported."))
        else:
            return _imported(request, tablet, upload.read())
    return render(request, "tablet/import.html", {"tablets": tablets.order_by("name")})


def _imported(request: HttpRequest, tablet: AppUser, raw: bytes) -> HttpResponse:
    try:
        done = import_records(tablet=tablet, exported=json_body.loads(raw), by=request.user)  # type: ignore[arg-type]  # `require` lets no anonymous in
    except (UnreadableExportError, ValueError):
        messages.error(
            request, _("This is no file that a tablet exported. Export it again and try again.")
        )
        return redirect("tablet:import")
    messages.success(
        request,
        ngettext("%(n)s record taken in.", "%(n)s records taken in.", done.stored)
        % {"n": done.stored},
    )
    if done.already_here:
        messages.info(request, _("%(n)s were here already.") % {"n": done.already_here})
    for name, reason in done.refused:
        messages.error(request, f"{name}: {reason}")
    return redirect("tablet:import")
