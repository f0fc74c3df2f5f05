"""A commune's commitments for everybody: page, feed, files, embedding, and citizens' answers."""

import csv
import io
import json
import secrets
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_POST, require_safe

from pages.content_policy import HEADER, policy
from places.models import Level, Place
from scorecards.plans import reading, replies, services, stories
from scorecards.plans.models import Action, AnswerChannel, Evidence, Moderation
from scorecards.plans.official_form.spreadsheet import as_xlsx
from scorecards.plans.pages.actions import file_answer
from scorecards.plans.pages.plans import XLSX
from spreadsheets import escape
from surveys import recordings
from surveys.importing.columns import Column
from throttling.addresses import client_address
from throttling.limits import Limit

COOKIE: Final = "answered"
"""A random number of this browser, so that it answers once; hashed with each action before use."""
ANSWERS: Final = Limit("commitments", most=60, minutes=60)
"""The limit of answers; wide, because a village shares one address of a mobile network."""
FILES: Final = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "json": "application/json"}
COLUMNS: Final = (
    *("commune", "year", "number", "text", "office", "provider", "level", "state"),
    *("starts_on", "due_on", "first_due_on", "moves", "slip_days", "late_days"),
    *("said_done_on", "confirmed_on", "denials", "printed_done", "printed_people", "indicator"),
    "uuid",
)


def _commune(code: str) -> Place:
    place = (
        Place.objects.filter(code=code, level=Level.COMMUNE).select_related("parent__parent")
    ).first()
    if place is None:
        raise Http404(_("There is no commune with the code “%s”.") % code)
    return place


def _page(code: str) -> dict[str, Any]:
    place = _commune(code)
    return {
        "place": place,
        "commitments": reading.commitments(code, with_scores=True),
        "totals": reading.totals(code),
        "changes": reading.changes(code, most=10),
        "stories": stories.public(code),
        "replies": replies.public(code),
        "today": timezone.localdate(),
        "telephone": recordings.telephone(),
    }


@require_safe
def commitments(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show the commitments to a commune's citizens and the state of each."""
    return render(request, "plans/commitments.html", _page(code))


@require_safe
@xframe_options_exempt
def embed(request: HttpRequest, code: str) -> HttpResponseBase:
    """Show the same as a small page that other sites show in a frame."""
    answer = render(request, "plans/embed.html", _page(code))
    answer[HEADER] = policy(frame_ancestors="*")
    return answer


@require_safe
def feed(request: HttpRequest, code: str) -> HttpResponseBase:
    """Serve the latest changes of a commune's commitments as RSS."""
    place = _commune(code)
    link = request.build_absolute_uri(reverse("plans:commitments", args=[code]))
    out = Rss201rev2Feed(
        title=_("Commitments to the citizens of %(place)s") % {"place": place.full_name},
        link=link,
        description=_("What was promised, reported done, confirmed or denied."),
        language=get_language(),
        feed_url=request.build_absolute_uri(),
    )
    for change in reading.changes(code):
        out.add_item(
            title=f"{change['kind_label']}: {change['text']}",
            link=f"{link}#c-{change['uuid']}",
            description=change["state_label"] or change["kind_label"],
            unique_id=change["id"],
            unique_id_is_permalink=False,
            pubdate=change["at"],
        )
    return HttpResponse(out.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8")


@require_safe
def download(request: HttpRequest, code: str, suffix: str) -> HttpResponseBase:
    """Serve the commitments of a commune as CSV, XLSX or JSON: the same rows as on the page."""
    _commune(code)
    if suffix not in FILES:
        raise Http404
    rows = [{name: asdict(one)[name] for name in COLUMNS} for one in reading.commitments(code)]
    content = {"csv": _csv, "xlsx": _xlsx, "json": _json}[suffix](rows)
    answer = HttpResponse(content, content_type=FILES[suffix])
    answer["Content-Disposition"] = f'attachment; filename="commitments-{code}.{suffix}"'
    return answer


def _csv(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(["" if value is None else escape(str(value)) for value in row.values()])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _xlsx(rows: list[dict[str, Any]]) -> bytes:
    columns = tuple(Column(name, name, str) for name in COLUMNS)
    return as_xlsx(columns, [[*row.values()] for row in rows])


def _json(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps({"commitments": rows}, ensure_ascii=False, default=str).encode()


@require_POST
def answer(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Record a citizen's answer whether a reported action is done; no account, no name."""
    action = Action.objects.agreed().select_related("plan").filter(uuid=uuid).first()
    if action is None:
        raise Http404
    if ANSWERS.is_reached(client_address(request)):
        messages.error(
            request,
            _("Many answers have come from this network. Try again in an hour, or telephone."),
        )
        return redirect(f"{reverse('plans:commitments', args=[action.commune_id])}#c-{uuid}")
    ANSWERS.count(client_address(request))
    token = request.COOKIES.get(COOKIE, "")
    person = token if len(token) == 32 and token.isalnum() else secrets.token_hex(16)
    try:
        fresh = services.answer_as_citizen(
            action=action,
            kind=request.POST.get("answer", ""),
            channel=AnswerChannel.APP,
            person=person,
            network=client_address(request),
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        text = _("Thank you. Your answer counts.") if fresh else _("You have answered already.")
        messages.success(request, text)
    back = redirect(f"{reverse('plans:commitments', args=[action.commune_id])}#c-{uuid}")
    back.set_cookie(
        COOKIE,
        person,
        max_age=400 * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return back


@require_safe
def photo(request: HttpRequest, uuid: UUID, pk: int) -> HttpResponseBase:
    """Serve a photo that somebody has checked."""
    row = Evidence.objects.filter(
        pk=pk,
        action__uuid=uuid,
        action__first_due_on__isnull=False,
        kind=Evidence.Kind.PHOTO,
        moderation=Moderation.SHOWN,
    ).first()
    if row is None:
        raise Http404
    return file_answer(row)
