"""Pages of information sessions: the list, one, recording, and totals for donors."""

import io
import secrets

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.permissions import may
from parsing import query
from surveys.importing.rejects import CsvWriter
from surveys.rounds import totals as session_totals
from surveys.rounds.forms import ReasonForm, SessionForm, add_problems
from surveys.rounds.models import InformationSession
from surveys.rounds.models.attendance import GROUP_LABELS
from surveys.rounds.services import sessions as services
from surveys.rounds.views.rounds import person
from surveys.services import Outcome

A_PAGE = 50


@require("rounds.record")
def session_list(request: HttpRequest) -> HttpResponseBase:
    """Show sessions that this person may see, newest first."""
    user = person(request)
    sessions = InformationSession.objects.visible_to(user).order_by("-held_on", "-pk")
    if commune := query.code(request.GET, "commune"):
        sessions = sessions.filter(commune=commune)
    page = Paginator(sessions.select_related("commune", "programme"), A_PAGE).get_page(
        query.whole_number(request.GET, "page") or 1
    )
    return render(request, "rounds/sessions.html", {"page": page, "commune": commune})


@require("rounds.record")
def new_session(request: HttpRequest) -> HttpResponseBase:
    """Record one session."""
    user = person(request)
    form = SessionForm(
        request.POST or None,
        user=user,
        initial={"session_id": f"page-{secrets.token_hex(8)}", "trainer": user.display_name},
    )
    if request.method == "POST" and form.is_valid():
        try:
            recorded = services.record_session(by=user, reported=form.reported())
        except ValidationError as error:
            add_problems(form, error)
        else:
            if recorded.outcome != Outcome.CONFLICT:
                messages.success(request, _("The session is recorded."))
                return redirect("rounds:session", pk=recorded.observation.pk)
            form.add_error(None, _("This session is already recorded with another content."))
    status = 422 if form.is_bound else 200
    return render(request, "rounds/session_form.html", {"form": form}, status=status)


def _visible(request: HttpRequest, pk: int) -> InformationSession:
    information_sessions = InformationSession.objects.visible_to(request.user).filter(pk=pk)
    row = information_sessions.select_related(
        "commune__parent", "programme", "led_by__session"
    ).first()
    if row is None:
        raise Http404
    return row


@require("rounds.record")
def session_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one session: who came by group, what was handed out, who repeats it and where."""
    row = _visible(request, pk)
    counts = [(label, getattr(row, name)) for name, label in GROUP_LABELS.items()]
    trained = [
        (one, one.sessions_held.standing().order_by("held_on"))
        for one in row.trained.order_by("pk")
    ]
    return render(
        request,
        "rounds/session.html",
        {
            "session": row,
            "counts": counts,
            "trained": trained,
            "may_void": may(
                request.user, "rounds.record", place=row.commune_id, programme=row.programme_id
            ),
        },
    )


@require("rounds.record")
def void(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Void a mistaken session: it is left out of the totals.

    A reason is needed.
    """
    row = _visible(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.void_session(by=person(request), session=row, reason=form.cleaned_data["reason"])
        messages.success(request, _("The session no longer counts."))
        return redirect("rounds:session", pk=row.pk)
    status = 422 if form.is_bound else 200
    return render(
        request, "rounds/void_session.html", {"session": row, "form": form}, status=status
    )


@require("scores.released", "rounds.record")
def totals(request: HttpRequest) -> HttpResponseBase:
    """Show the numbers of people reached, by programme, province and group."""
    return render(
        request,
        "rounds/totals.html",
        {
            "groups": GROUP_LABELS.values(),
            "rows": session_totals.by_programme_and_province(request.user),
        },
    )


@require("scores.released", "rounds.record")
def totals_csv(request: HttpRequest) -> HttpResponseBase:
    """Serve the same totals as a spreadsheet."""
    content = io.BytesIO()
    writer = CsvWriter(content)
    writer.write(session_totals.headers())
    for row in session_totals.by_programme_and_province(request.user):
        writer.write(row.cells())
    writer.close()
    return HttpResponse(
        content.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="sessions.csv"'},
    )
