"""One action: its history, reports in two taps, evidence, citizens' answers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import check, require
from parsing import query
from scorecards.plans import services
from scorecards.plans.forms import (
    ActionForm,
    EvidenceForm,
    FollowUpForm,
    MoveForm,
    ReasonForm,
    ReviewForm,
    initial_of,
    show_problems,
)
from scorecards.plans.lateness import with_lateness
from scorecards.plans.models import Action, Evidence, Plan, State
from scorecards.plans.pages.person import action_or_404, may_at, person, plan_or_404


@require("plans.write")
def new_action(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Add an action to a plan."""
    plan = plan_or_404(request, uuid)
    check(request.user, "plans.write", place=plan.commune_id, programme=plan.programme_id)
    initial: dict[str, object] = {"starts_on": plan.starts_on, "due_on": plan.ends_on}
    initial["provider"] = plan.provider.code if plan.provider else ""
    form = ActionForm(request.POST or None, initial=initial, commune=plan.commune)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_action(by=person(request), plan=plan, **_facts(request, form, plan))
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, _("The action stands in the plan."))
            if "again" in request.POST:
                return redirect("plans:new_action", uuid=uuid)
            return redirect("plans:plan", uuid=uuid)
    context = {"form": form, "plan": plan}
    return render(request, "plans/action_form.html", context, status=422 if form.errors else 200)


def _facts(request: HttpRequest, form: ActionForm, plan: Plan) -> dict[str, Any]:
    """Return facts of the form; a new office is recorded by its title."""
    facts = form.facts()
    name = facts.pop("office_name", "")
    if name and not facts.get("office"):
        facts["office"] = services.office_named(
            by=person(request), place=plan.commune, name=name, provider=facts["provider"]
        )
    return facts


@require("plans.write")
def edit_action(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Change the wording of an action."""
    action = action_or_404(request, uuid)
    plan = action.plan
    check(request.user, "plans.write", place=plan.commune_id, programme=plan.programme_id)
    form = ActionForm(
        request.POST or None,
        initial=initial_of(action),
        commune=action.commune,
        reason=action.first_due_on is not None,
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        try:
            facts = _facts(request, form, plan)
            services.change_action(by=person(request), action=action, reason=reason, **facts)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, _("The action is changed."))
            return redirect("plans:action", uuid=uuid)
    context = {"form": form, "plan": plan, "action": action}
    return render(request, "plans/action_form.html", context, status=422 if form.errors else 200)


@require("plans.write")
@require_POST
def remove_action(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Remove an action from a plan that is not agreed yet."""
    action = action_or_404(request, uuid)
    plan = action.plan
    return _done(
        request,
        lambda: services.remove_action(by=person(request), action=action),
        _("The action is taken out of the plan."),
        back=("plans:plan", plan.uuid),
    )


@require("plans.read")
def action_page(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Show one action: what was promised, how far it came, its whole history, its evidence."""
    action = action_or_404(request, uuid)
    return render(request, "plans/action.html", _page_of(request, action))


def _page_of(request: HttpRequest, action: Action) -> dict[str, Any]:
    with_lateness([action], timezone.localdate())
    plan = action.plan
    may_report = may_at(request, "plans.report", plan)
    may_confirm = may_at(request, "plans.confirm", plan)
    ended = action.state in (State.CONFIRMED, State.DROPPED)
    agreed = action.first_due_on is not None
    return {
        "action": action,
        "plan": plan,
        "events": action.events.select_related("by")[:200],
        "evidence": list(action.evidence.all()),
        "tally": services.tally(action) if action.claim and may_confirm else None,
        "may_write": may_at(request, "plans.write", plan),
        "may_moderate": may_at(request, "plans.moderate", plan),
        "may_report": may_report and agreed and not ended,
        "may_confirm": may_confirm and agreed,
        "is_ended": ended,
        "is_agreed": agreed,
        "move_form": MoveForm(),
        "reason_form": ReasonForm(),
        "review_form": ReviewForm(),
        "follow_form": FollowUpForm(),
        "evidence_form": EvidenceForm(),
    }


def _done(
    request: HttpRequest,
    act: Callable[[], object],
    text: str,
    *,
    back: tuple[str, object],
) -> HttpResponseBase:
    """Carry out a change, report it, and go back to the page the person came from."""
    try:
        act()
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
    else:
        messages.success(request, text)
    to = request.POST.get("back", "")
    # a word that is not a path would be looked up as the name of a view
    is_ours = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()})
    if to.startswith("/") and is_ours:
        return redirect(to)
    name, uuid = back
    return redirect(name, uuid=uuid)


@require("plans.report")
@require_POST
def report(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Report how far an action has come."""
    action = action_or_404(request, uuid)
    return _done(
        request,
        lambda: services.report_state(
            by=person(request),
            action=action,
            state=request.POST.get("state", ""),
            reason=request.POST.get("reason", ""),
        ),
        _("Thank you. It is recorded."),
        back=("plans:action", uuid),
    )


@require("plans.report")
@require_POST
def move(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Move the promised day, with a reason."""
    return _with_form(request, uuid, MoveForm, services.move_due, _("The promised day is moved."))


@require("plans.confirm")
@require_POST
def review(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Set the day of the next review."""
    return _with_form(request, uuid, ReviewForm, services.set_review, _("The review is set."))


@require("plans.write")
@require_POST
def drop(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Drop an action that both sides agreed to drop."""
    return _with_form(request, uuid, ReasonForm, services.drop_action, _("The action is dropped."))


@require("plans.write")
@require_POST
def reopen(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Open a closed action again."""
    return _with_form(
        request, uuid, ReasonForm, services.reopen_action, _("The action is open again.")
    )


@require("plans.confirm")
@require_POST
def follow_up(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Record how many people of a quarterly follow-up gave each answer."""

    def keep(*, by: Any, action: Action, **counts: int | None) -> object:
        numbers = {name: count or 0 for name, count in counts.items()}
        return services.answer_at_follow_up(by=by, action=action, **numbers)

    return _with_form(request, uuid, FollowUpForm, keep, _("The answers are recorded."))


def _with_form(
    request: HttpRequest, uuid: UUID, kind: Any, act: Callable[..., object], text: str
) -> HttpResponseBase:
    """Read a small form and carry it out; errors are shown on the action's page."""
    action = action_or_404(request, uuid)
    form = kind(request.POST)
    if form.is_valid():
        try:
            act(by=person(request), action=action, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, text)
            return redirect("plans:action", uuid=uuid)
    names = {MoveForm: "move_form", ReviewForm: "review_form", FollowUpForm: "follow_form"}
    context = _page_of(request, action) | {names.get(kind, "reason_form"): form, "form": form}
    return render(request, "plans/action.html", context, status=422)


@require("plans.confirm")
@require_POST
def close(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Close an action that citizens confirmed, as a second person."""
    action = action_or_404(request, uuid)
    return _done(
        request,
        lambda: services.close_confirmed(by=person(request), action=action),
        _("The action is confirmed and closed."),
        back=("plans:action", uuid),
    )


@require("plans.report")
@require_POST
def evidence(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Add a photo, document or note."""
    action = action_or_404(request, uuid)
    form = EvidenceForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.add_evidence(by=person(request), action=action, **form.cleaned_data)
        except ValidationError as error:
            show_problems(form, error)
        else:
            messages.success(request, _("The evidence is kept. The public sees it once checked."))
            return redirect("plans:action", uuid=uuid)
    context = _page_of(request, action) | {"evidence_form": form, "form": form}
    return render(request, "plans/action.html", context, status=422)


@require("plans.read")
def evidence_file(request: HttpRequest, uuid: UUID, pk: int) -> HttpResponseBase:
    """Serve a photo or document of an action that this person may read."""
    action = action_or_404(request, uuid)
    row = action.evidence.filter(pk=pk).exclude(kind=Evidence.Kind.NOTE).first()
    if row is None:
        raise Http404
    return file_answer(row)


def file_answer(row: Evidence) -> HttpResponse:
    """Return the file of a piece of evidence; only its pixels were kept."""
    photo = row.kind == Evidence.Kind.PHOTO
    with row.file.open("rb") as file:
        content = file.read()
    answer = HttpResponse(content, content_type="image/jpeg" if photo else "application/pdf")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = "inline" if photo else 'attachment; filename="evidence.pdf"'
    return answer


@require("plans.moderate")
@require_POST
def moderate(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Let the public see the wording or a piece of evidence of an action, or hide it."""
    action = action_or_404(request, uuid)
    decision, piece = request.POST.get("decision", ""), query.whole_number(request.POST, "evidence")
    if piece is not None:
        row = action.evidence.filter(pk=piece).first()
        if row is None:
            raise Http404

        def act() -> object:
            return services.moderate_evidence(by=person(request), evidence=row, decision=decision)
    else:

        def act() -> object:
            return services.moderate_action(by=person(request), action=action, decision=decision)

    return _done(request, act, _("The decision is recorded."), back=("plans:action", uuid))
