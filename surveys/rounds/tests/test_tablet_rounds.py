"""A tablet in rounds: a killed app, an information session, a wrong code.

The whole meeting on two tablets stands in ``scorecards.plans.tests.test_year_in_chromium``.
"""

from collections.abc import Callable

import pytest

from surveys.models import AppUser
from surveys.rounds.models import InformationSession, Round
from surveys.rounds.tests.meeting_in_chromium import (
    CORE,
    open_round,
    part,
    record_people,
    row,
    tablet_hand,
)
from surveys.tablet.tests.conftest import nothing_remembered, people, programme, tablet
from surveys.tablet.tests.hand import Hand

__all__ = ["nothing_remembered", "people", "programme", "row", "tablet", "tablet_hand"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_killed_app_goes_on_in_the_middle_of_a_ballot(
    row: Round, tablet: AppUser, tablet_hand: Callable[[AppUser, str], Hand]
) -> None:
    hand = tablet_hand(tablet, "ដារា")
    open_round(hand, row)
    hand.page.locator("[data-kind='self_assessment']").click()
    record_people(hand, women=2, men=0)
    part(hand, "votes")
    hand.page.locator("[data-start='1']").click()
    hand.page.locator("[data-criterion='CA-P1'] [data-score='4']").click()
    hand.page.locator("[data-criterion='CA-P2']").wait_for()
    hand.page.reload()
    hand.person("ដារា", "1234", new=False).home()
    hand.page.locator("[data-rounds]").click()
    hand.page.locator("[data-kind='self_assessment']").click()
    hand.page.locator("[data-criterion='CA-P2']").wait_for()
    for code in CORE[1:]:
        hand.page.locator(f"[data-criterion='{code}'] [data-score='3']").click()
    hand.page.locator("[data-voted='1']").wait_for()


def test_a_session_is_recorded_without_a_network_and_sent_later(
    row: Round, tablet: AppUser, tablet_hand: Callable[[AppUser, str], Hand]
) -> None:
    hand = tablet_hand(tablet, "ដារា")
    hand.page.locator("[data-rounds]").click()
    hand.page.context.set_offline(True)
    hand.page.get_by_role("button", name="កត់ត្រាវគ្គផ្តល់ព័ត៌មាន").click()
    hand.page.locator("#s-commune").select_option("010201")
    hand.page.locator("#s-topic").fill("តម្លៃសេវា")
    hand.page.locator("#s-people").fill("១២")
    hand.page.locator("#s-women").fill("20")
    hand.page.locator(".foot .main").click()
    hand.page.locator(".notice--bad").wait_for()
    hand.page.locator("#s-women").fill("7")
    hand.page.locator(".foot .main").click()
    hand.page.locator("[data-out='ready']").wait_for()
    assert not InformationSession.objects.exists()
    hand.page.context.set_offline(False)
    hand.page.locator("[data-out]").wait_for(state="detached", timeout=45_000)
    session = InformationSession.objects.get()
    assert (session.people, session.women, session.channel) == (12, 7, "tablet")
    assert session.programme is not None


def test_a_wrong_code_is_told_in_a_sentence(
    row: Round, tablet: AppUser, tablet_hand: Callable[[AppUser, str], Hand]
) -> None:
    hand = tablet_hand(tablet, "ដារា")
    hand.page.locator("[data-rounds]").click()
    hand.page.locator("#round-code").fill("១២៣")
    hand.page.locator("form button.main").click()
    assert "លេខកូដ" in str(hand.page.locator(".notice--bad").text_content())
