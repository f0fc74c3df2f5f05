"""Print many plans, import past ones, and show the progress."""

from pathlib import Path
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import require
from pages.languages import readers_language
from parsing import query
from scorecards.plans import jobs
from scorecards.plans.models import Plan, PlanJob
from scorecards.plans.official_form import spreadsheet
from scorecards.plans.official_form.columns import PAST
from scorecards.plans.pages.person import person
from scorecards.plans.pages.plans import XLSX

MOST_BYTES = 64 * 2**20


class PastForm(forms.Form):
    """A spreadsheet of past plans."""

    file = forms.FileField(
        label=gettext_lazy("Spreadsheet of past plans (.xlsx or .csv)"), allow_empty_file=True
    )


@require("plans.read")
@require_POST
def print_many(request: HttpRequest) -> HttpResponseBase:
    """Ask for all plans of a place as one PDF."""
    place = query.code(request.POST, "place", most=8)
    plans = Plan.objects.visible_to(request.user).filter(commune__code__startswith=place)
    if year := query.whole_number(request.POST, "year", most=9999):
        plans = plans.filter(year=year)
    try:
        job = jobs.ask_for_print(
            by=person(request),
            plans=list(plans.order_by("commune", "starts_on")[: jobs.MOST_PLANS + 1]),
            language=readers_language(),
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("plans:plans")
    return redirect("plans:job", uuid=job.uuid)


@require("plans.write")
def import_past(request: HttpRequest) -> HttpResponseBase:
    """Send a spreadsheet of past plans."""
    form = PastForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > MOST_BYTES:
            form.add_error("file", _("The file is too large: at most 64 MB."))
        else:
            job = jobs.ask_for_import(by=person(request), file=file, language=readers_language())
            return redirect("plans:job", uuid=job.uuid)
    context = {
        "form": form,
        "columns": [(spreadsheet.header(column), column.required) for column in PAST],
        "jobs": PlanJob.objects.filter(asked_by=person(request)).order_by("-pk")[:10],
    }
    return render(request, "plans/import_past.html", context, status=422 if form.errors else 200)


@require("plans.write")
def past_template(request: HttpRequest) -> HttpResponseBase:
    """Serve an empty spreadsheet for past plans, with one example."""
    khmer = readers_language() == "km"
    example = [(c.example_khmer or c.example) if khmer else c.example for c in PAST]
    answer = HttpResponse(spreadsheet.as_xlsx(PAST, [example]), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="past-plans.xlsx"'
    return answer


def _mine(request: HttpRequest, uuid: UUID) -> PlanJob:
    job = PlanJob.objects.filter(uuid=uuid, asked_by=person(request)).first()
    if job is None:
        raise Http404
    return job


@require("plans.read")
def job_page(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Show the progress of a print or an import; the page renews itself until it is done."""
    job = _mine(request, uuid)
    return render(request, "plans/job.html", {"job": job})


@require("plans.read")
def job_file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Serve the PDF of a print, or the rejected rows of an import."""
    job = _mine(request, uuid)
    if not job.result:
        raise Http404
    name = Path(str(job.result.name)).name
    return FileResponse(job.result.open("rb"), as_attachment=True, filename=name)
