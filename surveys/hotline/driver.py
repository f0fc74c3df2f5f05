"""Between the wire and the flow: one call's requests, answered once each and always.

A step is answered under (call, number): asked again, it gives the same document and does
nothing twice. The addresses carry a nonce that nobody can guess, and the state is bound to
the call, so that a recorded request is worth nothing in another call or at another step.
"""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from surveys import sealing
from surveys.hotline import content, effects, flow, lines, sound, twiml
from surveys.hotline.models import Call, Caller, Line, Rendered, Step

KEYS: Final = re.compile(r"[0-9*#]{0,16}")
NONSENSE: Final = "x"
"""Stands for whatever was sent that no keypad can send."""
OLDEST_CALL: Final = timedelta(hours=2)


@dataclass(frozen=True)
class Heard:
    """One request of a telephone company, read: which keys, from which number."""

    keys: str
    number: str

    @classmethod
    def read(cls, keys: str, number: str) -> "Heard":
        """Keep what a keypad can send; a missing answer is an empty one."""
        return cls(keys if KEYS.fullmatch(keys) else NONSENSE, number)


def begin(line: Line, sid: str, number: str, *, direction: str = "inbound") -> str:
    """Answer the first request of a call; asked again for the same call, answer the same."""
    caller_key = _key_of(number)
    known = Call.objects.filter(line=line, sid=sid).first()
    if known is None and lines.refuses(line, caller_key):
        return twiml.reject(busy=False)
    if line.mode == Line.Mode.MISSED_CALL and direction == Call.Direction.INBOUND:
        effects.owe_missed_call(line, number)
        return twiml.reject(busy=True)
    with transaction.atomic():
        call, made = Call.objects.select_for_update().get_or_create(
            line=line,
            sid=sid,
            defaults={
                "nonce": secrets.token_urlsafe(24),
                "caller_key": caller_key,
                "operator": _operator(number),
                "direction": direction,
                "status": Call.Status.IN_PROGRESS,
            },
        )
        if not made:
            return _again(call, 0) or _first(call)
        return _first(call)


def _first(call: Call) -> str:
    caller = Caller.objects.filter(caller_key=call.caller_key).first()
    known = content.content()
    facts = known.for_caller(caller.commune_code if caller else "")
    turn = flow.start(facts, caller.language if caller else "")
    if call.request is not None and call.direction == Call.Direction.OUTBOUND:
        start = flow.start(facts, caller.language if caller else "km", node="followup")
        told = effects.told_of(call.request)
        turn = flow.found(start.state, told, facts)
    return _answer(call, turn, Step.Result.START, "", time.monotonic())


def go_on(nonce: str, number: int, heard: Heard) -> str:
    """Answer step ``number`` of the call behind ``nonce``; hang up where there is none such."""
    began = time.monotonic()
    with transaction.atomic():
        call = (
            Call.objects.select_for_update(of=("self",))
            .select_related("line", "request__case__service", "request__case__standard")
            .filter(nonce=nonce)
            .first()
        )
        if call is None or call.state is None:
            return twiml.last()
        if number < call.steps_taken:
            return _again(call, number) or twiml.last()
        age = timezone.now() - call.started_at
        if number != call.steps_taken or call.ended_at is not None or age > OLDEST_CALL:
            return twiml.last()
        return _step(call, heard, began, too_long=age > lines.LONGEST_CALL)


def _step(call: Call, heard: Heard, began: float, *, too_long: bool) -> str:
    known = content.content()
    facts = known.for_caller(_commune(call.caller_key))
    state = flow.State.read(call.state or {})
    if too_long:
        turn = flow.start(facts, state.language, node="too_long")
        return _answer(call, turn, Step.Result.KEY, "", began)
    turn = flow.step(state, heard.keys, facts)
    if turn.effects:
        act: Callable[..., flow.Turn] = effects.carry_out
        turn = act(turn, call=call, number=heard.number, facts=facts)
    result = _result(turn.say, heard.keys)
    # digits of codes and numbers are not kept; the key of a choice is
    key = heard.keys if len(heard.keys) == 1 and turn.wanted == 1 and not state.digits else ""
    return _answer(call, turn, result, key, began)


def _result(say: tuple[str, ...], keys: str) -> str:
    if not keys:
        return Step.Result.SILENCE
    return Step.Result.INVALID if "invalid" in say[:1] else Step.Result.KEY


def _answer(call: Call, turn: flow.Turn, result: str, key: str, began: float) -> str:
    number = call.steps_taken + 1
    language = turn.state.language or "km"
    known = content.content()
    play = _sound_of(turn, language, known)
    if turn.ends:
        document = twiml.last(play)
    else:
        action = reverse("hotline:step", args=[call.nonce, number])
        document = twiml.gather(
            action=lines.public_address(action),
            play=play,
            wanted=turn.wanted,
            waited=turn.state.misses > 0,
        )
    Step.objects.create(
        call=call,
        number=call.steps_taken,
        node=turn.state.node,
        service_code=turn.state.service,
        result=result,
        key=key if KEYS.fullmatch(key) else "",
        document=document,
        milliseconds=round((time.monotonic() - began) * 1000),
    )
    if call.first_fact_at is None and {"fee.official", "days.official"} & set(turn.say):
        call.first_fact_at = timezone.now()
    call.steps_taken, call.state, call.language = number, turn.state.stored(), turn.state.language
    call.save(update_fields=["steps_taken", "state", "language", "first_fact_at"])
    _remember(call, turn.state.language)
    return document


def _sound_of(turn: flow.Turn, language: str, known: content.Content) -> str:
    clips = content.spoken(turn.say, language, known, turn.state)
    if not clips:
        return ""
    planned = sound.plan(clips)
    if not (sound.folder("joined") / f"{planned.sha256}.wav").exists():
        sound.ready(planned)
        Rendered.objects.get_or_create(
            sha256=planned.sha256, defaults={"parts": list(planned.parts)}
        )
    return lines.public_address(reverse("hotline:audio", args=[planned.sha256]))


def _again(call: Call, number: int) -> str:
    step = Step.objects.filter(call=call, number=number).first()
    return step.document if step else ""


def _remember(call: Call, language: str) -> None:
    if call.caller_key and language:
        Caller.objects.update_or_create(caller_key=call.caller_key, defaults={"language": language})


def _commune(caller_key: str) -> str:
    if not caller_key:
        return ""
    return (
        Caller.objects.filter(caller_key=caller_key).values_list("commune_code", flat=True).first()
        or ""
    )


def _key_of(number: str) -> str:
    """A caller who withholds the number, or calls from abroad, is nobody in particular."""
    try:
        return sealing.caller_key(sealing.international(number))
    except sealing.UnreadableNumberError:
        return ""


def _operator(number: str) -> str:
    try:
        return "0" + sealing.international(number)[4:6]
    except sealing.UnreadableNumberError:
        return ""
