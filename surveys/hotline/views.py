"""The addresses that a telephone company calls; every answer is a valid document."""

import logging
from collections.abc import Callable
from functools import wraps

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

import media
from surveys.hotline import call_session, call_state, callbacks, content, lines, sound, twiml
from surveys.hotline.models import Call, Line, Rendered

log = logging.getLogger(__name__)
XML = "text/xml; charset=utf-8"


def _document(text: str) -> HttpResponse:
    return HttpResponse(text, content_type=XML, headers={"Cache-Control": "no-store"})


def _always_answers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer with an apology instead of a 500: say sorry, hang up, and log the error."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        try:
            return view(request, *args, **named)
        except Exception:
            # no numbers: neither the request nor its fields are logged
            log.exception("the hotline could not answer %s", view.__name__)
            return _document(twiml.last(_apology()))

    return answered


def _refused() -> HttpResponse:
    """Answer an unsigned request with nothing, and count it.

    Many mean a wrong token, or an attack.
    """
    lines.count_refused()
    return HttpResponse(status=403)


def _apology() -> str:
    """Return the address of "please call later", which is served from disk alone."""
    remembered = content.remembered()
    if remembered is None or not remembered.apology:
        return ""
    return lines.public_address(reverse("hotline:audio", args=[remembered.apology]))


def _field(request: HttpRequest, name: str) -> str:
    return (request.POST.get(name) or request.GET.get(name) or "").strip()


def _their_number(request: HttpRequest, direction: str) -> str:
    """Return the citizen's number, whether they call or we do."""
    return _field(request, "To" if direction == Call.Direction.OUTBOUND else "From")


@_always_answers
def voice(request: HttpRequest, line_id: int) -> HttpResponse:
    """Answer the first request of an inbound call."""
    line = Line.objects.filter(pk=line_id).first()
    if line is None or not lines.signed(line, request):
        return _refused()
    out = "outbound" in _field(request, "Direction")
    direction = Call.Direction.OUTBOUND if out else Call.Direction.INBOUND
    return _document(
        call_session.begin(
            line,
            _field(request, "CallSid")[:64],
            _their_number(request, direction),
            direction=direction,
        )
    )


@_always_answers
def step(request: HttpRequest, nonce: str, number: int) -> HttpResponse:
    """Answer one step of a call with the next instructions for the company."""
    at = call_state.by_nonce(nonce)
    if at is None or not lines.signed(at.line, request):
        return _refused()
    if _field(request, "CallSid") != at.sid:
        return _refused()
    heard = call_session.Heard.read(_field(request, "Digits"), _their_number(request, at.direction))
    return _document(call_session.go_on(at, number, heard))


@_always_answers
def status(request: HttpRequest, line_id: int) -> HttpResponse:
    """Store a callback about the end of a call or message; each once, in any order."""
    line = Line.objects.filter(pk=line_id).first()
    if line is None or not lines.signed(line, request):
        return _refused()
    callbacks.receive(line, request.POST.dict())
    return _document(twiml.nothing())


@require_safe
def audio(request: HttpRequest, sha256: str) -> HttpResponse:
    """Serve one joined sound, which never changes under its address.

    Somleng's player asks with HEAD first.
    """
    tag = f'"{sha256[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    name = sound.joined_name(sha256)
    try:
        wav = media.read(name)
    except FileNotFoundError:
        rendered = Rendered.objects.filter(sha256=sha256).first()
        if rendered is None:
            return HttpResponseNotFound()
        try:
            wav = media.read(sound.ready(sound.Joined(tuple(rendered.parts))))
        except (OSError, sound.SoundError):
            log.exception("a sound could not be joined")
            return HttpResponseNotFound()
    # at most a minute, less than a megabyte: read whole, so that HEAD and GET cannot differ
    answer = HttpResponse(wav, content_type="audio/wav")
    answer["Content-Length"] = str(len(wav))
    answer["ETag"] = tag
    answer["Last-Modified"] = http_date(default_storage.get_modified_time(name).timestamp())
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
