"""Choose a sheet to print; the sheets as PDF or picture; a district's scorecards as one job."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import check, require
from accounts.models import Programme, User
from accounts.permissions import may
from dashboards.reports import report, sheets
from dashboards.reports.frame import Asked, base_address
from dashboards.text import formats
from khmer.digits import to_ascii
from pages.languages import readers_language
from places.models import Level, Place
from printing.typesetter import Form
from scorecards.plans import jobs
from scorecards.reading.releases import newest

LANGUAGES: Final = {"km": "ភាសាខ្មែរ", "en": "English"}
FORMS: Final[dict[str, tuple[Form, str]]] = {
    "pdf": ("pdf", "application/pdf"),
    "png": ("png", "image/png"),
}
MOST_PERIODS: Final = 12
BATCH_LEVELS: Final = (Level.DISTRICT, Level.PROVINCE)


def _period(request: HttpRequest) -> str:
    """Return the released quarter asked for, or the newest; "" where nothing is released."""
    known_periods = [one.period for one in newest(MOST_PERIODS)]
    asked = to_ascii(request.GET.get("period", request.POST.get("period", ""))).strip()
    return asked if asked in known_periods else next(iter(known_periods), "")


def _place(code: str, *levels: str) -> Place:
    rows = Place.objects.select_related("parent__parent__parent")
    row = rows.filter(code=code, level__in=levels).first()
    if row is None:
        raise Http404(_("There is no place with the code “%s”.") % code)
    return row


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else readers_language()


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Show the page on which a sheet is chosen: no script is needed."""
    code = to_ascii(request.GET.get("place", "")).strip()
    place = _place(code, *(Level.COMMUNE, *BATCH_LEVELS)) if code else None
    period = _period(request)
    releases = newest(MOST_PERIODS)
    is_donor = may(request.user, "scores.released") or may(request.user, "scores.working")
    context = {
        "place": place,
        "period": period,
        "periods": [(one.period, formats.period_name(one.period)) for one in releases],
        "sheets": sheets.of_level(place.level) if place else [],
        "national": sheets.of_level(""),
        "languages": LANGUAGES.items(),
        "programmes": Programme.objects.visible_to(request.user) if is_donor else [],
        "communes": _communes(place) if place and place.level in BATCH_LEVELS else 0,
        "may_batch": is_donor,
    }
    return render(request, "dashboards/print.html", context)


def _communes(place: Place) -> int:
    return _inside(place).count()


def _inside(place: Place) -> QuerySet[Place]:
    """Return the communes of a place that exist today, in order of code."""
    here = Place.objects.communes().valid_on(timezone.localdate()).inside(place.code)
    return here.order_by("code")


@require_safe
def sheet(request: HttpRequest, kind: str, code: str, suffix: str) -> HttpResponseBase:
    """Serve one sheet as PDF, or its first page as a picture."""
    asked_for = sheets.OF_KIND.get(kind)
    period = _period(request)
    if asked_for is None or suffix not in FORMS or not period:
        raise Http404(_("There is nothing to print here yet."))
    place = _place(code, asked_for.level) if asked_for.level else None
    base = base_address(f"{request.scheme}://{request.get_host()}")
    with translation.override(_language(request)):
        gathered = asked_for.gather(Asked(kind, period, base, place))
        form, mime = FORMS[suffix]
        body = sheets.made(asked_for.template, gathered, form, asked_for.ppi)
    return _file(body, mime, f"{kind}-{code}-{period}.{suffix}")


@require_safe
@require("scores.released", "scores.working")
def programme(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Serve the report of one programme as PDF, for people who read released figures."""
    row = Programme.objects.visible_to(request.user).filter(pk=pk).first()
    period = _period(request)
    if row is None or not period:
        raise Http404(_("There is nothing to print here yet."))
    base = base_address(f"{request.scheme}://{request.get_host()}")
    with translation.override(_language(request)):
        asked = Asked("programme", period, base, programme=pk)
        gathered = report.programme_report(asked, row, request.user)
        body = sheets.made(report.TEMPLATE, gathered)
    return _file(body, "application/pdf", f"programme-{row.code}-{period}.pdf")


def _file(body: bytes, mime: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=mime)
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_POST
@require("scores.released", "scores.working")
def print_many(request: HttpRequest) -> HttpResponseBase:
    """Ask for the scorecards of every commune of a district or province as one PDF."""
    assert isinstance(request.user, User)
    place = _place(to_ascii(request.POST.get("place", "")).strip(), *BATCH_LEVELS)
    asked = request.POST.get("language", "")
    try:
        job = jobs.ask_for_sheets(
            by=request.user,
            communes=list(_inside(place).values_list("code", flat=True)),
            period=_period(request),
            language=asked if asked in LANGUAGES else readers_language(),
            base=base_address(f"{request.scheme}://{request.get_host()}"),
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("dashboards:print")
    return redirect("dashboards:print_job", uuid=job.uuid)


def _job(request: HttpRequest, uuid: UUID) -> Any:
    assert isinstance(request.user, User)
    job = jobs.sheets_of(request.user, uuid)
    if job is None:
        raise Http404
    return job


@require_safe
@require("scores.released", "scores.working")
def print_job(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Show the progress of a print job, with a link that asks again."""
    context = {"job": _job(request, uuid)}
    return render(request, "dashboards/print_job.html", context)


@require_safe
@require("scores.released", "scores.working")
def print_file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Serve the PDF of a print that is done."""
    job = _job(request, uuid)
    if not job.result:
        raise Http404
    check(request.user, "scores.released", "scores.working")
    name = f"scorecards-{job.period}.pdf"
    return FileResponse(job.result.open("rb"), as_attachment=True, filename=name)
