"""The page of people who call back to check reports made by telephone."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from places.models import Place
from standards.models import Service
from surveys.hotline import verification_calls
from surveys.hotline.models import CallBack

MOST = 100
"""Checks on the page, the oldest first."""


def _page(request: HttpRequest, shown: CallBack | None = None, number: str = "") -> HttpResponse:
    rows = list(verification_calls.visible_to(request.user)[:MOST])  # type: ignore[arg-type]  # `require` lets no anonymous in
    reported = [row.told for row in rows if row.told is not None]
    services = {
        s.code: s for s in Service.objects.filter(code__in=[t.service_code for t in reported])
    }
    communes = Place.objects.filter(code__in=[t.commune_code for t in reported])
    named = {p.code: p for p in communes.select_related("parent__parent")}
    waiting = [
        {
            "check": row,
            "service": services.get(row.told.service_code),
            "commune": named.get(row.told.commune_code),
            "answers": verification_calls.answers(row.told),
            "number": number if shown is not None and shown.pk == row.pk else "",
        }
        for row in rows
        if row.told is not None
    ]
    context = {"waiting": waiting, "outcomes": verification_calls.CHOICES.items()}
    return render(request, "hotline/checks.html", context)


@never_cache
@require_safe
@require("hotline.edit")
def waiting(request: HttpRequest) -> HttpResponse:
    """Show checks that wait for a call; a number is shown only when it is asked for."""
    return _page(request)


@never_cache
@require_POST
@require("hotline.edit")
def number(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the number of one check; the audit trail records who saw it."""
    check = get_object_or_404(verification_calls.visible_to(request.user), pk=pk)  # type: ignore[arg-type]  # `require` lets no anonymous in
    try:
        number_shown = verification_calls.show_number(check=check, by=request.user)  # type: ignore[arg-type]  # as above
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("hotline:checks")
    return _page(request, check, number_shown)


@require_POST
@require("hotline.edit")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the outcome of a check; its number is deleted."""
    check = get_object_or_404(verification_calls.visible_to(request.user), pk=pk)  # type: ignore[arg-type]  # `require` lets no anonymous in
    try:
        outcome = request.POST.get("outcome", "")
        verification_calls.close(check=check, by=request.user, outcome=outcome)  # type: ignore[arg-type]  # as above
        messages.success(request, _("Recorded; the number is deleted."))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("hotline:checks")
