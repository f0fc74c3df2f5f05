"""Recording, showing, correcting and voiding cases on pages."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import check, require
from accounts.models import User
from accounts.permissions import may
from audit.trail import note_reading
from standards.calendar import promised_day
from surveys import services
from surveys.case_verdicts import verdicts_of
from surveys.models import Case
from surveys.parsing.values import read_day
from surveys.services import Outcome, ReportedCase
from surveys.services.cases import report_of
from surveys.views.case_history import history_of
from surveys.views.choices import communes_of, place_name
from surveys.views.forms import CaseForm, VoidForm, initial_of, new_case_id

LAST_CASES = 10


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _cases(user: User) -> QuerySet[Case]:
    return Case.objects.visible_to(user).select_related(
        "commune", "commune__parent", "service", "provider", "standard"
    )


@require("cases.record")
def home(request: HttpRequest) -> HttpResponseBase:
    """Show the facilitator's home: my communes, my last cases, what still waits."""
    user = _person(request)
    mine = _cases(user).filter(recorded_by=user).order_by("-id")
    month = timezone.localdate().replace(day=1)
    communes = list(communes_of(user)[:31])
    return render(
        request,
        "surveys/home.html",
        {
            "communes": [(place.code, place_name(place)) for place in communes[:30]],
            "more_communes": len(communes) > 30,
            "cases": mine[:LAST_CASES],
            "this_month": mine.filter(recorded_at__date__gte=month).count(),
            "open": mine.filter(status="open", voided_at=None).order_by("asked_on")[:LAST_CASES],
            "may_import": may(user, "cases.import"),
        },
    )


@require("cases.record")
def new_case(request: HttpRequest) -> HttpResponseBase:
    """Add a new case, with the standard in force beside the form."""
    user = _person(request)
    if request.method != "POST":
        start = {name: request.GET.get(name, "") for name in ("commune", "service", "asked_on")}
        if not start["commune"]:
            mine = list(communes_of(user)[:2])
            start["commune"] = mine[0].code if len(mine) == 1 else ""
        form = CaseForm(initial={**start, "case_id": new_case_id()}, user=user)
        return _show_form(request, form)
    form = CaseForm(request.POST, user=user)
    if "show" in request.POST:
        return _show_form(request, _unjudged(form, request, user))
    if form.is_valid():
        reported = form.reported(ReportedCase(channel="page", facilitator=user.username))
        try:
            recorded = services.record_case(by=user, reported=reported)
        except ValidationError as error:
            form.take_problems(error)
        else:
            if recorded.outcome != Outcome.CONFLICT:
                messages.success(request, _("The case is recorded. Thank you."))
                return redirect("surveys:case", pk=recorded.case.pk)
            form.add_error(None, _("This case is already recorded with another content."))
    return _show_form(request, form, status=422)


def _unjudged(form: CaseForm, request: HttpRequest, user: User, **options: Any) -> CaseForm:
    """Return the same form with everything that was typed, without messages about it yet."""
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in form.fields}
    typed["papers"] = request.POST.getlist("papers")
    typed["no_papers"] = "no_papers" in request.POST
    return CaseForm(initial=typed, user=user, **options)


def _show_form(
    request: HttpRequest, form: CaseForm, *, case: Case | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "surveys/case_form.html", _beside(form) | {"case": case}, status=status)


def _beside(form: CaseForm) -> dict[str, Any]:
    """Return the form with what is shown next to it: the standard and the day it promises."""
    asked = None
    try:
        text = form.typed("asked_on")
        asked = read_day(text) if text else None
    except ValueError:
        pass
    return {
        "form": form,
        "standard": form.standard,
        "promised": promised_day(asked, form.standard),
        "asked": asked,
    }


@require("cases.record")
def beside(request: HttpRequest) -> HttpResponseBase:
    """Render the part that depends on the answers so far: the standard and its questions."""
    if request.method != "POST":
        raise Http404
    user = _person(request)
    correcting = "reason" in request.POST
    form = CaseForm(request.POST, user=user, correcting=correcting)
    fresh = _unjudged(form, request, user, correcting=correcting)
    return render(request, "surveys/_beside.html", _beside(fresh) | {"partial": True})


def _visible(user: User, pk: int) -> Case:
    case = _cases(user).filter(pk=pk).first()
    if case is None:
        raise Http404
    return case


@require("cases.read")
def case_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one case with its standard and its corrections."""
    user = _person(request)
    case = _visible(user, pk)
    note_reading(by=user, verb="case.read", subject=case, place_code=case.commune_id)
    may_change = may(user, "cases.correct", place=case.commune_id, programme=case.programme_id)
    return render(
        request,
        "surveys/case.html",
        {
            "case": case,
            "promised": promised_day(case.asked_on, case.standard),
            "history": history_of(case),
            "verdicts": verdicts_of(case) if case.voided_at is None else [],
            "may_correct": case.voided_at is None and may_change,
            "may_include": case.voided_at is not None and may_change,
            "place_name": place_name(case.commune),
            "papers": _paper_names(case),
        },
    )


def _paper_names(case: Case) -> list[tuple[str, bool]] | None:
    """Return each paper that was asked for, by its name, and whether it is on the official list."""
    if case.documents_asked is None:
        return None
    listed = {d.code: d.name for d in case.standard.documents.all()} if case.standard else {}
    return [(listed.get(text, text), text in listed) for text in case.documents_asked]


@require("cases.correct")
@require_POST
def erase_note(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Erase the words of a note, which may name somebody."""
    user = _person(request)
    services.erase_note(case=_visible(user, pk), by=user)
    messages.success(request, _("The note is erased."))
    return redirect("surveys:case", pk=pk)


@require("cases.correct")
def correct(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Correct a case with a reason; its earlier values are kept."""
    user = _person(request)
    case = _visible(user, pk)
    check(user, "cases.correct", place=case.commune_id, programme=case.programme_id)
    before = report_of(case)
    if request.method != "POST":
        form = CaseForm(initial=_without_listed(before, case, user), user=user, correcting=True)
        return _show_form(request, form, case=case)
    form = CaseForm(request.POST, user=user, correcting=True)
    if "show" in request.POST:
        return _show_form(request, _unjudged(form, request, user, correcting=True), case=case)
    if form.is_valid():
        reported = form.reported(before)
        changes = {
            name: getattr(reported, name)
            for name in ReportedCase.__dataclass_fields__
            if getattr(reported, name) != getattr(before, name)
        }
        changes.pop("case_id", None)
        try:
            services.correct_case(case=case, by=user, reason=form.cleaned_data["reason"], **changes)
        except ValidationError as error:
            form.take_problems(error)
        else:
            messages.success(request, _("The case is corrected."))
            return redirect("surveys:case", pk=case.pk)
    return _show_form(request, form, case=case, status=422)


def _without_listed(reported: ReportedCase, case: Case, user: User) -> dict[str, Any]:
    """Return the case as the form begins: official papers ticked, the others written out."""
    initial = initial_of(reported)
    form = CaseForm(initial=initial, user=user, correcting=True)
    listed = {d.code for d in form.standard.documents.all()} if form.standard else set()
    initial["other_papers"] = "\n".join(
        p for p in reported.documents_asked or [] if p not in listed
    )
    initial["case_id"] = case.case_id
    return initial


@require("cases.correct")
def void(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Void a mistaken case: it is left out of the scores.

    A reason is needed.
    """
    user = _person(request)
    case = _visible(user, pk)
    check(user, "cases.correct", place=case.commune_id, programme=case.programme_id)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.void_case(case=case, by=user, reason=form.cleaned_data["reason"])
        messages.success(request, _("The case no longer counts."))
        return redirect("surveys:case", pk=case.pk)
    status = 422 if form.is_bound else 200
    return render(request, "surveys/void.html", {"form": form, "case": case}, status=status)
