"""Ask for a sent meeting to be opened again, and decide about it as a second person."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import require
from surveys.rounds.services.corrections import ask_correction, decide_correction
from surveys.rounds.views.rounds import person, round_for


@require("rounds.record")
@require_POST
def ask(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Report what is wrong with a sent meeting."""
    row = round_for(request, number)
    try:
        ask_correction(
            by=person(request),
            round=row,
            kind=request.POST.get("kind", ""),
            reason=request.POST.get("reason", ""),
        )
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
    else:
        messages.success(request, _("Another person now decides whether the meeting is opened."))
    return redirect("rounds:round", number=row.uuid)


@require("rounds.plan")
@require_POST
def decide(request: HttpRequest, number: UUID, pk: int) -> HttpResponseBase:
    """Open the meeting again, or leave it as it is."""
    row = round_for(request, number)
    correction = row.corrections.filter(pk=pk).first()
    if correction is None:
        raise Http404
    opened = request.POST.get("decision") == "open"
    try:
        decide_correction(by=person(request), correction=correction, opened=opened)
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
    else:
        text = _("The meeting is open: correct it on the tablet and send it again.")
        messages.success(request, text if opened else _("The meeting stays as it was sent."))
    return redirect("rounds:round", number=row.uuid)
