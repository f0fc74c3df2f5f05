"""The page on which people vote from their own phones with a ballot card."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from parsing import json_body
from parsing.errors import UnreadableValue
from surveys.rounds.models import Round
from surveys.rounds.reading import indicator_names
from surveys.rounds.services.ballots import TooManyCardsError, cast_ballot
from surveys.rounds.services.meetings import core_codes
from throttling.addresses import client_address


@require_safe
def vote_page(request: HttpRequest) -> HttpResponseBase:
    """Show the ballot. No cookie, no account.

    Round and criteria are after the "#" of the address.
    """
    answer = render(request, "rounds/vote.html")
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@csrf_exempt
@require_POST
def cast(request: HttpRequest) -> HttpResponseBase:
    """Count one ballot. The card's number is in the body, so that no log holds it.

    Sessions are not used, so no request of another site can vote for somebody: only the card
    counts.
    """
    with translation.override("en" if request.GET.get("lang") == "en" else "km"):
        try:
            payload = json_body.loads(request.body)
            scores = {str(k): int(v) for k, v in payload["scores"].items()}
            cast_ballot(
                code=str(payload["code"]),
                number=str(payload["number"]),
                scores=scores,
                address=client_address(request),
            )
        except ValidationError as error:
            return JsonResponse({"problems": list(error.messages)}, status=400)
        except TooManyCardsError:
            sentence = _("Too many wrong numbers. Wait ten minutes.")
            return JsonResponse({"problems": [sentence]}, status=429)
        except (UnreadableValue, KeyError, TypeError, ValueError, AttributeError):
            return JsonResponse({"problems": [_("Scan the code on the tablet again.")]}, status=400)
    return JsonResponse({"counted": True}, status=201)


@require_safe
def names(request: HttpRequest) -> HttpResponseBase:
    """Serve the names of the core criteria of a round's kind of provider, for the ballot."""
    row = Round.objects.standing().filter(code=request.GET.get("code", "")[:6]).first()
    if row is None:
        return JsonResponse({"names": {}})
    codes = core_codes(row.provider.kind)
    names_of: dict[str, list[str]] = {}
    for language in ("km", "en"):
        with translation.override(language):
            for code, name in indicator_names(codes).items():
                names_of.setdefault(code, []).append(name)
    return JsonResponse({"names": names_of})
