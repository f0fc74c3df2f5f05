"""Rounds on tablets: requests and answers; the contract with the app is in docs/rounds.md."""

import base64
import binascii
from collections.abc import Callable
from datetime import date
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from parsing import json_body
from parsing.errors import UnreadableValue
from standards.book import applicable
from standards.models import Indicator, Service, Standard
from standards.wording import concession, days, fee, in_both_languages, option_name
from surveys import recordings
from surveys.forms.list_places import places_of_tablet
from surveys.models import AppUser
from surveys.openrosa import authentication
from surveys.rounds import compliance, reading
from surveys.rounds.models import Criterion, Round, Stage
from surveys.rounds.models.attendance import COUNTS
from surveys.rounds.services import meeting_content, meetings, sessions
from surveys.rounds.services.meetings import core_codes
from surveys.services import Outcome
from throttling import count, counted

WRONG_CODES = 30
_FORGET_AFTER = 600
LARGEST_HANDOVER = 4_000_000
Pair = list[str]
View = Callable[..., HttpResponseBase]


def for_tablet(view: View) -> View:
    """Open an address to a tablet by its token, and answer in the language of its person."""

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, token: str, project: int, **where: Any) -> HttpResponseBase:
        holder = authentication.holder_of(token)
        if holder is None or holder.programme_id != project:
            return refused(403, _("This tablet is not known."))
        tablet = AppUser.objects.select_related("programme").get(pk=holder.app_user_id)
        language = "en" if request.headers.get("Accept-Language", "").startswith("en") else "km"
        with translation.override(language):
            try:
                answer = view(request, tablet, **where)
            except ValidationError as error:
                return refused(400, *_sentences(error))
            except (UnreadableValue, ValueError):
                return refused(400, _("This cannot be read. Update the app and send it again."))
            except PermissionDenied as error:
                return refused(400, str(error))
        # proves that this server answered, not a captive portal
        answer["X-OpenRosa-Version"] = "1.0"
        answer["Cache-Control"] = "private, no-store"
        return answer

    return opened


def refused(status: int, *sentences: str) -> JsonResponse:
    """Answer with sentences in the reader's language."""
    answer = JsonResponse({"problems": list(sentences)}, status=status)
    answer["X-OpenRosa-Version"] = "1.0"
    return answer


def _sentences(error: ValidationError) -> list[str]:
    return list(dict.fromkeys(error.messages))


def _round(tablet: AppUser, code: str) -> Round:
    """Return the round of this code, where the tablet works. Raises ValidationError."""
    counter = f"rounds:codes:{tablet.pk}"
    if counted(counter) >= WRONG_CODES:
        raise ValidationError(_("Too many wrong codes. Wait ten minutes."))
    rows = Round.objects.standing().select_related("provider", "commune", "programme")
    row = rows.filter(code=code).first()
    if row is None or not _reaches(tablet, row):
        count(counter, seconds=_FORGET_AFTER)
        raise ValidationError(_("No round of this tablet has this code. Ask your coordinator."))
    return row


def _reaches(tablet: AppUser, row: Round) -> bool:
    same = row.programme_id in (None, tablet.programme_id)
    return same and any(row.commune_id.startswith(p) for p in places_of_tablet(tablet))


def person_of(tablet: AppUser, username: str) -> User | None:
    """Return the person of the tablet who sends; None leaves it to the tablet's own trust."""
    return tablet.people.filter(username=username, is_active=True).first()


@for_tablet
@require_safe
def opened(request: HttpRequest, tablet: AppUser, code: str) -> HttpResponseBase:
    """Serve everything a tablet needs to hold the meetings of a round without a network."""
    row = _round(tablet, code)
    return JsonResponse(bundle_of(row, request), json_dumps_params={"ensure_ascii": False})


def bundle_of(row: Round, request: HttpRequest) -> dict[str, Any]:
    """Return a round as the tablet keeps it."""
    base = settings.PUBLIC_URL.rstrip("/") or request.build_absolute_uri("/").rstrip("/")
    met = row.stages.filter(name=Stage.MET).values_list("planned_on", flat=True).first()
    return {
        "code": row.code,
        "uuid": str(row.uuid),
        "period": row.period,
        "provider": {
            "code": row.provider.code,
            "kind": row.provider.kind,
            "name": [row.provider.name_km, row.provider.name_en],
        },
        "commune": [row.commune.name_km, row.commune.name_latin],
        "meetsOn": met.isoformat() if met else "",
        "core": _core(row),
        "kept": [
            {"key": c.key, "code": c.indicator_code, "text": c.text, "voice": _voice(c)}
            for c in row.criteria.filter(kept=True)
            if row.meetings.filter(kind="community").exists()
        ],
        "sent": sorted(
            row.meetings.exclude(meeting__voided_at__isnull=False).values_list("kind", flat=True)
        ),
        "standards": _standards(row),
        "handovers": {
            h.kind: base64.b64encode(bytes(h.ciphertext)).decode() for h in row.handovers.all()
        },
        "cards": row.cards.count(),
        "voteAt": base + reverse("rounds:vote"),
        "interface": interface_of(row),
        "fetchedOn": timezone.localdate().isoformat(),
    }


def _voice(criterion: Criterion) -> str:
    """Return a criterion's recording in base64; "" where there is none or its file is gone."""
    if not criterion.voice:
        return ""
    try:
        with criterion.voice.open("rb") as file:
            return base64.b64encode(file.read()).decode()
    except OSError:
        return ""


def _core(row: Round) -> list[dict[str, Any]]:
    indicators = {
        i.code: i for i in Indicator.objects.filter(code__in=core_codes(row.provider.kind))
    }
    return [
        {"key": code, "name": [indicators[code].name_km, indicators[code].name_en]}
        for code in core_codes(row.provider.kind)
    ]


def _standards(row: Round) -> list[dict[str, Any]]:
    """Return the standards in force today for the provider's services, to be read out first."""
    today = timezone.localdate()
    services = Service.objects.offered(today).filter(provider_kind=row.provider.kind)
    sounds = recordings.recordings("km")
    standards = applicable(today, services=services, providers=[row.provider])
    return [_standard(one, sounds) for one in standards]


def _standard(one: Standard, sounds: dict[str, str]) -> dict[str, Any]:
    code = one.service.code
    option = f"{code}:{one.option}"
    names = (f"service:{code}", f"fee:{option}", f"days:{option}", f"papers:{option}")
    service = one.service
    return {
        "name": [service.name_km, service.name_en],
        "option": in_both_languages(partial(option_name, one.option)),
        "fee": in_both_languages(partial(fee, one)),
        "concession": in_both_languages(partial(concession, one)),
        "days": in_both_languages(partial(days, one)),
        "papers": [[r.document.name_km, r.document.name_en] for r in one.required.all()],
        "audio": [sounds[name] for name in names if name in sounds],
    }


def interface_of(row: Round) -> dict[str, Any]:
    """Return the data of the interface meeting: both sides' scores, compliance and inputs."""
    return {
        "criteria": [
            {
                "key": result.criterion.key,
                "name": in_both_languages(partial(_name, result)),
                "community": _scores(result.community),
                "own": _scores(result.own),
                "gap": result.gap,
                "suggestions": _texts(result, "suggestion"),
                "problems": _texts(result, "problem"),
                "strengths": _texts(result, "strength"),
            }
            for result in reading.results_of(row)
        ],
        "compliance": compliance.of_round(row),
        "inputs": [
            {
                "name": [line.entitlement.name_km, line.entitlement.name_en],
                "unit": [line.entitlement.unit_km, line.entitlement.unit_en],
                "entitled": line.entitled,
                "present": line.present,
            }
            for line in reading.inputs_of(row)
        ],
    }


def _name(result: reading.CriterionResult) -> str:
    code = result.criterion.indicator_code
    return reading.indicator_names([code]).get(code, "") or result.name


def _texts(result: reading.CriterionResult, aspect: str) -> list[str]:
    """Return the texts of both meetings on one aspect, each once."""
    return list(dict.fromkeys(note.text for note in result.notes.get(aspect, [])))


def _scores(scores: reading.Scores) -> dict[str, Any]:
    return {
        "counts": scores.counts,
        "n": scores.n,
        "median": scores.median,
        "mean": scores.mean,
    }


@for_tablet
@require_POST
def meeting(request: HttpRequest, tablet: AppUser, code: str) -> HttpResponseBase:
    """Receive a finished meeting; its votes are separated from people."""
    row = _round(tablet, code)
    payload = json_body.loads(request.body)
    reported = meeting_content.read_reported(payload)
    person = person_of(tablet, reported.facilitator)
    if person is None:
        reported.facilitator = ""
    kept, outcome = meetings.receive_meeting(
        by=person,
        round=row,
        reported=reported,
        content=meeting_content.as_content(payload),
        job="tablet",
    )
    if outcome == Outcome.CONFLICT:
        return refused(409, _("A meeting of this kind was already sent for this round."))
    return JsonResponse(
        {"id": str(kept.uuid), "round": bundle_of(row, request)},
        status=201 if outcome == Outcome.ADDED else 200,
    )


@for_tablet
@require_POST
def handover(request: HttpRequest, tablet: AppUser, code: str) -> HttpResponseBase:
    """Store an interrupted meeting, encrypted on the tablet, for another tablet."""
    row = _round(tablet, code)
    payload = json_body.loads(request.body)
    if not isinstance(payload, dict):
        raise ValueError("a handover is an object")
    try:
        ciphertext = base64.b64decode(str(payload.get("ciphertext", "")), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if not 32 <= len(ciphertext) <= LARGEST_HANDOVER:
        raise ValidationError(_("This meeting is too large to hand over. Finish it here."))
    meetings.keep_handover(round=row, kind=str(payload.get("kind")), ciphertext=ciphertext)
    return JsonResponse({"kept": True}, status=201)


@for_tablet
@require_POST
def session(request: HttpRequest, tablet: AppUser) -> HttpResponseBase:
    """Store an information session that was recorded offline."""
    payload = json_body.loads(request.body)
    if not isinstance(payload, dict):
        raise ValueError("a session is an object")
    person = person_of(tablet, str(payload.get("person", "")))
    reported = _session(payload)
    if not any(reported.commune.startswith(p) for p in places_of_tablet(tablet)):
        raise ValidationError({"commune": [_("This tablet does not work in this commune.")]})
    recorded = sessions.record_session(
        by=person, reported=reported, job="tablet", programme=tablet.programme_id
    )
    if recorded.outcome == Outcome.CONFLICT:
        return refused(409, _("This session is already recorded with another content."))
    return JsonResponse(
        {"id": recorded.observation.session_id},
        status=201 if recorded.outcome == Outcome.ADDED else 200,
    )


def _session(texts: dict[str, Any]) -> sessions.ReportedSession:
    attendance = texts.get("attendance") or {}
    try:
        reported = sessions.ReportedSession(
            session_id=str(texts["id"]),
            kind=str(texts.get("kind", "")),
            commune=str(texts.get("commune", "")),
            place_note=str(texts.get("placeNote", "")),
            held_on=date.fromisoformat(str(texts.get("heldOn", ""))),
            topic=str(texts.get("topic", "")),
            trainer=str(texts.get("trainer", "")),
            follows=str(texts.get("follows", "")),
            handouts=[
                (str(one["name"]), int(one["pieces"])) for one in texts.get("handouts") or []
            ],
            trained=[str(one) for one in texts.get("trained") or []],
            channel="tablet",
        )
        for name in COUNTS:
            setattr(reported, name, int(attendance.get(name) or 0))
    except (KeyError, TypeError) as error:
        raise ValueError("no session") from error
    return reported
