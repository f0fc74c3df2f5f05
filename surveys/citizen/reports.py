"""The organisation's page of sealed reports.

Reports are opened in the browser, with a key that the server never gets.
"""

import base64
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import may
from audit.trail import note_reading
from pages.links import first_url
from surveys.citizen import services
from surveys.citizen.models import ReportKey, SealedReport, key_in_use

PER_PAGE: Final = 20
DEMO_KEY: Final = "demo-report-key.txt"
"""The file under ``var/`` with the private half of a demo's key, which is no secret."""


def shown_key(key: ReportKey | None) -> str:
    """Return the private half of a demo's key, so that a newcomer can open a report.

    Return "" for any other key.
    """
    file = settings.VAR / DEMO_KEY
    if key is None or not key.is_demo or settings.LIVE or not file.exists():
        return ""
    text: str = file.read_text("ascii")
    return text.splitlines()[-1] if key.recipient in text else ""


def _opener(request: HttpRequest) -> User:
    """Return the person who may open reports.

    A report names no place, so the permission at any place counts.
    """
    user = request.user
    if not isinstance(user, User) or not may(user, "reports.open"):
        raise PermissionDenied
    return user


@login_required
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Show ciphertexts, the day each arrived, and a field for the private key, which stays in the
    page.
    """
    user = _opener(request)
    note_reading(by=user, verb="reports.opened", subject=user)
    page = Paginator(SealedReport.objects.select_related("key"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    sealed = [(r, base64.b64encode(bytes(r.ciphertext)).decode("ascii")) for r in page]
    key = key_in_use()
    context = {
        "page": page,
        "sealed": sealed,
        "key": key,
        "demo_key": shown_key(key),
        "new_case": first_url(["surveys:new_case"]),
    }
    answer = render(request, "citizen/reports.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
@require_POST
def delete(request: HttpRequest, pk: str) -> HttpResponse:
    """Delete a report that was handled."""
    user = _opener(request)
    report = get_object_or_404(SealedReport, pk=pk)
    try:
        services.delete_report(report=report, by=user, reason=request.POST.get("reason", "")[:200])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The report was deleted."))
    return redirect("citizen:reports")
