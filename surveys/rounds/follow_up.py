"""The quarterly follow-up on tablets: which commitments to ask about, and people's answers."""

from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from parsing import json_body
from surveys import commitments
from surveys.forms.list_places import places_of_tablet
from surveys.models import AppUser
from surveys.rounds.tablet import for_tablet, person_of, refused

MOST_ASKED: Final = 300


@for_tablet
@require_safe
def asked(request: HttpRequest, tablet: AppUser) -> HttpResponseBase:
    """Show everything that waits for citizens' answers where the tablet works."""
    questions = commitments.asked_in(
        places_of_tablet(tablet), programme=tablet.programme_id, most=MOST_ASKED
    )
    listed = [
        {
            "code": one.code,
            "claim": one.claim,
            "commune": one.commune,
            "number": one.number,
            "text": one.text,
            "office": one.office,
            "due": one.due.isoformat(),
        }
        for one in questions
    ]
    return JsonResponse(
        {"questions": listed, "fetchedOn": timezone.localdate().isoformat()},
        json_dumps_params={"ensure_ascii": False},
    )


@for_tablet
@require_POST
def counted(request: HttpRequest, tablet: AppUser) -> HttpResponseBase:
    """Store how many people of a meeting gave each answer about one commitment."""
    payload = json_body.loads(request.body)
    if not isinstance(payload, dict):
        raise ValueError("a count is an object")
    code = str(payload.get("code", ""))
    if not _reaches(tablet, code):
        return refused(400, str(commitments.not_here()))
    try:
        fresh = commitments.follow_up(
            by=person_of(tablet, str(payload.get("person", ""))),
            code=code,
            claim=_integer(payload, "claim"),
            counted=commitments.Counted(
                done=_integer(payload, "done"),
                half=_integer(payload, "half"),
                not_done=_integer(payload, "notDone"),
                unknown=_integer(payload, "unknown"),
            ),
            batch=str(payload.get("id", ""))[:36],
        )
    except commitments.AnswerRefusedError as error:
        return refused(400, str(error))
    return JsonResponse({"kept": True}, status=201 if fresh else 200)


def _reaches(tablet: AppUser, code: str) -> bool:
    commune = commitments.commune_of(code)
    return any(commune.startswith(place) for place in places_of_tablet(tablet))


def _integer(texts: dict[str, Any], name: str) -> int:
    value = texts.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(name)
    return value
