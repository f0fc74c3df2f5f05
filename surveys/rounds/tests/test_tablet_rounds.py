"""A tablet in rounds: what is heard and spoken, a killed app, an information session, a wrong code.

The whole meeting on two tablets is in ``scorecards.plans.tests.test_year_in_chromium``.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Programme, User
from conftest import wait_for_page
from surveys.hotline import content
from surveys.hotline.models import Language
from surveys.hotline.tests.conftest import record
from surveys.models import AppUser
from surveys.rounds.models import Criterion, InformationSession, Round
from surveys.rounds.tests.meeting_in_chromium import (
    CORE,
    back,
    open_round,
    part,
    record_people,
    row,
    tablet_hand,
    vote,
)
from surveys.tablet.tests.conftest import nothing_remembered, people, programme, tablet
from surveys.tablet.tests.hand import Hand

__all__ = ["nothing_remembered", "people", "programme", "row", "tablet", "tablet_hand"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# the test machine has no microphone: its stream is a tone; what was played to its end is noted
SOUND = """() => {
  navigator.mediaDevices.getUserMedia = async () => {
    const sound = new AudioContext(); const tone = sound.createOscillator();
    const out = sound.createMediaStreamDestination();
    tone.connect(out); tone.start(); return out.stream;
  };
  const play = HTMLMediaElement.prototype.play;
  window.heard = 0;
  window.spoken = 0;
  HTMLMediaElement.prototype.play = function () {
    this.addEventListener("ended", () => window.heard++, { once: true });
    return play.call(this);
  };
  const add = MediaRecorder.prototype.start;
  MediaRecorder.prototype.start = function () {
    this.addEventListener("dataavailable", (event) => { window.spoken += event.data.size; });
    add.call(this, 100);
  };
}"""


@pytest.fixture
def spoken_standard(programme: Programme) -> Iterator[str]:
    """The name of one service, spoken on the hotline in Khmer."""
    Language.objects.update_or_create(
        code="km", defaults={"name_km": "ខ្មែរ", "name_en": "Khmer", "is_open": True}
    )
    record("service.birth-registration")
    content.forget()
    yield "birth-registration"
    content.forget()


def listen(hand: Hand, where: str, times: int) -> None:
    """Tap what is to be heard, until it has been played to its end this many times."""
    hand.page.locator(where).first.click()
    wait_for_page(hand.page, "(n) => window.heard >= n", times)


def test_standards_are_heard_and_a_criterion_is_spoken_without_a_network_and_heard_later(
    row: Round,
    tablet: AppUser,
    people: list[User],
    tablet_hand: Callable[[AppUser, str], Hand],
    spoken_standard: str,
    sign_in: Callable[..., Any],
    new_context: Callable[..., Any],
    live_server: Any,
) -> None:
    hand = tablet_hand(tablet, "ដារា")
    hand.page.context.grant_permissions(["microphone"])
    hand.page.evaluate(SOUND)
    open_round(hand, row)
    hand.page.locator("[data-sounds='all']").wait_for()
    hand.page.context.set_offline(True)
    hand.page.locator("[data-kind='community']").click()
    record_people(hand, women=1, men=0)
    part(hand, "standards")
    listen(hand, "[data-listen]", 1)
    hand.page.locator(".foot .main").click()
    part(hand, "criteria")
    for code in CORE:
        hand.page.locator(f"[data-key='{code}']").click()
    hand.page.locator("[data-record='']").click()
    wait_for_page(hand.page, "() => window.spoken > 1000")
    hand.page.locator("[data-record='']").click()
    listen(hand, "[data-hear]", 2)
    back(hand)
    part(hand, "votes")
    vote(hand, [2, 2, 3, 4, 5, 1])
    back(hand)
    part(hand, "notes")
    for _criterion in range(6):
        hand.page.locator("#suggestions").fill("បើកទាន់ម៉ោង")
        hand.page.locator(".foot .main").click()
    part(hand, "finish")
    hand.page.locator(".foot .main").click()
    hand.page.context.set_offline(False)
    hand.page.locator("[data-state='sent']").wait_for(timeout=45_000)

    spoken = Criterion.objects.exclude(voice="").get()
    assert (spoken.text, spoken.indicator_code, spoken.kept) == ("", "", True)
    with spoken.voice.open("rb") as file:
        assert file.read(4) == b"\x1aE\xdf\xa3", "a WebM file"
    # the staff, who score the same criterion, and the large screen hear it on the tablet
    hand.page.context.set_offline(True)
    hand.page.locator("[data-kind='self_assessment']").click()
    record_people(hand, women=1, men=0)
    part(hand, "votes")
    hand.page.locator("[data-start]").click()
    for code in CORE:
        hand.page.locator(f"[data-criterion='{code}'] [data-score='3']").click()
    listen(hand, "[data-hear]", 3)
    hand.page.locator("[data-score='5']").click()
    hand.page.locator("[data-voted='1']").wait_for()
    back(hand)
    part(hand, "finish")
    hand.page.locator(".foot .main").click()
    hand.page.context.set_offline(False)
    hand.page.locator("[data-kind='self_assessment'][data-state='sent']").wait_for(timeout=45_000)
    hand.page.locator("[data-interface]").click()
    listen(hand, "[data-projector] [data-hear]", 4)
    # and a person who may read the round hears it on its page
    page = new_context().new_page()
    sign_in(page, people[0])
    page.goto(live_server.url + reverse("rounds:round", args=[row.uuid]))
    page.locator("audio").evaluate("(sound) => { sound.muted = true; return sound.play(); }")
    wait_for_page(page, "() => document.querySelector('audio').ended")


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
