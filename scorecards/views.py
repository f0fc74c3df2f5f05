"""Pages of the scoring: runs, alarms, releases, and the explanation of a number."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import require
from accounts.models import User
from accounts.permissions import may
from jobs.messages import send
from parsing import query
from scorecards import periods, tasks
from scorecards import runs as scoring_runs
from scorecards.forms import ReleaseForm, RunForm
from scorecards.models import Release, ScoreAlarm, ScoringRun
from scorecards.periods import parse
from scorecards.reading import data_package as tidy_tables
from scorecards.reading import scores
from scorecards.reading.annotations import Note, notes_of
from scorecards.reading.explanation import explain, nothing_shown
from scorecards.releases import lifecycle
from surveys import observations


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@require("scores.run")
def runs(request: HttpRequest) -> HttpResponse:
    """Show runs with their progress, and the form that starts one."""
    form = RunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        province = data["province"].pk if data["province"] else ""
        run = scoring_runs.begin(
            kind=data["kind"], by=_me(request), period=data["period"], province=province
        )
        if send(tasks.start_run.name, run.pk):
            messages.success(request, _("The run has been started."))
        else:
            text = _("The run is kept. It begins by itself within a quarter of an hour.")
            messages.warning(request, text)
        return redirect("scorecards:runs")
    return render(request, "scorecards/runs.html", _progress() | {"form": form})


def _progress() -> dict[str, Any]:
    latest = list(
        ScoringRun.objects.select_related("started_by").prefetch_related("finished_steps")[:30]
    )
    rows = [{"run": run, "done": len(run.finished_steps.all())} for run in latest]
    running_now = any(run.state == ScoringRun.State.RUNNING for run in latest)
    alarms = ScoreAlarm.objects.filter(resolved_at=None).count()
    outside = observations.outside(periods.observable())
    return {"rows": rows, "running": running_now, "alarms": alarms, "outside": outside}


@require("scores.run")
def alarms(request: HttpRequest) -> HttpResponse:
    """Show cells in which the two computations disagreed."""
    newest = ScoreAlarm.objects.all().order_by("resolved_at", "-raised_at")[:200]
    standing = [alarm for alarm in newest if alarm.resolved_at is None]
    settled = [alarm for alarm in newest if alarm.resolved_at is not None]
    return render(request, "scorecards/alarms.html", {"standing": standing, "settled": settled})


@require("releases.approve")
def releases(request: HttpRequest) -> HttpResponse:
    """Show releases with their state, and the form that begins one for people who may."""
    allowed = lifecycle.may_release(request.user)
    if request.method == "POST" and not allowed:
        raise PermissionDenied
    form = ReleaseForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            release = lifecycle.begin(by=_me(request), period=form.cleaned_data["period"])
        except ValidationError as error:
            form.add_error("period", error)
        else:
            if send(tasks.prepare_release.name, release.pk):
                text = _("The release is being prepared. Somebody else has to approve it.")
                messages.success(request, text)
            else:
                messages.warning(request, _later())
            return redirect("scorecards:releases")
    newest = Release.objects.select_related("prepared_by", "approved_by")[:60]
    moving = (Release.State.PREPARING, Release.State.APPROVED)
    waits = any(release.state in moving for release in newest)
    context = {"releases": newest, "form": form, "running": waits, "may_release": allowed}
    return render(request, "scorecards/releases.html", context)


@require_POST
@require("releases.approve")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a release after another check of its contents, or set it aside."""
    if not lifecycle.may_release(request.user):
        raise PermissionDenied
    release = get_object_or_404(Release, pk=pk)
    is_publishing = request.POST.get("decision") == "publish"
    if is_publishing and "sure" not in request.POST:
        replaced = Release.objects.filter(period=release.period, is_current=True).first()
        context = {"release": release, "replaced": replaced}
        return render(request, "scorecards/publish_release.html", context)
    try:
        if is_publishing:
            lifecycle.approve(by=_me(request), release=release)
            if send(tasks.publish_release.name, pk):
                text = _("The release is approved. It is checked once more and then published.")
                messages.success(request, text)
            else:
                messages.warning(request, _later())
        else:
            reason = request.POST.get("reason", "").strip() or "-"
            lifecycle.set_aside(by=_me(request), release=release, reason=reason)
            messages.success(request, _("The release is set aside."))
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
    return redirect("scorecards:releases")


def _later() -> str:
    """Return the message for a person when no broker takes the work: it starts later by itself."""
    return _("Your decision is kept. The work begins by itself within a quarter of an hour.")


def explained(request: HttpRequest) -> HttpResponse:
    """Show how one number was made; the query parameters name the cell."""
    asked = request.GET
    try:
        explained_cell = explain(
            request.user,
            period=asked.get("period", ""),
            indicator=asked.get("indicator", ""),
            place=asked.get("place", ""),
            provider_kind=asked.get("kind", ""),
            service=asked.get("service", ""),
            provider=query.whole_number(asked, "provider") or 0,
            self_assessment=asked.get("self") == "1",
        )
    except ValueError as error:
        raise Http404 from error
    if explained_cell is None:
        context = {"sentence": nothing_shown()}
        return render(request, "scorecards/not_shown.html", context, status=404)
    return render(
        request,
        "scorecards/explained.html",
        {
            "explained": explained_cell,
            "cell": explained_cell.cell,
            "left_out": explained_cell.left_out,
            "notes": _notes(explained_cell.cell),
            "may_note": may(request.user, "plans.report", place=explained_cell.cell["place_code"]),
        },
    )


def _notes(cell: dict[str, Any]) -> list[Note]:
    """Return checked notes about the measure of a cell, up to the end of its period."""
    last = parse(cell["period"]).last
    measure = (cell["provider_kind"], cell["indicator"], cell["service"])
    return [n for n in notes_of(cell["place_code"], last=last) if n.is_about(*measure)]


def data_package(request: HttpRequest) -> HttpResponse:
    """Serve every figure of a period that this person may see, as a Frictionless data package."""
    try:
        period = parse(request.GET.get("period", "")).code
    except ValueError as error:
        raise Http404 from error
    if period not in {existing.code for existing in scores.periods(request.user)}:
        raise Http404  # empty tables would say that there is nothing
    answer = HttpResponse(tidy_tables.package(request.user, period), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="scores-{period}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer
