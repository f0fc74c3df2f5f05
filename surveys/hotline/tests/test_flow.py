"""Every state of the menu, walked with every key, silence and nonsense."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from surveys.commitments import Question
from surveys.hotline import menu, numbers, speech
from surveys.hotline.facts import Facts, Option, Request, Service

pytestmark = pytest.mark.slow

PROMPTS = json.loads((Path(menu.FLOW_FILE).parent / "prompts.json").read_text(encoding="utf-8"))[
    "prompts"
]


def option(code: str = "standard", **existing: object) -> Option:
    facts: dict[str, object] = {
        "fee": 5000,
        "fee_concession": None,
        "currency": "KHR",
        "days_max": 28,
        "day_kind": "working",
        "papers": ("id-card", "photo"),
    }
    return Option(code, **(facts | existing))  # type: ignore[arg-type]


FACTS = Facts(
    languages=("km", "en"),
    services=(
        Service("birth-registration", (option(fee=0, days_max=None),), "commune"),
        Service("id-card", (option(fee=0, fee_concession=0, papers=None),), "police"),
        Service("residence-book", (option(fee=None, days_max=10, day_kind="calendar"),), "police"),
        Service("death-registration", (option(fee=None, days_max=None, papers=None),), "commune"),
        Service(
            "passport-adult",
            tuple(
                option(c, fee=f, currency="USD", days_max=d)
                for c, f, d in (("normal", 100, 15), ("fast", 150, 7), ("express", 200, 1))
            ),
            "ministry",
        ),
        Service("certified-copy", (option(fee=1000, fee_concession=500, days_max=3),), "owso"),
    ),
    commune="010201",
    communes=frozenset({"010201", "010202", "010203"}),
    agreed=True,
)
DRAWN = replace(FACTS, check=True, by_code={})
"""A caller whose call was drawn: asked whether somebody may call to check what was told."""
STRANGER = replace(FACTS, commune="", agreed=False, by_code={})
QUESTIONS = [
    Question(code, "010201", number, date(2026, 6, 30), "text", "office", 1)
    for code, number in (("1234567", 3), ("7654321", 12))
]
REQUEST = Request("id-card", date(2026, 5, 4), overdue=True, fee=5000)
KEYS = ["", *"0123456789*#", "12", "123456", "12345678", "010201#", "nonsense", "٣"]


def pressed(*keys: str, facts: Facts = FACTS, language: str = "km") -> menu.Turn:
    turn = menu.start(facts, language)
    for key in keys:
        turn = menu.step(turn.state, key, facts)
        if "find_request" in turn.effects:
            turn = menu.after_lookup(turn.state, REQUEST, facts)
    return turn


def every_turn(facts: Facts) -> list[menu.Turn]:
    """All turns that any caller can ever reach, told apart by where they stand."""
    seen: dict[str, menu.Turn] = {}
    todo = [menu.start(facts), menu.start(facts, "km"), menu.start(facts, "km", node="followup")]
    todo.append(menu.with_actions(menu.start(facts, "km", node="action.call"), QUESTIONS[:1]))
    todo[2] = replace(
        todo[2],
        state=replace(
            todo[2].state,
            request={"service": "id-card", "promised": None, "overdue": False, "far": False},
        ),
    )
    while todo:
        turn = todo.pop()
        # the digits entered, and the way by which a node was reached, change nothing that follows
        state = replace(
            turn.state,
            back=turn.state.back[-1:],
            answers={},
            amount="",
            digits="1" * len(turn.state.digits),
            request_code="1" * len(turn.state.request_code),
            action_code="1" * len(turn.state.action_code),
            place_code="010201" if turn.state.place_code else "",
        )
        name = json.dumps(state.stored(), sort_keys=True) + str(turn.ends)
        if name in seen:
            continue
        seen[name] = turn
        if turn.ends:
            continue
        for key in KEYS:
            after = menu.step(state, key, facts)
            if "find_request" in after.effects:
                todo += [menu.after_lookup(after.state, r, facts) for r in (REQUEST, None)]
            elif menu.LOOKED_UP & set(after.effects):
                todo += [menu.asked(after.state, q, facts) for q in (QUESTIONS, [])]
            else:
                todo.append(after)
    return list(seen.values())


@pytest.fixture(scope="module", params=["known caller", "stranger", "drawn"])
def facts(request: pytest.FixtureRequest) -> Facts:
    return {"known caller": FACTS, "stranger": STRANGER, "drawn": DRAWN}[request.param]


@pytest.fixture(scope="module")
def turns(facts: Facts) -> list[menu.Turn]:
    return every_turn(facts)


def test_every_node_of_the_menu_can_be_reached(facts: Facts, turns: list[menu.Turn]) -> None:
    passing = {"tell.thanks", "request.unknown", "request.closed", "request.waiting"}
    passing |= {"action.thanks", "action.none"}
    optional = {
        "tell.place",
        "tell.units",
        "info.option",
        "tell.option",
        "tell.notice",
        "tell.notice.here",
    }
    reached = {t.state.node for t in turns}
    assert ("tell.check" in reached) == facts.check
    assert set(menu.nodes()) - reached - passing - {"too_long", "tell.check"} <= optional
    assert "tell.got" in reached


def test_every_turn_says_something_and_only_known_clips(turns: list[menu.Turn]) -> None:
    dynamic = ("service.", "option.", "language.", "document.", "month.", "number.", "place.")
    dynamic = (*dynamic, "commitment.")
    for turn in turns:
        assert turn.say
        for name in turn.say:
            assert name in PROMPTS or name.startswith(dynamic), name


def test_every_path_has_an_exit_by_doing_nothing(facts: Facts, turns: list[menu.Turn]) -> None:
    for turn in turns:
        after, silences = turn, 0
        while not after.ends:
            after = menu.step(after.state, "", facts)
            silences += 1
            assert silences <= menu.TRIES + 1, turn.state
        assert "goodbye" in after.say


def test_nobody_has_to_choose_among_more_than_five_things(turns: list[menu.Turn]) -> None:
    for turn in turns:
        node = menu.nodes()[turn.state.node]
        offered = sum(c.startswith("press.") and c != "press.9.more" for c in turn.say)
        assert offered <= 5
        if turn.state.node != "tell.units":  # the key is the number there
            assert len(node.get("keys", {})) <= 4


def test_the_first_price_is_three_keys_away_even_for_a_stranger() -> None:
    turn = pressed("1", "1", "1", facts=STRANGER, language="")
    assert "fee.official" in turn.say
    assert "fee.free" in turn.say


def test_telling_us_takes_at_most_five_keys_after_the_service() -> None:
    for path in (("1", "2", "3", "2", "1"), ("1", "1", "1", "1", "1"), ("4", "3", "3", "4", "1")):
        turn = pressed("8", "1", "3", *path)
        assert turn.effects == ("told",), path
        assert turn.of is not None
        assert len(turn.of.answers) + bool(turn.of.amount) == 5


def test_what_was_told_is_handed_over_whole() -> None:
    turn = pressed("8", "1", "3", "2", "2", "3", "2", "2", "010203")
    assert turn.say == (
        "tell.place.heard",
        *("place.010203", "place.0102", "place.01"),
        "digits.confirm",
    )
    assert turn.effects == ()
    turn = menu.step(turn.state, "1", FACTS)
    assert turn.effects == ("told",)
    assert turn.of is not None
    assert turn.of.service == "certified-copy"
    assert turn.of.place_code == "010203"
    assert turn.of.answers == {
        "got": "late",
        "paid": "more",
        "when": "last_month",
        "place": "other",
    }
    assert turn.of.amount == "10000", "the third of the sums above the fee of 1,000"


def test_a_code_that_is_no_communes_is_asked_again_and_a_wrong_one_can_be_taken_back() -> None:
    turn = pressed("8", "1", "3", "1", "1", "1", "1", "2", "990000")
    assert turn.state.node == "tell.place.code"
    assert turn.say[0] == "tell.place.unknown"
    turn = menu.step(turn.state, "010202", FACTS)
    assert turn.state.node == "tell.place.confirm"
    turn = menu.step(menu.step(turn.state, "2", FACTS).state, "010203", FACTS)
    assert "place.010203" in turn.say
    turn = menu.step(menu.step(turn.state, "2", FACTS).state, "#", FACTS)
    assert turn.effects == ("told",), "who does not know the code has told all the same"


def test_the_remembered_commune_is_named_before_it_is_asked_about() -> None:
    turn = pressed("8", "1", "3", "1", "1", "1", "1")
    assert turn.say == ("place.010201", "place.0102", "place.01", "tell.place.same")


def test_who_tells_hears_first_who_asks_and_may_go_back_to_information() -> None:
    turn = pressed("8", "1", facts=STRANGER)
    assert turn.say == ("tell.notice",)
    assert menu.step(turn.state, "2", STRANGER).state.node == "main"
    assert menu.step(turn.state, "1", STRANGER).effects == ("agreed",)
    after = pressed("1", "1", "3", facts=STRANGER)
    assert after.say == ("tell.notice",)
    assert menu.step(after.state, "2", STRANGER).state.node == "info.answer"
    assert menu.step(after.state, "1", STRANGER).state.node == "tell.got"
    assert pressed("8", "1").state.node == "tell.kind", "asked once of each caller"


def test_a_drawn_caller_is_asked_once_more_and_what_was_told_is_handed_over_before() -> None:
    place = ("8", "1", "3", "1", "1", "1", "1")
    for last in ("1", "2"):
        asked = pressed(*place, *(("1",) if last == "1" else ("2", "#")), facts=DRAWN)
        assert asked.effects == ("told",)
        assert asked.of is not None
        assert asked.of.answers["got"] == "in_time"
        assert asked.say == ("tell.check",)
        assert asked.state == menu.State("tell.check", language="km"), "nothing to tell twice"
    yes = menu.step(asked.state, "1", DRAWN)
    assert yes.effects == ("check",)
    assert yes.say[:2] == ("callback.promised", "tell.thanks")
    for key in ("2", ""):
        no = menu.step(asked.state, key, DRAWN)
        assert (no.effects, no.say[0], no.state.node) == ((), "tell.thanks", "other")
    for key in ("0", "*", "7"):
        again = menu.step(asked.state, key, DRAWN)
        assert (again.effects, again.state.node) == ((), "tell.check")
    assert pressed(*place, "1").say[0] == "tell.thanks", "who is not drawn is not asked"


def test_nobody_is_asked_about_a_fee_or_time_that_was_never_published() -> None:
    turn = pressed("8", "1", "1", "2", "1")  # death registration: neither fee nor days
    assert turn.state.node == "tell.staff"


PER_SHEET = replace(
    FACTS,
    services=(
        Service("certified-copy", (option(fee=1000, days_max=3, fee_unit="sheet"),), "owso"),
    ),
    by_code={},
)


def test_a_price_per_sheet_is_said_so_and_multiplied_by_the_sheets_that_were_told() -> None:
    heard = pressed("1", facts=PER_SHEET)
    assert heard.say[3:6] == ("number.1000", "unit.riel", "unit.per-sheet")
    asked = pressed("8", "1", "1", "1", facts=PER_SHEET)
    assert asked.say == ("tell.units",)
    paid = menu.step(asked.state, "3", PER_SHEET)
    total = ("fee.total", "number.3", "number.1000", "unit.riel")
    assert paid.say == (*total, "tell.paid")
    more = menu.step(paid.state, "2", PER_SHEET)
    assert more.say[1:4] == ("number.5", "number.1000", "unit.riel"), "sums above three sheets"
    unknown = menu.step(asked.state, "9", PER_SHEET)
    assert unknown.say[:4] == ("fee.official", "number.1", "number.1000", "unit.riel")


@pytest.mark.parametrize(
    ("papers", "complete", "texts"),
    [
        (("id-card",), True, ("papers.intro", "document.id-card")),
        (("id-card",), False, ("papers.intro", "document.id-card", "papers.partial")),
        ((), True, ("papers.none",)),
        (None, False, ("papers.unknown",)),
    ],
)
def test_a_list_of_papers_is_whole_partial_empty_or_unknown(
    papers: tuple[str, ...] | None, complete: bool, texts: tuple[str, ...]
) -> None:
    one = option(papers=papers, papers_complete=complete)
    assert speech.papers(one) == speech.papers_of(one, 0) == texts


def test_of_a_long_partial_list_only_the_last_page_says_that_it_is_partial() -> None:
    one = option(papers=("a", "b", "c"), papers_complete=False)
    assert "papers.partial" not in speech.papers_of(one, 0)
    assert "papers.partial" in speech.papers_of(one, 1)


def test_keys_for_posters_lead_to_the_price() -> None:
    for service in FACTS.services:
        turn = pressed(*menu.keys_to(service.code, FACTS))
        assert turn.state.service == service.code
        assert turn.state.node in {"info.answer", "info.option"}
    assert menu.keys_to("no-such-service", FACTS) == ""


def test_digits_are_appended_when_the_caller_hesitates() -> None:
    turn = pressed("8", "2", "12", "345")
    assert turn.state.digits == "12345"
    assert turn.wanted == 3
    assert turn.say == (
        "digits.heard",
        *(f"number.{d}" for d in (1, 2, 3, 4, 5)),
        "digits.continue",
    )
    turn = menu.step(turn.state, "678", FACTS)
    assert turn.state.node == "request.confirm"
    assert turn.state.request_code == "12345678"


def test_a_code_that_is_too_short_is_asked_again() -> None:
    turn = pressed("8", "2", "12#")
    assert turn.state.node == "request.code"
    assert turn.say[0] == "invalid"
    assert turn.state.digits == ""


def test_a_late_request_is_said_with_its_promised_day() -> None:
    turn = pressed("8", "2", "12345678", "1")
    assert turn.say[:3] == ("service.id-card", "request.promised", "date.day")
    assert "month.5" in turn.say
    assert "request.late" in turn.say
    assert "date.year" not in turn.say
    assert menu.step(turn.state, "3", FACTS).effects == ("close_request",)
    far = menu.after_lookup(turn.state, replace(REQUEST, far=True), FACTS)
    assert "date.year" in far.say
    assert "request.late" not in far.say, "a year ago needs no telling"


@pytest.mark.parametrize(
    ("keys", "answers", "amount"),
    [
        ("1211", {"days_ago": "1", "paid": "official", "visits": "1"}, ""),
        ("1424", {"days_ago": "7", "paid": "nothing", "visits": "4"}, ""),
        ("11323", {"days_ago": "0", "paid": "more", "visits": "3"}, "20000"),
        ("1342", {"days_ago": "3", "paid": "unknown", "visits": "2"}, ""),
    ],
)
def test_a_request_is_closed_with_what_it_cost_in_at_most_five_single_keys(
    keys: str, answers: dict[str, str], amount: str
) -> None:
    assert len(keys) <= 5
    turn = pressed("8", "2", "12345678", "1", *keys)
    assert turn.effects == ("close_request",)
    assert turn.of is not None
    assert turn.of.answers == {"status": "received"} | answers
    assert turn.of.amount == amount


def test_only_sums_above_the_fee_are_offered_and_each_is_said(turns: list[menu.Turn]) -> None:
    turn = pressed("8", "2", "12345678", "1", "1", "1", "3")
    assert turn.say[:5] == ("close.amount", "number.1", "number.10000", "unit.riel", "press.1")
    assert "press.9.more" in turn.say
    assert all(int(x) > 5000 for x in menu.amounts({"fee": 5000, "currency": "KHR"}))
    assert menu.amounts({"fee": None, "currency": "USD"})[0] == "0"


def test_a_long_list_of_papers_is_heard_two_at_a_time() -> None:
    many = Service("book", (option(papers=tuple("abcdefghij")),))
    facts = replace(FACTS, services=(many,), by_code={})
    turn = pressed("1", "1", "1", facts=facts)
    heard: list[str] = []
    for _page in range(5):
        papers = [name for name in turn.say if name.startswith("document.")]
        assert len(papers) == 2
        assert "press.9.more" in turn.say
        heard += papers
        turn = menu.step(turn.state, "9", facts)
    assert heard == [f"document.{x}" for x in "abcdefghij"]
    assert turn.state.page == 0


def test_back_and_home_mean_the_same_everywhere() -> None:
    assert pressed("1", "1", "*").state.node == "info.service"
    assert pressed("8", "*").state.node == "main"
    assert pressed("1", "1", "#").state.node == "main"


def test_a_state_survives_being_stored() -> None:
    state = pressed("8", "1", "3", "1").state
    assert menu.State.read(json.loads(json.dumps(state.stored()))) == state


@pytest.mark.parametrize("amount", [0, 400, 1000, 5000, 10_000, 20_000, 30_000, 12_500])
def test_the_fee_spoken_is_the_fee_known(amount: int) -> None:
    money = speech.money(amount, "KHR")
    if amount == 0:
        assert money == ("fee.free",)
    else:
        assert numbers.decoded(list(money[:-1])) == amount
        assert money[-1] == "unit.riel"
