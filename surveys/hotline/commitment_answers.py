"""Commitments in a call: looked up by code or commune, asked about, answered with one key.

The key pressed is stored in no step, and when the call is over its state forgets which
commitments it was about: beside the caller's key they would reveal who denied.
"""

from dataclasses import replace
from typing import Final

from surveys import commitments
from surveys.hotline import menu
from surveys.hotline.facts import Facts
from surveys.hotline.models import Call

WRONG_CODES: Final = 5
"""Wrong codes in one call after which codes are no longer looked up."""
WITHHELD: Final = "withheld number"
"""Stands for the network of all callers who do not show their number."""


def carry_out(effect: str, turn: menu.Turn, call: Call, facts: Facts) -> menu.Turn:
    """Look commitments up, or store an answer; return the turn that follows."""
    if effect in menu.LOOKED_UP:
        return _look_up(turn, call, facts)
    return _answer(turn, call, effect.removeprefix(menu.ANSWERED))


def _look_up(turn: menu.Turn, call: Call, facts: Facts) -> menu.Turn:
    """Look up a commitment by its code, or those of a commune that wait for answers."""
    state = turn.state
    if "find_actions" in turn.effects:
        return menu.asked(state, commitments.asked_in([state.place_code]), facts)
    tried = call.steps.filter(node="action.confirm").count() - 1
    question = commitments.find(state.action_code) if tried < WRONG_CODES else None
    return menu.asked(state, [question] if question else [], facts)


def _answer(turn: menu.Turn, call: Call, kind: str) -> menu.Turn:
    """Store the caller's answer about a commitment; a second answer changes nothing.

    Callers who withhold their number are told apart by call; all of them count as one network.
    """
    if turn.of is None or not turn.of.actions:
        return turn
    is_known = bool(call.caller_key)
    try:
        fresh = commitments.answer(
            code=turn.of.actions[0]["code"],
            kind=kind,
            channel="hotline",
            person=f"caller {call.caller_key}" if is_known else f"call {call.sid}",
            network="" if is_known else WITHHELD,
        )
    except commitments.AnswerRefusedError:
        return replace(turn, say=("action.none", *turn.say))
    return turn if fresh else replace(turn, say=("action.known", *turn.say))


def forget_actions(call: Call) -> None:
    """Forget the commitments of a finished call: beside the caller's key they would reveal it."""
    if call.state and (call.state.get("actions") or call.state.get("action_code")):
        call.state = call.state | {"actions": [], "action_code": "", "place_code": ""}
        call.save(update_fields=["state"])
