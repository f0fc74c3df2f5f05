"""Pages of the hotline's staff: figures of calls, the studio, the simulator."""

from datetime import timedelta
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from twilio.request_validator import RequestValidator

import media
from accounts.access import require
from accounts.models import User
from parsing import query
from places.models import Level, Place
from surveys import commitments
from surveys.hotline import (
    budget,
    bulk,
    bursts,
    completion,
    figures,
    languages,
    lines,
    recording,
    script,
    sound,
    verification_calls,
)
from surveys.hotline.models import Burst, Call, Clip, Language, Line

DAYS = (7, 30, 90, 365)


@require_safe
@require("hotline.edit")
def calls(request: HttpRequest) -> HttpResponse:
    """Show figures of the calls."""
    wanted = query.whole_number(request.GET, "days", most=DAYS[-1])
    days = wanted if wanted in DAYS else 30
    since = timezone.now() - timedelta(days=days)
    nodes = figures.funnel(since)
    return render(
        request,
        "hotline/calls.html",
        {
            "days": days,
            "choices": DAYS,
            "summary": figures.summary(since),
            "over_time": completion.over_time(since, days),
            "paths": completion.paths(since),
            "services": completion.services(since),
            "call_backs": completion.call_backs(since),
            "checks": verification_calls.figures(since),
            "texts": completion.texts(since),
            "bursts": bursts.unseen(),
            "account_errors": Line.objects.filter(is_open=True).exclude(account_error=""),
            "nodes": nodes,
            "most": max((n.reached for n in nodes), default=1),
            "languages": figures.recorded(),
            "refused": lines.refused(days),
            "few": figures.FEW,
            "judged": figures.JUDGED,
        },
    )


@require_POST
@require("hotline.edit")
def burst_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that somebody has looked at a burst."""
    bursts.settle(burst=get_object_or_404(Burst, pk=pk), by=request.user)  # type: ignore[arg-type]  # `require` lets no anonymous in
    return redirect("hotline:home")


@require_safe
@require("hotline.edit")
def studio(request: HttpRequest, code: str) -> HttpResponse:
    """Show the recording script of one language: what is recorded, missing, stale."""
    if not Language.objects.exists():
        return render(request, "hotline/studio_empty.html")
    language = get_object_or_404(Language, code=code)
    provinces = Place.objects.valid_on(timezone.localdate()).filter(level=Level.PROVINCE)
    province = provinces.filter(code=request.GET.get("province", "")).first()
    listed = script.entries(language, province.code if province else "")
    wanted = request.GET.get("show", "")
    shown = [e for e in listed if not wanted or e.state == wanted]
    for entry in shown:
        entry.__dict__["words"] = entry.line.words(language.code)
    grouped = [
        (script.GROUPS[group], list(entries))
        for group, entries in groupby(
            sorted(shown, key=lambda e: list(script.GROUPS).index(e.line.group)),
            key=lambda e: e.line.group,
        )
    ]
    counts = {
        s: sum(e.state == s for e in listed) for s in ("recorded", "machine", "stale", "missing")
    }
    return render(
        request,
        "hotline/studio.html",
        {
            "language": language,
            "languages": Language.objects.all(),
            "groups": grouped,
            "counts": counts,
            "total": sum(e.state != "optional" for e in listed),
            "left": languages.missing(language) if province else counts["missing"],
            "show": wanted,
            "provinces": provinces.order_by("code"),
            "province": province,
            "places": script.places_recorded(language),
            "too_long": budget.too_long(code),
            "most": round(budget.MOST),
        },
    )


@require_POST
@require("hotline.edit")
def record(request: HttpRequest, code: str) -> HttpResponse:
    """Store one recording: from the microphone (answers JSON) or a file (redirects back)."""
    language = get_object_or_404(Language, code=code)
    name = request.POST.get("name", "")
    line = script.line(name, code)
    if line is None:
        raise Http404
    upload = request.FILES.get("sound")
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        clip = recording.keep(
            by=request.user,  # type: ignore[arg-type]  # `require` lets no anonymous in
            language=language,
            name=name,
            upload=upload.read(recording.LARGEST_UPLOAD + 1) if upload else b"",
            facts=line.facts,
        )
    except ValidationError as refused:
        if wants_json:
            return JsonResponse({"problem": refused.messages[0]}, status=422)
        messages.error(request, f"{line.words(code)}: {refused.messages[0]}")
        return redirect(_back(code, name))
    if wants_json:
        return JsonResponse(
            {
                "state": _("recorded"),
                "sound": reverse("hotline:clip", args=[clip.sha256]),
                "seconds": round(clip.milliseconds / 1000, 1),
                "loudness": clip.loudness,
            }
        )
    return redirect(_back(code, name))


@require_POST
@require("hotline.edit")
def record_many(request: HttpRequest, code: str) -> HttpResponse:
    """Import a folder or a ZIP of recordings, and show the result for each file."""
    language = get_object_or_404(Language, code=code)
    files = request.FILES.getlist("sounds")
    taken: list[bulk.Taken] = []
    problem = "" if files else _("Choose a folder or a ZIP file.")
    try:
        taken = bulk.take(files=files, language=language, by=request.user)  # type: ignore[arg-type]  # `require` lets no anonymous in
    except ValidationError as refused:
        problem = refused.messages[0]
    refused_files = [one for one in taken if one.problem]
    context = {
        "language": language,
        "problem": problem,
        "taken": len(taken) - len(refused_files),
        "refused": refused_files,
    }
    return render(request, "hotline/studio_many.html", context, status=422 if problem else 200)


@require_POST
@require("hotline.edit")
def offer(request: HttpRequest, code: str) -> HttpResponse:
    """Open a language to callers, or close it."""
    language = get_object_or_404(Language, code=code)
    by: User = request.user  # type: ignore[assignment]  # `require` lets no anonymous in
    try:
        if request.POST.get("open") == "1":
            incomplete = request.POST.get("incomplete") == "1"
            languages.open_language(language=language, by=by, incomplete=incomplete)
            messages.success(request, _("Callers can choose this language now."))
        else:
            languages.close_language(language=language, by=by)
            messages.success(request, _("Callers are no longer offered this language."))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect(f"{reverse('hotline:studio', args=[code])}#callers")


@require_safe
@require("hotline.edit")
def printed_script(request: HttpRequest, code: str) -> HttpResponse:
    """Show the recording script to print: a number and a name for every line, by group."""
    language = get_object_or_404(Language, code=code)
    rows = [
        {"number": number, "line": line, "words": line.words(code)}
        for number, line in enumerate(script.lines(code), start=1)
    ]
    grouped = [
        (script.GROUPS[group], list(entries))
        for group, entries in groupby(rows, key=lambda row: row["line"].group)  # type: ignore[attr-defined]
    ]
    return render(request, "hotline/script.html", {"language": language, "groups": grouped})


def _back(code: str, name: str) -> str:
    """Return the studio's address at the line that was spoken, among places of its province."""
    address = reverse("hotline:studio", args=[code])
    place = name.removeprefix("place.") if name.startswith("place.") else ""
    if name.startswith("commitment."):
        asked = commitments.find(name.removeprefix("commitment."))
        place = asked.commune if asked else ""
    return f"{address}{f'?province={place[:2]}' if place else ''}#{name}"


@require_safe
@require("hotline.edit")
def clip(request: HttpRequest, sha256: str) -> HttpResponse:
    """Serve one clip, to listen to in the studio; never public."""
    get_object_or_404(Clip.objects.filter(sha256=sha256)[:1])
    try:
        wav = media.read(sound.clip_name(sha256))
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(wav, content_type="audio/wav")


@require_safe
@require("hotline.edit")
def simulator(request: HttpRequest) -> HttpResponse:
    """Show a telephone in the browser."""
    line = Line.objects.filter(company=Line.Company.SIMULATOR).first()
    return render(request, "hotline/simulator.html", {"line": line})


@require_POST
@require("hotline.edit")
def sign(request: HttpRequest) -> JsonResponse:
    """Sign one request of the simulator's own line as a telephone company would.

    Only addresses of that line and of its own calls are signed: a person who may use the simulator
    cannot sign for a real line.
    """
    line = get_object_or_404(Line, company=Line.Company.SIMULATOR)
    address = request.POST.get("address", "")
    fields = {k: v for k, v in request.POST.items() if k not in {"address", "csrfmiddlewaretoken"}}
    fields["AccountSid"] = line.account_sid
    parts = address.split("/")
    own = address == reverse("hotline:voice", args=[line.pk])
    if not own and address.startswith("/ivr/v1/step/") and len(parts) == 6:
        own = Call.objects.filter(nonce=parts[4], line=line).exists()
    if not own:
        raise Http404
    secrets = lines.tokens(line)
    if not secrets:
        raise Http404
    signature = RequestValidator(secrets[0]).compute_signature(
        lines.public_address(address), fields
    )
    return JsonResponse({"signature": signature, "fields": fields})
