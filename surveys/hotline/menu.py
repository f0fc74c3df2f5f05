"""The hotline's flow: a pure function from a state and the caller's input to the next turn.

The menu is data (``fixtures/hotline/flow.json``). Nothing here reads a clock, a database or a
request, so that a test can try every state with every key. Rules: few choices at once (services are
grouped by the office that gives them), 0 repeats, * goes back, # goes to the main menu, three
silences or wrong keys in a row end the call (where "silence" names a key, silence is that key), and
digits are appended over several entries, because the network submits what was pressed after two
seconds of hesitation.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from surveys.commitments import Question
from surveys.hotline import speech
from surveys.hotline.facts import Facts, Request

FLOW_FILE: Final = Path(__file__).resolve().parents[2] / "fixtures" / "hotline" / "flow.json"
PER_PAGE: Final = 3
ONE_IS_CHOSEN: Final = {"services", "options"}
"""Lists that are not read out where they hold one choice only."""
TRIES: Final = 3
LOOKED_UP: Final = {"find_request", "find_action", "find_actions"}
"""Effects that decide what is said next: nothing can be said before they are carried out."""
ANSWERED: Final = "action."
"""The prefix of effects that keep an answer about the first of ``State.actions``."""
_SUMS: Final = {
    "KHR": (0, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 400_000, 1_000_000, 2_000_000),
    "USD": (0, 1, 5, 10, 20, 50, 100, 150, 200, 300, 400, 500, 700, 1000),
}
"""Sums offered to a caller who paid more than the fee, in riel and in dollars."""
_DIGITS: Final = re.compile(r"[0-9]{0,15}#?")


@dataclass(frozen=True)
class State:
    """The state of a call; small, and the same bytes when stored as JSON and read back."""

    node: str
    language: str = ""
    page: int = 0
    service: str = ""
    option: str = ""
    digits: str = ""
    request_code: str = ""
    action_code: str = ""
    place_code: str = ""
    amount: str = ""
    request: dict[str, Any] | None = None
    actions: tuple[dict[str, Any], ...] = ()
    """Commitments that are still to be asked about; the first one is asked about now."""
    answers: dict[str, str] = field(default_factory=dict)
    back: tuple[str, ...] = ()
    misses: int = 0
    kind: str = ""

    def stored(self) -> dict[str, Any]:
        """Return the state as JSON-ready values."""
        return asdict(self) | {"back": list(self.back), "actions": list(self.actions)}

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "State":
        """Return the state that `stored` came from."""
        lists = {name: tuple(stored.get(name, ())) for name in ("back", "actions")}
        return cls(**(stored | lists))


@dataclass(frozen=True)
class Turn:
    """The next part of a call: clips to play, the state to keep, the effects to carry out.

    ``effects`` are words for the caller of this function to carry out (send the message,
    find the request, record the report); ``wanted`` is how many keys are awaited;
    ``ends`` says that the call is over after the sound.
    """

    say: tuple[str, ...]
    state: State
    effects: tuple[str, ...] = ()
    wanted: int = 1
    ends: bool = False
    of: State | None = None
    """The state that the effects are about: its service, answers and codes."""


@cache
def _written() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FLOW_FILE.read_text("utf-8"))
    return loaded


def nodes() -> dict[str, dict[str, Any]]:
    """Return the menu as written in ``fixtures/hotline/flow.json``."""
    written: dict[str, dict[str, Any]] = _written()["nodes"]
    return written


def kinds(facts: Facts) -> list[str]:
    """Return kinds of office that give a service, in the order in which they are offered.

    The order is the menu's own and does not follow demand: posters print the keys.
    """
    given = list(dict.fromkeys(s.kind for s in facts.services))
    order: list[str] = _written()["kinds"]
    return sorted(given, key=lambda kind: order.index(kind) if kind in order else len(order))


def start(facts: Facts, language: str = "", *, node: str = "") -> Turn:
    """Return the first turn of a call; a caller whose language is remembered skips the choice."""
    is_known = language in facts.languages
    first = node or ("main" if is_known else "language")
    return _arrive(State(first, language=language if is_known else ""), facts, ())


def step(state: State, key: str, facts: Facts) -> Turn:
    """Return the next turn after ``key`` ("" for silence, several characters for digits)."""
    node = nodes()[state.node]
    if "digits" in node:
        return _digits(state, node, key, facts)
    if key == "":
        if "silence" in node:
            return _pressed(state, node, node["keys"][node["silence"]], facts)
        return _miss(state, facts, "silence")
    everywhere = {"0": lambda s: replace(s, misses=0), "*": _go_back, "#": _home}
    if key in everywhere:
        return _arrive(everywhere[key](state), facts, ())
    if "list" in node:
        return _chosen(state, node, key, facts)
    if key == "9" and node.get("paged") and (pages := _pages(state, facts)) > 1:
        return _arrive(replace(state, page=(state.page + 1) % pages, misses=0), facts, ())
    if key in node.get("keys", {}):
        return _pressed(state, node, node["keys"][key], facts)
    return _miss(state, facts, "invalid")


def after_lookup(state: State, request: Request | None, facts: Facts) -> Turn:
    """Return the turn after ``find_request``.

    It says what is known of the request, or that there is none.
    """
    if request is None:
        return _arrive(replace(_home(state), node="request.unknown"), facts, ())
    fields = {
        "service": request.service,
        "promised": request.promised.isoformat() if request.promised else None,
        "overdue": request.overdue,
        "far": request.far,
        "fee": request.fee,
        "currency": request.currency,
        "unit": request.unit,
    }
    return _arrive(replace(state, request=fields), facts, ())


def asked(state: State, questions: Sequence[Question], facts: Facts) -> Turn:
    """Return the turn after commitments were looked up.

    The first is asked about, or there is none.
    """
    if not questions:
        return _arrive(replace(_home(state), node="action.none"), facts, ())
    return _arrive(replace(state, actions=_as_state(questions)), facts, ())


def with_actions(turn: Turn, questions: Sequence[Question]) -> Turn:
    """Return the same turn of a call that will ask about these commitments."""
    return replace(turn, state=replace(turn.state, actions=_as_state(questions)))


def _as_state(questions: Sequence[Question]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "code": one.code,
            "commune": one.commune,
            "number": one.number,
            "month": one.due.month,
            "year": one.due.year,
        }
        for one in questions
    )


def choices(state: State, facts: Facts) -> list[str]:
    """Return the codes offered by a list node in this state, over all pages."""
    kind = nodes()[state.node]["list"]
    if kind == "languages":
        return list(facts.languages)
    if kind == "kinds":
        return kinds(facts)
    if kind == "services":
        return [s.code for s in facts.services if state.kind in ("", s.kind)]
    if kind == "amounts":
        return amounts(speech.priced(state, facts))
    return [o.code for o in facts.by_code[state.service].options]


def amounts(request: dict[str, Any]) -> list[str]:
    """Return the sums above the official fee that may have been paid, in values of banknotes."""
    fee = request.get("fee")
    ladder = _SUMS[request.get("currency") or "KHR"]
    return [str(sum_) for sum_ in ladder if fee is None or sum_ > fee][:9]


def _go(state: State, node: str) -> State:
    """Move to another node and remember the present one for going back."""
    trail = (*state.back, state.node)[-12:]
    return replace(state, node=node, page=0, digits="", misses=0, back=trail)


def _home(state: State) -> State:
    home = "main" if state.language else "language"
    return State(home, language=state.language)


def _go_back(state: State) -> State:
    if state.page:
        return replace(state, page=state.page - 1, misses=0)
    if not state.back:
        return replace(state, misses=0)
    return replace(state, node=state.back[-1], back=state.back[:-1], page=0, digits="", misses=0)


def _pages(state: State, facts: Facts) -> int:
    return speech.pages(facts.by_code[state.service].option(state.option))


def _miss(state: State, facts: Facts, prompt: str) -> Turn:
    missed = replace(state, misses=state.misses + 1)
    if missed.misses >= TRIES:
        return _arrive(replace(missed, node="give_up"), facts, ())
    return _arrive(missed, facts, (prompt,))


def _pressed(state: State, node: dict[str, Any], key: dict[str, Any], facts: Facts) -> Turn:
    if "answer" in key:
        state = replace(state, answers=state.answers | {node["question"]: key["answer"]})
    effects = (key["effect"],) if "effect" in key else ()
    to = key["to"]
    moved = replace(state, misses=0) if to == state.node else _go(state, to)
    if LOOKED_UP & set(effects):
        # the caller of `step` goes on with `after_lookup` or `asked`
        return Turn((), moved, effects, of=moved)
    if effects and effects[0].startswith(ANSWERED):
        left = replace(moved, actions=state.actions[1:])
        turn = _arrive(left, facts, ("action.next",) if left.actions else ())
        return replace(turn, effects=effects, of=state)
    turn = _arrive(moved, facts, tuple(key.get("say", ())))
    return replace(turn, effects=effects, of=moved) if effects else turn


def per_page(node: dict[str, Any]) -> int:
    """Return how many choices of a list are read out at once."""
    return int(node.get("per_page", PER_PAGE))


def _chosen(state: State, node: dict[str, Any], key: str, facts: Facts) -> Turn:
    if key in node.get("keys", {}):
        return _pressed(state, node, node["keys"][key], facts)
    offered, size = choices(state, facts), per_page(node)
    if key == "9" and len(offered) > size:
        pages = -(-len(offered) // size)
        return _arrive(replace(state, page=(state.page + 1) % pages, misses=0), facts, ())
    page = offered[state.page * size :][:size]
    if not (key.isascii() and key.isdigit() and len(key) < 4) or not 1 <= int(key) <= len(page):
        return _miss(state, facts, "invalid")
    picked: dict[str, Any] = {node["set"]: page[int(key) - 1]}
    return _arrive(_go(replace(state, **picked), node["to"]), facts, ())


def _digits(state: State, node: dict[str, Any], key: str, facts: Facts) -> Turn:
    if key == "*":
        return _arrive(_go_back(state), facts, ())
    if key == "" and not state.digits:
        return _miss(state, facts, "silence")
    if not _DIGITS.fullmatch(key):
        return _miss(state, facts, "invalid")
    entered = state.digits + key.rstrip("#")
    if entered:
        return _appended(state, node, entered, key, facts)
    # only # was pressed: "I don't know"
    left = _go(state, node["empty_to"]) if "empty_to" in node else _home(state)
    return _done(left, node.get("effect_if_empty"), facts)


def _appended(state: State, node: dict[str, Any], entered: str, key: str, facts: Facts) -> Turn:
    """Append the digits entered; move on once the entry is complete or was ended."""
    if len(entered) < node["digits"] and key and not key.endswith("#"):
        return _arrive(replace(state, digits=entered, misses=0), facts, ())
    if len(entered) != node["digits"]:
        return _miss(replace(state, digits=""), facts, "invalid")
    if node.get("known") == "communes" and entered not in facts.communes:
        return _miss(replace(state, digits=""), facts, "tell.place.unknown")
    kept: dict[str, Any] = {node["set"]: entered}
    return _done(_go(replace(state, **kept), node["to"]), node.get("effect"), facts)


def _done(moved: State, effect: str | None, facts: Facts) -> Turn:
    turn = _arrive(moved, facts, ())
    return replace(turn, effects=(effect,), of=moved) if effect else turn


def _skipped(state: State, node: dict[str, Any], facts: Facts) -> str:
    """Return the node that replaces a question that does not apply; "" to ask it."""
    if node.get("list") in ONE_IS_CHOSEN:
        return str(node["to"]) if len(choices(state, facts)) == 1 else ""
    needed = node.get("skip_unless")
    lacking = {
        "commune": not facts.commune,
        "not_agreed": facts.agreed,
        "check": not facts.check,
        "actions": not state.actions,
    }
    if lacking.get(str(needed)):
        return str(node["otherwise"])
    if needed == "sums" and not choices(state, facts):
        return str(node["otherwise"])
    if needed == "fee_of_request":
        is_known = (state.request or {}).get("fee") is not None
        return "" if is_known else str(node["otherwise"])
    if needed == "several":
        several = facts.by_code[state.service].option(state.option).several
        return "" if several else str(node["otherwise"])
    if needed in {"fee", "days"}:
        option = facts.by_code[state.service].option(state.option)
        if {"fee": option.fee, "days": option.days_max}[needed] is None:
            return str(node["otherwise"])
    return ""


def _arrive(state: State, facts: Facts, before: tuple[str, ...]) -> Turn:
    """Enter ``state``: skip questions that do not apply, and say what it asks."""
    node = nodes()[state.node]
    if elsewhere := _skipped(state, node, facts):
        only: dict[str, Any] = {}
        if node.get("list") in ONE_IS_CHOSEN:
            only = {node["set"]: choices(state, facts)[0]}
        return _arrive(replace(state, node=elsewhere, page=0, **only), facts, before)
    if node.get("afresh"):
        # the report is stored by now; going back or hanging up must not store it again
        state = State(state.node, language=state.language, misses=state.misses)
    text = before + speech.say(node, state, facts, offered_in(node, state, facts))
    if node.get("end"):
        return Turn(text, state, ends=True)
    if "then" in node:
        return _arrive(State(node["then"], language=state.language), facts, text)
    wanted = node["digits"] - len(state.digits) if "digits" in node else 1
    return Turn(text, state, wanted=wanted)


def offered_in(node: dict[str, Any], state: State, facts: Facts) -> tuple[list[str], bool]:
    """Return the choices of the page read out, and whether there are more."""
    if "list" not in node:
        return [], False
    offered, size = choices(state, facts), per_page(node)
    return offered[state.page * size :][:size], len(offered) > size


def keys_to(service: str, facts: Facts) -> str:
    """Return the keys that lead from the main menu to the price of a service, such as "12".

    Return "" where no keys lead there. Posters print them: their readers need not listen to the
    menu.
    """
    wanted = facts.by_code.get(service)
    if wanted is None:
        return ""
    state, pressed = start(facts, facts.languages[0]).state, ""
    for node, target in (("main", wanted.kind), ("info.service", service)):
        if state.node != node:
            break
        offered, size = choices(state, facts), per_page(nodes()[node])
        place = offered.index(target)
        for key in "9" * (place // size) + str(place % size + 1):
            state, pressed = step(state, key, facts).state, pressed + key
    return pressed
