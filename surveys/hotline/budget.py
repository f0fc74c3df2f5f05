"""The limit of a step's length: no step is longer than 25 seconds without a key.

Every clip has a longest length that follows from its words; together these keep every step under 25
seconds, which a test computes over the whole menu. The studio measures each new recording against
the steps that play it; a clip that is not recorded counts with its longest length.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from surveys.hotline import content, numbers, script, sound, speech, step_labels
from surveys.hotline import menu as menu_flow
from surveys.hotline.facts import Facts

MOST: Final = 25.0
"""Seconds of sound before a key is awaited."""
_SECONDS_A_SIGN: Final = {"en": 0.068}
_SECONDS_A_SIGN_OF_KHMER: Final = 0.085
"""Seconds per sign of Khmer.

Four and a half unhurried syllables a second, of about two and a half signs each.

Languages of the highlands, which are spoken from the Khmer words, are measured alike.
"""
_AT_LEAST: Final = 0.25
_PLACE: Final = 2.5
"""Seconds for a name of a place; the longest in the country are spoken in two."""

Seconds = Callable[[str], float]


@dataclass(frozen=True)
class Step:
    """The longest sound of one step: the node, its clips, their seconds."""

    node: str
    names: tuple[str, ...]
    seconds: float

    @property
    def title(self) -> str:
        """Return the step's name for people."""
        return step_labels.step(self.node)


def allowed(line: script.Line, language: str) -> float:
    """Return the longest that a recording of these words may last, in seconds."""
    if line.group == "place":
        return _PLACE
    words = line.words(language)
    count = sum(len(numbers.spelled(int(sign))) if sign.isdecimal() else 1 for sign in words)
    each = _SECONDS_A_SIGN.get(language, _SECONDS_A_SIGN_OF_KHMER)
    return _AT_LEAST + each * count


def lengths(language: str) -> dict[str, float]:
    """Return the seconds of every clip of a language.

    A clip that is not recorded has the longest length that is allowed.
    """
    loaded = content.content()
    seconds_of = {line.name: allowed(line, language) for line in script.lines(language)}
    recorded = {
        name: milliseconds / 1000
        for (code, name), (_sha, milliseconds) in loaded.clips.items()
        if code == language
    }
    return {
        name: seconds for name, seconds in seconds_of.items() if "sentence." not in name
    } | recorded


def check(name: str, language: str, seconds: float) -> None:
    """Raise ValidationError where a recording that long would make a step too long."""
    if name.startswith("place.") and seconds > _PLACE:
        raise ValidationError(
            _("The name of a place may last %(most)s seconds, this lasts %(seconds)s.")
            % {"most": _PLACE, "seconds": round(seconds, 1)}
        )
    seconds_of = lengths(language) | {name: seconds}
    for step in steps(content.content().facts, language, seconds_of):
        if step.seconds > MOST and name in step.names:
            over = step.seconds - MOST
            raise ValidationError(
                _(
                    "With this recording the step “%(step)s” would last longer than %(most)s "
                    "seconds. Speak it in %(seconds)s seconds or less."
                )
                % {
                    "step": step_labels.step(step.node),
                    "most": round(MOST),
                    "seconds": max(0.5, round(seconds - over / step.names.count(name) - 0.05, 1)),
                }
            )


def too_long(language: str) -> list[Step]:
    """Return steps that are longer than 25 seconds with the present recordings, each node once."""
    seconds_of = lengths(language)
    longest: dict[str, Step] = {}
    for step in steps(content.content().facts, language, seconds_of):
        if step.seconds > MOST:
            longest.setdefault(step.node, step)
    return list(longest.values())


def steps(facts: Facts, language: str, existing: dict[str, float]) -> list[Step]:
    """Return every step of the menu at its longest, the longest first."""

    def seconds(name: str) -> float:
        return existing.get(name, _PLACE)

    step_of: dict[tuple[str, tuple[str, ...]], Step] = {}
    for node, state in _states(facts, seconds):
        offered = menu_flow.offered_in(menu_flow.nodes()[node], state, facts)
        clips = speech.say(menu_flow.nodes()[node], state, facts, offered)
        for step_texts in _with_what_stands_before(node, clips):
            names = tuple(
                numbers.counted_in(language, _sentence(step_texts, state, facts, existing))
            )
            step_of.setdefault((node, names), Step(node, names, _length(names, seconds)))
    return sorted(step_of.values(), key=lambda step: -step.seconds)


def _length(names: tuple[str, ...], seconds: Seconds) -> float:
    gaps = sound.plan([(name, name) for name in names]).parts
    return sum(part / 1000 if isinstance(part, int) else seconds(part) for part in gaps)


def _sentence(
    names: tuple[str, ...], state: menu_flow.State, facts: Facts, existing: dict[str, float]
) -> list[str]:
    """Return the clips with the whole-sentence recording in place of those it replaces, where there
    is one.
    """
    sentence = content.sentence(state.service, state.option)
    menu = content.shortened(list(names), set(existing))
    names = tuple(content.named_or_spelled(menu, set()))
    if sentence not in existing:
        return list(names)
    option = facts.by_code[state.service].option(state.option)
    return content.replaced(list(names), (*speech.fee(option), *speech.days(option)), sentence)


def _with_what_stands_before(node: str, texts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the same step after a silence, a wrong key or a promise, and with the next menu."""
    menu = menu_flow.nodes()[node]
    if menu.get("end"):
        yield texts
        yield tuple(speech.INSTEAD.get(name, name) for name in texts)
        return
    if "then" in menu:
        texts = (*texts, *menu_flow.nodes()[menu["then"]]["say"])
    before = ["silence", "invalid", *(["tell.place.unknown"] if menu.get("known") else [])]
    for other in menu_flow.nodes().values():
        for key in other.get("keys", {}).values():
            if key["to"] == node:
                before += [*key.get("say", ()), *(speech.INSTEAD[x] for x in key.get("say", ()))]
    for name in before:
        yield (name, *texts)


def _states(facts: Facts, seconds: Seconds) -> Iterator[tuple[str, menu_flow.State]]:
    """Yield every node in every state that makes a difference to what is said there."""
    for node, menu in menu_flow.nodes().items():
        bare = menu_flow.State(node, language="km")
        spoken = {name for name in menu["say"] if name.startswith("@")}
        states: Iterator[menu_flow.State]
        if menu.get("list") == "options":
            states = (x for x in _of_services(bare, facts) if len(menu_flow.choices(x, facts)) > 1)
        elif menu.get("list") == "services":
            every = (replace(bare, kind=kind) for kind in menu_flow.kinds(facts))
            states = (x for x in every if len(menu_flow.choices(x, facts)) > 1)
        elif spoken & {"@service", "@fee", "@total", "@days", "@papers"}:
            states = _of_services(bare, facts)
        elif "@request" in spoken or "@fee_of_request" in spoken or menu.get("list") == "amounts":
            states = _of_requests(bare, facts, seconds)
        elif "@action" in spoken:
            states = _of_actions(bare, seconds)
        else:
            states = iter([bare])
        worst = str(max(range(10), key=lambda digit: seconds(numbers.clip(digit))))
        for state in states:
            full = replace(
                state, request_code=worst * 8, action_code=worst * 7, place_code=worst * 6
            )
            if "digits" in menu:
                yield node, replace(full, digits=worst * (menu["digits"] - 1))
            for page in range(_pages(menu, full, facts)):
                yield node, replace(full, page=page)


def _pages(menu: dict[str, Any], state: menu_flow.State, facts: Facts) -> int:
    if "list" in menu:
        return max(1, -(-len(menu_flow.choices(state, facts)) // menu_flow.per_page(menu)))
    if menu.get("paged"):
        return speech.pages(facts.by_code[state.service].option(state.option))
    return 1


def _of_services(bare: menu_flow.State, facts: Facts) -> Iterator[menu_flow.State]:
    for service in facts.services:
        for option in service.options:
            yield replace(bare, service=service.code, option=option.code)


def _of_requests(
    bare: menu_flow.State, facts: Facts, seconds: Seconds
) -> Iterator[menu_flow.State]:
    promised = _longest_day(seconds).isoformat()
    for service in facts.services:
        for option in service.options:
            fields = {"service": service.code, "overdue": True, "currency": option.currency}
            for day, far in ((promised, False), (promised, True), (None, False)):
                request = {**fields, "promised": day, "far": far, "fee": option.fee or 0}
                yield replace(bare, service=service.code, request=request)


def _of_actions(bare: menu_flow.State, seconds: Seconds) -> Iterator[menu_flow.State]:
    """Yield the commitment that takes longest to say, without a recording of its own words."""
    worst = str(max(range(10), key=lambda digit: seconds(numbers.clip(digit))))
    day = _longest_day(seconds)
    number = max(range(1, 100), key=lambda n: sum(seconds(x) for x in numbers.fragments(n)))
    fields = {"commune": worst * 6, "number": number, "code": worst * 7}
    yield replace(bare, actions=({**fields, "month": day.month, "year": day.year},))


def _longest_day(seconds: Seconds) -> date:
    """Return the day of this decade that takes longest to say."""

    def spoken(n: int) -> float:
        return sum(seconds(name) for name in numbers.fragments(n))

    month = max((1, 3, 5, 7, 8, 10, 12), key=lambda m: seconds(f"month.{m}"))
    return date(max(range(2020, 2040), key=spoken), month, max(range(1, 32), key=spoken))
