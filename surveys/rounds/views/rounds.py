"""Pages of rounds: all against their plan, one with its stages, planning and cancelling."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import check, require
from accounts.models import Programme, User
from accounts.permissions import may
from parsing import query
from parsing.errors import UnreadableValue
from places.models import Place
from surveys.parsing import values
from surveys.rounds import reading
from surveys.rounds.forms import CommuneForm, ReasonForm, RoundForm, StagesForm, add_problems
from surveys.rounds.models import Round, Stage
from surveys.rounds.services import plan
from surveys.services import Outcome

A_PAGE = 50
IDLE_AFTER = 60
"""Days without progress after which a round is shown as idle; no stage completes itself."""


def person(request: HttpRequest) -> User:
    """Return the signed-in person; ``require`` admits no anonymous request."""
    assert isinstance(request.user, User)
    return request.user


def round_for(request: HttpRequest, number: UUID) -> Round:
    """Return the round with this number, where the person may see it. Raises Http404."""
    rounds = Round.objects.visible_to(request.user).filter(uuid=number)
    row = rounds.select_related("provider", "commune__parent", "programme").first()
    if row is None:
        raise Http404
    return row


@require("rounds.read")
def round_list(request: HttpRequest) -> HttpResponseBase:
    """Show all rounds of a district or programme against their plan, late stages first."""
    user, today = person(request), timezone.localdate()
    rounds = Round.objects.visible_to(user)
    place, programme = query.code(request.GET, "place"), query.code(request.GET, "programme")
    if place:
        rounds = rounds.filter(commune__code__startswith=place)
    if programme:
        rounds = rounds.filter(programme__code=programme)
    period = _period(request)
    if period is not None:
        rounds = rounds.filter(year=period[0], half=period[1])
    ordered = (
        rounds.standing()
        .late_first(today)
        .select_related("provider", "commune", "programme")
        .prefetch_related("stages__responsible")
    )
    page = Paginator(ordered, A_PAGE).get_page(query.whole_number(request.GET, "page") or 1)
    chosen = Place.objects.filter(code=place).first() if place else None
    return render(
        request,
        "rounds/list.html",
        {
            "page": page,
            "rows": [reading.against_plan(row, today, IDLE_AFTER) for row in page],
            "totals": reading.totals_by_stage(rounds.standing(), today),
            "place": place,
            "place_row": chosen,
            "districts": _districts(user),
            "programmes": Programme.objects.filter(
                pk__in=Round.objects.visible_to(user).values("programme")
            ).order_by("code"),
            "programme": programme,
            "period": request.GET.get("period", "") if period else "",
            "periods": _periods(user),
            "may_plan": may(user, "rounds.plan"),
            "may_record": may(user, "rounds.record"),
        },
    )


def _period(request: HttpRequest) -> tuple[int, int | None] | None:
    from surveys.rounds.sheets import read_period

    text = request.GET.get("period", "").strip()
    if not text:
        return None
    try:
        return read_period(text)
    except UnreadableValue as error:
        messages.error(request, str(error))
        return None


def _periods(user: User) -> list[str]:
    """Return the half-years and years of this person's rounds, the newest first."""
    rows = Round.objects.visible_to(user).values_list("year", "half").order_by("-year", "-half")
    return [Round(year=year, half=half).period for year, half in rows.distinct()]


def _districts(user: User) -> list[Place]:
    """Return districts in which this person sees a round, at most as many as fit in a list."""
    codes = Round.objects.visible_to(user).values_list("commune__parent", flat=True).distinct()
    return list(Place.objects.filter(code__in=list(codes[:250])).order_by("code"))


@require("rounds.plan")
def new_round(request: HttpRequest) -> HttpResponseBase:
    """Plan a round: first the commune, then the provider, the period and the days."""
    user = person(request)
    commune = _commune(request)
    where = CommuneForm(request.GET if "commune" in request.GET else None, user=user)
    if not commune:
        return render(request, "rounds/new.html", {"where": where})
    check(user, "rounds.plan", place=commune.code)
    form = RoundForm(request.POST or None, user=user, commune=commune.code, on=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            made, outcome = plan.plan_round(by=user, planned=form.planned())
        except ValidationError as error:
            add_problems(form, error)
        else:
            if outcome != Outcome.CONFLICT:
                messages.success(request, _("The round is planned. Its code is %s.") % made.code)
                return redirect("rounds:round", number=made.uuid)
            form.add_error(
                "period", _("A round with this provider is already planned for this period.")
            )
    return render(
        request,
        "rounds/new.html",
        {"where": where, "form": form, "commune": commune},
        status=422 if form.is_bound else 200,
    )


def _commune(request: HttpRequest) -> Place | None:
    try:
        code = values.read_commune(request.GET.get("commune", "").strip() or "-")
    except UnreadableValue:
        return None
    return Place.objects.communes().filter(code=code).select_related("parent").first()


@require("rounds.read")
def round_page(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Show one round: its code, its stages against the plan, and its results."""
    user, row = person(request), round_for(request, number)

    def here(permission: str) -> bool:
        return may(user, permission, place=row.commune_id, programme=row.programme_id)

    return render(
        request,
        "rounds/round.html",
        {
            "round": row,
            "line": reading.against_plan(row, timezone.localdate(), IDLE_AFTER),
            "facilitators": row.facilitators.order_by("display_name"),
            "results": reading.results_of(row),
            "meetings": row.meetings.order_by("kind").select_related("meeting"),
            "corrections": row.corrections.select_related("asked_by", "decided_by")[:20],
            "inputs": reading.inputs_of(row),
            "plan": plan_beside(row),
            "may_plan": here("rounds.plan"),
            "may_record": here("rounds.record"),
            "may_assess": here("rounds.assess") or here("rounds.record"),
            "may_hear": here("rounds.assess") or here("rounds.record"),
        },
    )


def plan_beside(row: Round) -> dict[str, Any] | None:
    """Return the joint action plan of a round, where the app of plans is installed."""
    path = getattr(settings, "ROUND_PLANS", "")
    if not path:
        return None
    joint_plan: dict[str, Any] | None = import_string(path)(row.uuid)
    return joint_plan


@require_POST
@require("rounds.record")
def stage_done(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Record on which day a stage was done, or undo that."""
    row = round_for(request, number)
    name = request.POST.get("stage", "")
    text = request.POST.get("done_on", "").strip()
    try:
        if name not in Stage.values:
            raise ValidationError(_("Choose a stage of the round."))
        day = values.read_day(text) if text else None
        plan.finish_stage(by=person(request), round=row, name=name, on=day)
    except (UnreadableValue, ValidationError) as error:
        sentences = error.messages if isinstance(error, ValidationError) else [str(error)]
        for sentence in sentences:
            messages.error(request, sentence)
    else:
        messages.success(request, _("The stage is recorded."))
    return redirect("rounds:round", number=row.uuid)


@require("rounds.plan")
def change_round(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Move the planned days of a round and change its facilitators."""
    user, row = person(request), round_for(request, number)
    check(user, "rounds.plan", place=row.commune_id, programme=row.programme_id)
    form = StagesForm(request.POST or None, round=row)
    if request.method == "POST" and form.is_valid():
        people = list(
            User.objects.filter(
                username__in=form.cleaned_data["facilitators"] or [], is_active=True
            )
        )
        missing = set(form.cleaned_data["facilitators"] or []) - {p.username for p in people}
        if missing:
            form.add_error("facilitators", _("Nobody has the user name “%s”.") % sorted(missing)[0])
        else:
            days = {str(stage): form.cleaned_data[f"{stage}_on"] for stage in Stage}
            try:
                plan.change_stages(
                    by=user,
                    round=row,
                    days=days,
                    facilitators=people,
                    responsible=form.responsible(),
                )
            except ValidationError as error:
                add_problems(form, error)
            else:
                messages.success(request, _("The plan of the round is changed."))
                return redirect("rounds:round", number=row.uuid)
    return render(
        request,
        "rounds/change.html",
        {"round": row, "form": form},
        status=422 if form.is_bound else 200,
    )


@require("rounds.plan")
def cancel_round(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Cancel a round with a reason."""
    user, row = person(request), round_for(request, number)
    check(user, "rounds.plan", place=row.commune_id, programme=row.programme_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            plan.cancel_round(by=user, round=row, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, _("The round is cancelled."))
            return redirect("rounds:rounds")
    return render(
        request,
        "rounds/cancel.html",
        {"round": row, "form": form},
        status=422 if form.is_bound else 200,
    )
