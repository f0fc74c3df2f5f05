"""Pages around a round's meetings: ballot cards, self-assessment, inputs, the large screen."""

import uuid
from uuid import UUID

import segno
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import check, require
from accounts.permissions import may
from surveys.models import Channel, Meeting
from surveys.rounds import compliance, reading
from surveys.rounds.forms import CardsForm, InputsForm, SelfAssessmentForm, add_problems
from surveys.rounds.models import Round
from surveys.rounds.services import ballots, inputs, meetings
from surveys.rounds.views.rounds import person, round_for
from surveys.services import Outcome


@require("rounds.record")
def cards(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Make ballot cards to print; their numbers are shown once and stored nowhere."""
    row = round_for(request, number)
    check(request.user, "rounds.record", place=row.commune_id, programme=row.programme_id)
    form = CardsForm(request.POST or None)
    made: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = ballots.make_cards(
                by=person(request), round=row, cards=form.cleaned_data["cards"]
            )
        except ValidationError as error:
            add_problems(form, error)
    address = request.build_absolute_uri("/vote/")
    return render(
        request,
        "rounds/cards.html",
        {
            "round": row,
            "form": form,
            "cards": [f"{n[:4]} {n[4:]}" for n in made],
            "unused": row.cards.count(),
            "address": address,
            "picture": segno.make(address, error="m", micro=False).svg_inline(scale=2, border=1),
        },
        status=422 if form.is_bound and not made else 200,
    )


@require("rounds.assess", "rounds.record")
def assess(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Record how many of the provider's staff gave each score to each criterion."""
    row = round_for(request, number)
    check(
        request.user,
        "rounds.assess",
        "rounds.record",
        place=row.commune_id,
        programme=row.programme_id,
    )
    form = SelfAssessmentForm(request.POST or None, round=row)
    done = row.meetings.filter(kind=Meeting.Kind.SELF_ASSESSMENT).exists()
    if request.method == "POST" and form.is_valid():
        reported = form.reported(str(uuid.uuid4()))
        reported.channel = Channel.PAGE
        try:
            _row, outcome = meetings.receive_meeting(
                by=None,
                round=row,
                reported=reported,
                content=reported.id.encode(),
                job=str(request.user),
            )
        except ValidationError as error:
            add_problems(form, error)
        else:
            if outcome == Outcome.ADDED:
                messages.success(request, _("The self-assessment is recorded."))
                return redirect("rounds:round", number=row.uuid)
            form.add_error(None, _("The self-assessment of this round is already recorded."))
    return render(
        request,
        "rounds/assess.html",
        {"round": row, "form": form, "done": done},
        status=422 if form.is_bound else 200,
    )


@require("rounds.record")
def record_inputs(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Record which inputs were present, of those the provider is entitled to."""
    row = round_for(request, number)
    check(request.user, "rounds.record", place=row.commune_id, programme=row.programme_id)
    form = InputsForm(request.POST or None, round=row, initial={"seen_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            inputs.record_inputs(
                by=person(request),
                round=row,
                present=form.present(),
                seen_on=form.cleaned_data["seen_on"],
            )
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, _("The inputs are recorded."))
            return redirect("rounds:round", number=row.uuid)
    return render(
        request,
        "rounds/inputs.html",
        {"round": row, "form": form, "lines": form.lines()},
        status=422 if form.is_bound else 200,
    )


@require("rounds.read")
def interface(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """Show both sides, compliance and inputs in large type, for a projector."""
    row = round_for(request, number)
    khmer = (get_language() or "km").startswith("km")
    return render(
        request,
        "rounds/interface.html",
        {
            "round": row,
            "results": reading.results_of(row),
            "compliance": [
                {**one, "label": one["name"][0 if khmer else 1]} for one in compliance.of_round(row)
            ],
            "inputs": reading.inputs_of(row),
            "may_hear": may_hear(request, row),
        },
    )


def may_hear(request: HttpRequest, row: Round) -> bool:
    """Return whether a person may hear recorded criteria: those who hold meetings, or are asked.

    A voice may be recognised, so nobody else hears it.
    """
    return any(
        may(person(request), permission, place=row.commune_id, programme=row.programme_id)
        for permission in ("rounds.record", "rounds.assess")
    )


@require("rounds.record", "rounds.assess")
@require_safe
def voice(request: HttpRequest, number: UUID, pk: int) -> HttpResponseBase:
    """Send the recording of a criterion of a round."""
    row = round_for(request, number)
    if not may_hear(request, row):
        raise Http404
    criterion = get_object_or_404(row.criteria.exclude(voice=""), pk=pk)
    try:
        with criterion.voice.open("rb") as file:
            sound = file.read()
    except FileNotFoundError:
        raise Http404 from None
    answer = HttpResponse(sound, content_type="audio/webm")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
