"""No step is longer than 25 seconds without a key: in Khmer, by the lengths that are allowed."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from places.models import Kind, Level, Place
from standards import loading
from standards.models import Standard
from surveys.hotline import budget, content, recording, script, sound
from surveys.hotline import menu as menu_flow
from surveys.hotline.models import Clip, Language
from surveys.hotline.setting_up import load_hotline
from surveys.hotline.tests.conftest import record
from surveys.hotline.tests.phone import Phone
from surveys.hotline.tests.test_flow import every_turn
from surveys.hotline.tests.test_recording import voice

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
Heard = Callable[[Phone], list[str]]


@pytest.fixture
def published(db: None) -> None:
    """Every standard that the platform comes with, and every language."""
    loading.load_services()
    loading.load_documents()
    loading.load_standards()
    load_hotline()
    content.forget()
    assert Standard.objects.in_force(timezone.localdate()).count() >= 15


@pytest.mark.parametrize("language", ["km", "en", "cmo", "tpu", "krr", "jra"])
def test_with_every_clip_at_its_longest_no_step_is_longer_than_25_seconds(
    published: None, language: str
) -> None:
    lengths = budget.lengths(language)
    steps = budget.steps(content.content().facts, language, lengths)
    assert len(steps) > 100
    assert {step.node for step in steps} == set(menu_flow.nodes())
    longest = steps[0]
    assert 15 < longest.seconds <= budget.MOST, (longest.node, longest.seconds, longest.names)
    own = ("place.", "commitment.")
    assert all(name in lengths or name.startswith(own) for s in steps for name in s.names)


def test_the_longest_step_of_each_node_is_no_shorter_than_any_that_is_heard(
    published: None,
) -> None:
    """A second way: walk the menu as callers do, and add up what is said there."""
    lengths = budget.lengths("km")
    facts = content.content().facts
    most = {}
    for step in budget.steps(facts, "km", lengths):
        most.setdefault(step.node, step.seconds)
    for turn in every_turn(facts):
        menu = content.shortened(list(turn.say), set(lengths))
        names = content.named_or_spelled(menu, set())
        parts = sound.plan([(name, name) for name in names]).parts
        total = sum(p / 1000 if isinstance(p, int) else lengths.get(p, 2.5) for p in parts)
        through = [
            n for n, menu in menu_flow.nodes().items() if menu.get("then") == turn.state.node
        ]
        assert total <= max(most[n] for n in (turn.state.node, *through)) + 0.001, turn.say


def test_a_recording_that_makes_a_step_too_long_is_refused_and_says_how_long_it_may_be(
    published: None,
) -> None:
    khmer = Language.objects.get(code="km")
    with pytest.raises(ValidationError) as refused:
        recording.keep(by=None, language=khmer, name="welcome", upload=voice(seconds=22))
    assert "25" in refused.value.messages[0]
    assert not Clip.objects.filter(language=khmer).exists()
    recording.keep(by=None, language=khmer, name="welcome", upload=voice(seconds=2))
    with pytest.raises(ValidationError):
        recording.keep(by=None, language=khmer, name="place.010201", upload=voice(seconds=5))


def test_every_recording_within_its_own_length_is_taken(published: None) -> None:
    needed = [line for line in script.lines("km") if not line.optional]
    for line in needed[::6]:  # of every group some
        budget.check(line.name, "km", budget.allowed(line, "km"))


def test_every_line_of_the_script_and_every_place_can_be_recorded_by_its_name(
    published: None,
) -> None:
    for code, level, kind in (
        ("01", Level.PROVINCE, Kind.KHET),
        ("0102", Level.DISTRICT, Kind.SROK),
        ("010201", Level.COMMUNE, Kind.KHUM),
    ):
        above = code[:-2] or None
        Place.objects.create(
            code=code, level=level, kind=kind, name_km="ក", name_latin="A", parent_id=above
        )
    for line in [*script.lines("km")[::8], *script.places("01")]:
        assert script.line(line.name, "km") == line
    assert script.line("place.999999", "km") is None
    assert script.line("no.such.line", "km") is None
    khmer = Language.objects.get(code="km")
    record("tell.place.unknown")
    assert script.places_recorded(khmer) == 0
    record("place.01")
    assert script.places_recorded(khmer) == 1
    states = {entry.line.name: entry.state for entry in script.entries(khmer, "01")}
    assert (states["place.01"], states["place.010201"]) == ("recorded", "missing")


def test_the_studio_names_the_steps_that_have_become_too_long(published: None) -> None:
    assert budget.too_long("km") == []
    record("main.other", milliseconds=20_000)
    content.forget()
    too_long = budget.too_long("km")
    assert {step.node for step in too_long} >= {"main"}
    assert all(step.seconds > budget.MOST for step in too_long)


def test_a_commune_is_said_by_its_name_or_by_the_digits_of_its_code_and_never_in_silence(
    dial: Dial, recorded: list[str], heard: Heard
) -> None:
    phone = dial().keys("18111")
    while phone.wanted == 1:
        phone.press("2" if "tell.place.same" in heard(phone) else "1")
    assert heard(phone.press("999999"))[0] == "tell.place.unknown"
    spoken = ("tell.place.heard", *(f"number.{d}" for d in (0, 1, 0, 2, 0, 1)), "digits.confirm")
    assert tuple(heard(phone.press("010201"))) == spoken
    for code in ("place.010201", "place.01"):
        record(code)
    content.forget()
    phone.press("0")
    assert heard(phone)[1:3] == ["place.010201", "place.01"]


@pytest.mark.parametrize(
    ("names", "missing", "heard"),
    [
        ("fee.official number.1 number.10000 unit.riel days.unknown", "number.10000", "days.unknown"),
        ("fee.official fee.free days.unknown", "fee.free", "days.unknown"),
        ("service.choose service.a press.1 service.b press.2", "service.a", "service.choose service.b press.2"),
        ("digits.heard number.1 number.2 digits.confirm", "number.2", "digits.confirm"),
        ("other.tell press.9.more", "other.tell", "press.9.more"),
    ],
)  # fmt: skip
def test_a_number_or_a_choice_of_which_a_word_is_missing_is_left_out_whole(
    names: str, missing: str, heard: str
) -> None:
    recorded = set(names.split()) - {missing}
    assert content.sayable(names.split(), recorded) == heard.split()
    assert content.sayable(names.split(), set(names.split())) == names.split()


MOST_REQUESTED = 10
PATIENCE = 30.0


def test_a_first_price_of_the_ten_first_services_takes_three_keys_and_thirty_seconds(
    published: None,
) -> None:
    """By the longest lengths allowed, for who hears of each key before it is pressed."""
    lengths = budget.lengths("km")
    facts = content.content().facts
    slow = {}
    for service in facts.services[:MOST_REQUESTED]:
        keys = "1" + menu_flow.keys_to(service.code, facts)
        turn, heard = menu_flow.start(facts), 0.0
        for key in keys:
            heard += _until(turn.say, f"press.{key}", lengths)
            turn = menu_flow.step(turn.state, key, facts)
        heard += _until(turn.say, "days", lengths)
        if len(keys) > 3 or heard > PATIENCE:
            slow[service.code] = (keys, round(heard, 1))
    assert not slow


def _until(say: tuple[str, ...], end: str, existing: dict[str, float]) -> float:
    """Seconds of a step until its clip ``end`` has been said, or until the fee was."""
    names = content.shortened(list(say), set(existing))
    stop = next((i for i, name in enumerate(names) if name.startswith(end)), len(names) - 1)
    last = stop if end.startswith("press.") else stop - 1
    parts = sound.plan([(name, name) for name in names[: last + 1]]).parts
    return sum(p / 1000 if isinstance(p, int) else existing.get(p, 2.5) for p in parts)
