"""Pages of plans: list, draft, signature, spreadsheet, paper."""

import base64
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import check, require
from accounts.permissions import may
from parsing import query
from places.fields import render_picker
from places.models import Place
from scorecards.plans import services
from scorecards.plans.forms import AgreeForm, CommuneForm, ImportForm, PlanForm, show_problems
from scorecards.plans.lateness import with_lateness
from scorecards.plans.models import Plan
from scorecards.plans.official_form import grid, pdf, spreadsheet
from scorecards.plans.official_form.rows import Taken, take_rows
from scorecards.plans.pages.person import may_at, person, plan_or_404
from surveys.importing.errors import BadFile
from surveys.services.write_permission import Mandate

A_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require("plans.read")
def plan_list(request: HttpRequest) -> HttpResponseBase:
    """Show plans that this person may read, newest first, a page at a time."""
    plans = Plan.objects.visible_to(request.user).select_related("commune__parent", "provider")
    place = query.code(request.GET, "place", most=8)
    if place:
        plans = plans.filter(commune__code__startswith=place)
    if (before := query.whole_number(request.GET, "before")) is not None:
        plans = plans.filter(pk__lt=before)
    shown = list(plans.order_by("-pk")[: A_PAGE + 1])
    context = {
        "plans": shown[:A_PAGE],
        "older": shown[A_PAGE - 1].pk if len(shown) > A_PAGE else None,
        "place": place,
        "may_write": may(request.user, "plans.write"),
    }
    return render(request, "plans/plans.html", context)


@require("plans.write")
def new(request: HttpRequest) -> HttpResponseBase:
    """Add a new plan: first its commune, then its head."""
    user = person(request)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = CommuneForm(asked if asked.get("commune") else None)
    place: Place | None = chosen.cleaned_data["commune"] if chosen.is_valid() else None
    if place is None:
        status = 422 if chosen.is_bound else 200
        picker = {"picker": render_picker(chosen["commune"])}
        return render(request, "plans/new.html", picker, status=status)
    check(user, "plans.write", place=place.code)
    year = timezone.localdate().year
    initial = {
        "starts_on": request.GET.get("starts") or f"{year}-01-01",
        "ends_on": request.GET.get("ends") or f"{year}-12-31",
        "provider": request.GET.get("provider", ""),
    }
    form = PlanForm(
        request.POST if request.method == "POST" else None, initial=initial, commune=place
    )
    if request.method == "POST" and form.is_valid():
        try:
            plan = services.draft_plan(
                by=user,
                commune=place,
                programme_id=Mandate(user, "plans.write").programme_at(place.code),
                round_uuid=_uuid(asked.get("round", "")),
                **form.facts(),
            )
        except ValidationError as error:
            show_problems(form, error)
        else:
            return redirect("plans:plan", uuid=plan.uuid)
    context = {"form": form, "place": place, "round": asked.get("round", "")}
    return render(request, "plans/new.html", context, status=422 if form.errors else 200)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@require("plans.read")
def plan_page(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Show one plan with its actions, in the two parts of the form."""
    plan = plan_or_404(request, uuid)
    return render(request, "plans/plan.html", _page_of(request, plan))


def _page_of(request: HttpRequest, plan: Plan) -> dict[str, object]:
    rows = plan.actions.select_related("office", "provider", "plan")
    actions = with_lateness(rows, timezone.localdate())
    return {
        "plan": plan,
        "parts": [
            (letter, [action for action in actions if action.part == part], part)
            for letter, part in pdf.PARTS
        ],
        "count": len(actions),
        "may_write": may_at(request, "plans.write", plan),
        "may_report": may_at(request, "plans.report", plan),
        "agree_form": AgreeForm(),
        "import_form": ImportForm(),
    }


@require("plans.write")
@require_POST
def agree(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Record that both sides signed."""
    plan = plan_or_404(request, uuid)
    form = AgreeForm(request.POST)
    if form.is_valid():
        try:
            services.agree_plan(by=person(request), plan=plan, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, _("The plan is agreed. Its promised days now stand."))
            return redirect("plans:plan", uuid=uuid)
    context = _page_of(request, plan) | {"agree_form": form, "form": form}
    return render(request, "plans/plan.html", context, status=422)


@require("plans.read")
def plan_xlsx(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Serve the actions of a plan as a spreadsheet that can be imported again."""
    plan = plan_or_404(request, uuid)
    answer = HttpResponse(spreadsheet.plan_as_xlsx(plan), content_type=XLSX)
    answer["Content-Disposition"] = (
        f'attachment; filename="plan-{plan.commune_id}-{plan.year}.xlsx"'
    )
    return answer


@require("plans.read")
def plan_pdf(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Serve a plan on paper, for signature."""
    plan = plan_or_404(request, uuid)
    answer = HttpResponse(pdf.plans_as_pdf([plan]), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="plan-{plan.commune_id}-{plan.year}.pdf"'
    return answer


@require("plans.write")
def import_page(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Import a spreadsheet or the national tool's grid into a plan."""
    plan = plan_or_404(request, uuid)
    check(request.user, "plans.write", place=plan.commune_id, programme=plan.programme_id)
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"plan": plan, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            context |= _take_file(request, plan, form)
        except BadFile as error:
            form.add_error("file", str(error))
    return render(request, "plans/import.html", context, status=422 if form.errors else 200)


def _take_file(request: HttpRequest, plan: Plan, form: ImportForm) -> dict[str, object]:
    """Import the rows; rejected rows are a file within the page."""
    file, reason = form.cleaned_data["file"], form.cleaned_data["reason"]
    user = person(request)
    if (file.name or "").lower().endswith(".json"):
        rows = grid.rows_of_grid(file.read(), plan)
        taken: Taken = take_rows(by=user, plan=plan, rows=rows, reason=reason)
        sentences = [
            _("Row %(number)s: %(problems)s")
            % {"number": number, "problems": " · ".join(problems.sentences())}
            for number, problems in taken.rejected
        ]
        return {"taken": taken, "sentences": sentences}
    done = spreadsheet.import_plan(by=user, plan=plan, file=file, reason=reason)
    back = base64.b64encode(done.rejects).decode() if done.rejects else ""
    return {
        "taken": done.taken,
        "sentences": done.sentences[:200],
        "rejects": back,
        "rejects_name": f"plan-rows-to-correct{done.suffix}",
        "rejects_type": XLSX if done.suffix == ".xlsx" else "text/csv",
    }
