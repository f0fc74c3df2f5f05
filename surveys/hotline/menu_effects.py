"""Effects of the menu: find a request, close it, store a report, send, call back, block."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from places.models import Place
from standards.book import standard_for
from standards.models import Service
from surveys import phone_numbers, requests
from surveys.hotline import (
    commitment_answers,
    experiences,
    menu,
    outbound_calls,
    speech,
    texts,
    verification_calls,
)
from surveys.hotline.facts import NOTICE, Facts
from surveys.hotline.facts import Request as RequestFacts
from surveys.hotline.models import Call, CallBack, Caller, TextMessage, Told
from surveys.models import Request, Status

REPORTS_A_DAY = 3
"""The most reports of one caller for one service; more are kept, but do not count."""
NEAR = timedelta(days=300)
"""A promised day within these is said without its year."""
WRONG_CODES = 5
"""Wrong codes in one call after which codes are no longer looked up."""


def carry_out(turn: menu.Turn, *, call: Call, number: str, facts: Facts) -> menu.Turn:
    """Carry out the effects of a turn.

    Returns the turn that follows (another one after a look-up).
    """
    for effect in turn.effects:
        if effect.startswith((*menu.LOOKED_UP, menu.ANSWERED)):
            return _asked(effect, turn, call, facts)
        if effect == "told":
            _keep_report(turn, call)
        elif effect == "close_request" and call.request is not None:
            _close(call.request, turn.of)
        elif effect == "still_waiting" and call.request is not None:
            requests.still_waiting(request=call.request, channel="hotline")
        elif effect == "agreed":
            _agreed(call)
        elif effect == "sms" and not _send(turn, number):
            turn = _instead(turn, "sms.sent")
        elif (effect == "call_back" and not _call_back(call, number, turn.state.language)) or (
            effect == "check" and not verification_calls.owe(call, number)
        ):
            turn = _instead(turn, "callback.promised")
        elif effect == "never_call":
            outbound_calls.never_call(call.caller_key)
    return turn


def _asked(effect: str, turn: menu.Turn, call: Call, facts: Facts) -> menu.Turn:
    """Look up a request or a commitment, or store an answer about a commitment."""
    if effect == "find_request":
        return _find(turn, call, facts)
    return commitment_answers.carry_out(effect, turn, call, facts)


def _call_back(call: Call, number: str, language: str) -> bool:
    """Promise to call back in the caller's language; False where no call can be promised."""
    wait = outbound_calls.ASKED_WAIT
    return outbound_calls.owe(call.line, number, CallBack.Why.ASKED, wait, language=language)


def _instead(turn: menu.Turn, promise: str) -> menu.Turn:
    """Return the same turn without a promise that we cannot keep."""
    return replace(
        turn, say=tuple(speech.INSTEAD[promise] if name == promise else name for name in turn.say)
    )


def _agreed(call: Call) -> None:
    """Record that the caller heard who asks and what for, and continued; once for each wording."""
    if call.caller_key:
        Caller.objects.update_or_create(caller_key=call.caller_key, defaults={"notice": NOTICE})


def request_of(pk: int) -> RequestFacts:
    """Return the facts of a request that may be spoken."""
    request = Request.objects.select_related("case__service", "case__standard").get(pk=pk)
    where = requests.following(request)
    standard = where.case.standard
    return RequestFacts(
        where.case.service.code,
        where.promised,
        where.overdue,
        far=where.promised is not None and abs(timezone.localdate() - where.promised) > NEAR,
        fee=standard.fee if standard else None,
        currency=standard.currency if standard else "KHR",
        unit=standard.fee_unit if standard else "",
    )


def _find(turn: menu.Turn, call: Call, facts: Facts) -> menu.Turn:
    tried = call.steps.filter(node="request.confirm").count() - 1
    code = turn.of.request_code if turn.of else ""
    try:
        if tried >= WRONG_CODES:
            raise requests.UnknownRequestError
        request = requests.find_request(code)
    except requests.UnknownRequestError:
        return menu.after_lookup(turn.state, None, facts)
    if request.closed_at is not None:
        return menu.after_lookup(turn.state, None, facts)
    call.request = request
    call.save(update_fields=["request"])
    return menu.after_lookup(turn.state, request_of(request.pk), facts)


def _close(request: Request, state: menu.State | None) -> None:
    """Close a request with the citizen's keys: a complete case for the scores.

    Days are "about so many days ago", never before the day it was handed in; a sum is the one
    chosen among those read out. What was not answered stays unknown.
    """
    answers = state.answers if state else {}
    if answers.get("status") == "refused":
        requests.close_request(request=request, channel="hotline", status=Status.REFUSED)
        return
    case, standard = request.case, request.case.standard
    received = timezone.localdate() - timedelta(days=int(answers.get("days_ago", "0")))
    official = standard.fee if standard else None
    paid = {"official": official, "nothing": 0}.get(answers.get("paid", ""))
    if state and state.amount:
        paid = int(state.amount)
    visits = answers.get("visits")
    requests.close_request(
        request=request,
        channel="hotline",
        received_on=max(received, case.asked_on),
        fee_paid=paid,
        currency=standard.currency if standard else "KHR",
        visits=int(visits) if visits else None,
    )


def _keep_report(turn: menu.Turn, call: Call) -> None:
    if turn.of is not None:
        _keep_experience(turn.of, call, complete=True)


def _keep_experience(state: menu.State, call: Call, *, complete: bool) -> None:
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    before = Told.objects.filter(
        caller_key=call.caller_key, service_code=state.service, at__gte=today
    ).exclude(caller_key="")
    commune = _commune(state, call.caller_key)
    service = Service.objects.filter(code=state.service).first()
    option = state.option or "standard"
    standard = standard_for(service, option, None, timezone.localdate()) if service else None
    experience = Told.objects.create(
        call=call,
        caller_key=call.caller_key,
        service_code=state.service,
        option=state.option,
        commune_code=commune,
        answers=state.answers,
        standard_id=standard.pk if standard else None,
        counts=before.count() < REPORTS_A_DAY,
        complete=complete,
        notice=NOTICE,
    )
    experiences.keep(experience, state.amount, timezone.localdate())
    if commune and call.caller_key:
        Caller.objects.update_or_create(
            caller_key=call.caller_key, defaults={"commune_code": commune}
        )


def _commune(state: menu.State, caller_key: str) -> str:
    """Return the commune that was named, if there is one with that code."""
    if state.place_code:
        today = timezone.localdate()
        exists = Place.objects.communes().valid_on(today).filter(code=state.place_code).exists()
        return state.place_code if exists else ""
    if state.answers.get("place") != "same":
        return ""
    caller = Caller.objects.filter(caller_key=caller_key).first()
    return caller.commune_code if caller else ""


def _send(turn: menu.Turn, number: str) -> bool:
    """Send the answer as a text message.

    Return False where it cannot be sent, or was sent often enough today.
    """
    try:
        kept = texts.ask(
            number=number,
            language=turn.state.language,
            kind=TextMessage.Kind.ANSWER,
            service=turn.state.service,
            option=turn.state.option,
        )
    except phone_numbers.UnreadableNumberError:
        return False
    return kept is not None


def keep_unfinished(call: Call) -> None:
    """Store the answers of a caller who hung up between the questions; the place may be missing.

    A complete report is stored before, and the call's state then has no answers left.
    """
    if not call.state:
        return
    state = menu.State.read(call.state)
    if "got" in state.answers:
        _keep_experience(state, call, complete=False)
