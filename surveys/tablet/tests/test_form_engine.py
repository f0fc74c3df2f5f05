"""Forms whose records differed from ODK Collect's, filled in by hand on the tablet."""

import re
from pathlib import Path

import pytest

from accounts.models import Programme
from surveys.models import AppUser, Submission
from surveys.submissions.tests import factories
from surveys.tablet.tests.hand import Hand

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CASES = Path(__file__).with_name("cases")
BACK, MORE, REMOVE = "ថយក្រោយ", "បន្ថែមមួយទៀត", "យកចេញ"
SETTINGS = "| settings |\n| | form_title | form_id | version |\n| | {title} | {name} | 1 |\n"


def case(name: str) -> str:
    """One of the shared cases, with a title to find it by."""
    text = next(CASES.glob(f"{name}-*.md")).read_text()
    return text + "\n" + SETTINGS.format(title=f"Case {name}", name=name)


@pytest.fixture
def forms(programme: Programme, tablet: AppUser) -> None:
    for name in ("f1", "f2", "f3", "f4", "f5"):
        factories.published(programme, case(name))


def back(hand: Hand) -> None:
    """Go to the question before; the count shows that the screen has changed."""
    count = hand.page.locator(".foot .count")
    before = count.text_content()
    hand.page.locator(".foot button", has_text=BACK).click()
    hand.page.locator(f".foot .count:not(:text-is('{before}'))").wait_for()


def more(hand: Hand) -> None:
    """Add a repeat instance, whose first question is then on screen."""
    hand.page.get_by_role("button", name=MORE).click()
    hand.page.locator(".question[data-path]").wait_for()


def finish(hand: Hand, name: str) -> str:
    """Finish and send; return the record as the server has it."""
    sent = Submission.objects.count() + 1
    hand.fill().finish().queue().until_state("sent", number=sent)
    hand.page.locator(".bar__back").click()
    hand.home()
    return bytes(Submission.objects.get(version__form__xml_form_id=name).xml).decode()


def values(xml: str, name: str) -> list[str]:
    return re.findall(rf"<{name}>([^<]*)</{name}>", xml)


def test_choices_lookups_and_hidden_answers_are_those_of_collect(forms: None, hand: Hand) -> None:
    hand.begin("Case f1")
    hand.answer("asked", "hl")
    hand.answer("asked", "fb")
    hand.next()
    hand.page.get_by_text("First: Hospital letter").wait_for()
    assert values(finish(hand, "f1"), "first") == ["Hospital letter"]

    hand.begin("Case f3").fill(until="fee", extra="yes", tea="500")
    hand.answer("fee", "1000")
    back(hand)
    back(hand)
    hand.answer("extra", "no")
    xml = finish(hand, "f3")
    assert (values(xml, "total"), values(xml, "tea")) == (["1000"], [])


def test_every_turn_has_its_own_lookups_and_defaults(forms: None, hand: Hand) -> None:
    today = hand.page.evaluate("new Date().toLocaleDateString('sv')")
    hand.begin("Case f2")
    hand.answer("kind", "b")
    hand.next()
    hand.page.get_by_text("Price 4000").wait_for()
    hand.next()
    more(hand)
    hand.answer("kind", "a")
    assert values(finish(hand, "f2"), "price") == ["4000", "1000"]

    hand.begin("Case f4").fill(until="what", what="one")
    hand.next()
    more(hand)
    assert values(finish(hand, "f4"), "on") == [today, today]


def test_a_lowered_count_sends_fewer_turns(forms: None, hand: Hand) -> None:
    hand.begin("Case f5")
    hand.answer("n", "3")
    for age in ("10", "20", "30"):
        hand.next()
        hand.answer("age", age)
    for _turn in range(3):
        back(hand)
    hand.answer("n", "1")
    xml = finish(hand, "f5")
    assert (values(xml, "age"), values(xml, "ages"), values(xml, "many")) == (["10"], ["10"], ["1"])


PEOPLE = """
| survey |
| | type | name | label |
| | begin repeat | person | Person |
| | text | called | Called |
| | end repeat | | |
| settings |
| | form_title | form_id | version |
| | People | people | 1 |
"""


def test_any_turn_can_be_taken_away(programme: Programme, tablet: AppUser, hand: Hand) -> None:
    factories.published(programme, PEOPLE)
    hand.sync()
    hand.begin("People")
    for name in ("Dara", "Srey", "Vanna"):
        hand.answer("called", name)
        hand.next()
        hand.page.locator(".turn", has_text=name).wait_for()
        if name != "Vanna":
            more(hand)
    hand.page.locator(".turn", has_text="Srey").get_by_role("button").click()
    hand.page.get_by_role("alertdialog").get_by_role("button", name=REMOVE).click()
    hand.page.locator(".turn").nth(2).wait_for(state="detached")
    xml = finish(hand, "people")
    assert values(xml, "called") == ["Dara", "Vanna"]


BROKEN = """
| survey |
| | type | name | label | calculation |
| | text | day | Day | |
| | text | other | Other | |
| | calculate | read | | if(${day} = '', '', date(${day})) |
| settings |
| | form_title | form_id | version |
| | Broken | broken | 1 |
"""


def test_a_rule_that_fails_is_told_and_the_answers_are_kept(
    programme: Programme, tablet: AppUser, hand: Hand
) -> None:
    factories.published(programme, BROKEN)
    hand.sync()
    hand.begin("Broken")
    hand.answer("day", "no day at all")
    hand.page.locator(".notice--bad", has_text="“no day at all”").wait_for()
    hand.next()
    hand.answer("other", "kept")
    xml = finish(hand, "broken")
    assert (values(xml, "day"), values(xml, "other")) == (["no day at all"], ["kept"])
    assert "<read/>" in xml
