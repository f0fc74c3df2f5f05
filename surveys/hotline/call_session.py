"""Requests of one call: each step is answered once, and every request gets an answer.

A step is identified by (call, number): asked again, it gives the same document and has no second
effect. The addresses carry a nonce that nobody can guess, and the state is bound to the call, so
that a recorded request cannot be used in another call or at another step.
"""

import re
import secrets
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from surveys import phone_numbers
from surveys.hotline import (
    bursts,
    call_state,
    commitment_calls,
    content,
    lines,
    menu,
    menu_effects,
    outbound_calls,
    sound,
    twiml,
    verification_calls,
)
from surveys.hotline.call_state import Standing
from surveys.hotline.models import Call, Caller, Line, Rendered, Step

KEYS: Final = re.compile(r"[0-9*#]{0,16}")
NONSENSE: Final = "x"
"""The value for input that no keypad can send."""
OLDEST_CALL: Final = timedelta(hours=2)


@dataclass(frozen=True)
class Heard:
    """One request of a telephone company: the keys pressed, the number calling."""

    keys: str
    number: str

    @classmethod
    def read(cls, keys: str, number: str) -> "Heard":
        """Keep what a keypad can send; a missing answer is an empty one."""
        return cls(keys if KEYS.fullmatch(keys) else NONSENSE, number)


@dataclass(frozen=True)
class Pressed:
    """The record of one step: its result, the single key, the start of our answer."""

    result: str
    key: str
    began: float


def begin(line: Line, sid: str, number: str, *, direction: str = "inbound") -> str:
    """Answer the first request of a call; asked again for the same call, answer the same."""
    at = call_state.by_sid(line, sid)
    if at is None:
        caller_key, operator = _caller(number)
        noted = {"caller_key": caller_key, "operator": operator, "direction": direction}
        if direction == Call.Direction.INBOUND:
            bursts.note_neighbours(line, number)
        if lines.refuses(line, caller_key):
            return _rejected(line, sid, Call.Status.DECLINED, noted)
        if line.mode == Line.Mode.MISSED_CALL and direction == Call.Direction.INBOUND:
            outbound_calls.owe_missed_call(line, number)
            return _rejected(line, sid, Call.Status.MISSED, noted)
        at = call_state.open_call(
            line,
            sid,
            nonce=secrets.token_urlsafe(24),
            **noted,
        )
    if at.steps_taken:
        return _again(at, 0)
    if at.ended:
        missed = Call.objects.filter(pk=at.call, status=Call.Status.MISSED).exists()
        return twiml.reject(busy=missed)
    return _first(at)


def _rejected(line: Line, sid: str, status: str, noted: dict[str, str]) -> str:
    """Decline the call, but count it: callers who cannot reach us belong in the figures."""
    Call.objects.get_or_create(
        line=line,
        sid=sid,
        defaults={
            **noted,
            "nonce": secrets.token_urlsafe(24),
            "status": status,
            "ended_at": timezone.now(),
            "seconds": 0,
        },
    )
    return twiml.reject(busy=status == Call.Status.MISSED)


def _first(at: Standing) -> str:
    facts = content.content().for_caller(at.commune, at.notice)
    turn = menu.start(facts, at.language)
    if at.request is not None and at.direction == Call.Direction.OUTBOUND:
        start = menu.start(facts, at.language or "km", node="followup")
        turn = menu.after_lookup(start.state, menu_effects.request_of(at.request), facts)
    elif at.direction == Call.Direction.OUTBOUND:
        turn = commitment_calls.first_turn(at, facts) or turn
    return _answer(at, turn, Pressed(Step.Result.START, "", time.monotonic()))


def go_on(at: Standing, number: int, heard: Heard) -> str:
    """Answer step ``number`` of a call; hang up where there is no such step."""
    began = time.monotonic()
    if at.state is None:
        return twiml.last()
    if number < at.steps_taken:
        return _again(at, number)
    age = timezone.now() - at.started_at
    if number != at.steps_taken or at.ended or age > OLDEST_CALL:
        return twiml.last()
    facts = content.content().for_caller(at.commune, at.notice, check=verification_calls.asks(at))
    state = menu.State.read(at.state)
    if age > lines.LONGEST_CALL:
        turn = menu.start(facts, state.language, node="too_long")
        turn = replace(turn, state=replace(state, node="too_long"))  # with what was reported so far
        return _answer(at, turn, Pressed(Step.Result.KEY, "", began))
    turn = menu.step(state, heard.keys, facts)
    # digits of codes and numbers are not kept; the key of a choice is
    choice = KEYS.fullmatch(heard.keys) and turn.wanted == 1 and not state.digits
    secret = menu.nodes()[state.node].get("secret", False)
    key = heard.keys if choice and len(heard.keys) == 1 and not secret else ""
    pressed = Pressed(_result(turn.say, heard.keys), key, began)
    if turn.effects:
        return _carried_out(at, turn, pressed, heard.number)
    return _answer(at, turn, pressed)


def _carried_out(at: Standing, turn: menu.Turn, pressed: Pressed, number: str) -> str:
    """Carry out a step that has effects.

    The call is locked first, so that they happen once or not at all.
    """
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("line").get(pk=at.call)
        if call.steps_taken != at.steps_taken or call.ended_at is not None:
            return _again(at, at.steps_taken)
        facts = content.content().for_caller(at.commune, at.notice)
        turn = menu_effects.carry_out(turn, call=call, number=number, facts=facts)
        return _answer(at, turn, pressed)


def _result(say: tuple[str, ...], keys: str) -> str:
    if not keys:
        return Step.Result.SILENCE
    return Step.Result.INVALID if "invalid" in say[:1] else Step.Result.KEY


def _answer(at: Standing, turn: menu.Turn, pressed: Pressed) -> str:
    language = turn.state.language
    loaded = content.content()
    heard = content.spoken(turn.say, language or loaded.facts.languages[0], loaded, turn.state)
    play = _sound_of(turn, heard, loaded)
    if turn.ends:
        document = twiml.last(play)
    else:
        action = reverse("hotline:step", args=[at.nonce, at.steps_taken + 1])
        document = twiml.gather(
            action=lines.public_address(action),
            play=play,
            wanted=turn.wanted,
            waited=turn.state.misses > 0,
        )
    kept = call_state.keep_step(
        at,
        state=turn.state.stored(),
        fact=heard.tells_a_fact,
        node=turn.state.node,
        service=turn.state.service,
        language=language,
        result=pressed.result,
        key=pressed.key,
        document=document,
        ms=round((time.monotonic() - pressed.began) * 1000),
    )
    if not kept:
        return _again(at, at.steps_taken)
    if at.caller_key and language and language != at.language:
        Caller.objects.update_or_create(caller_key=at.caller_key, defaults={"language": language})
    return document


def _sound_of(turn: menu.Turn, heard: content.Spoken, loaded: content.Content) -> str:
    """Return the address of the sound, which is made when it is first fetched.

    Where nobody has recorded anything of a step in any language, a signal says that a key is
    awaited: silence would be taken for a broken line.
    """
    if not heard.clips and turn.ends:
        return ""
    planned = sound.plan(heard.clips) if heard.clips else sound.KEY_AWAITED
    if planned.sha256 not in loaded.written_down:
        Rendered.objects.get_or_create(
            sha256=planned.sha256, defaults={"parts": list(planned.parts)}
        )
        loaded.written_down.add(planned.sha256)
    return lines.public_address(reverse("hotline:audio", args=[planned.sha256]))


def _again(at: Standing, number: int) -> str:
    step = Step.objects.filter(call=at.call, number=number).first()
    return step.document if step else twiml.last()


def _caller(number: str) -> tuple[str, str]:
    """Return the keyed hash and the operator's prefix; both empty where the number is withheld."""
    try:
        international = phone_numbers.international(number)
    except phone_numbers.UnreadableNumberError:
        return "", ""
    return phone_numbers.caller_key(international), "0" + international[4:6]
