"""Steps that hold a round's meeting in a real browser, for tests of rounds and of plans.

Two tablets, a meeting without a network, an interruption, three phones, and a late sending.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Programme, User
from surveys.forms import tablets
from surveys.models import AppUser, Vote
from surveys.rounds.models import Handover, Round, RoundMeeting
from surveys.rounds.reading import results_of
from surveys.rounds.services.ballots import make_cards
from surveys.rounds.services.plan import PlannedRound, plan_round
from surveys.tablet.tests.hand import Hand

CORE = ("CA-P1", "CA-P2", "CA-P3", "CA-P4", "CA-P5")


@pytest.fixture
def row(programme: Programme, tablet: AppUser) -> Round:
    from django.core.management import call_command

    call_command("load_roles", verbosity=0)
    today = timezone.localdate()
    planned = PlannedRound(
        provider="hall-010201", commune="010201", period=(today.year, None), programme="test",
        met_on=date(today.year, 12, 31),
    )  # fmt: skip
    return plan_round(by=None, planned=planned, job="test")[0]


@pytest.fixture
def tablet_hand(
    live_server: Any, new_context: Callable[..., Any], programme: Programme, people: list[User]
) -> Callable[[AppUser, str], Hand]:
    reverse("tablet:app")

    def make(of: AppUser, name: str) -> Hand:
        context = new_context(viewport={"width": 800, "height": 1280}, has_touch=True)
        code = tablets.new_code(tablet=of, by=None)
        return Hand(context.new_page(), live_server.url).enrol(code).person(name, "1234").home()

    return make


def open_rounds(hand: Hand) -> None:
    hand.page.locator("[data-rounds]").click()


def open_round(hand: Hand, row: Round) -> None:
    open_rounds(hand)
    hand.page.locator("#round-code").fill(row.code)
    hand.page.locator("form button.main").click()
    hand.page.locator(f"[data-round='{row.code}']").wait_for()


def part(hand: Hand, name: str) -> None:
    hand.page.locator(f"[data-part='{name}']").click()


def back(hand: Hand) -> None:
    hand.page.locator(".bar__back").click()


def record_people(hand: Hand, women: int, men: int) -> None:
    part(hand, "attendance")
    for sex, number in (("women", women), ("men", men)):
        for _n in range(number):
            hand.page.locator(f"[data-add='{sex}']").click()
    back(hand)


def vote(hand: Hand, scores: list[int]) -> None:
    """One person's whole ballot; the screen of the next person shows that it was counted."""
    before = int(str(hand.page.locator("[data-voted]").get_attribute("data-voted")))
    hand.page.locator("[data-start]").click()
    for place, score in enumerate(scores):
        hand.page.locator(".foot .count").wait_for()
        assert hand.page.locator("[data-criterion]").count() == 1, place
        hand.page.locator(f"[data-score='{score}']").click()
    hand.page.locator(f"[data-voted='{before + 1}']").wait_for()


def hold_meeting_on_two_tablets(
    row: Round, programme: Programme, tablet: AppUser, people: list[User],
    tablet_hand: Callable[[AppUser, str], Hand], live_server: Any, new_context: Callable[..., Any],
) -> Hand:  # fmt: skip
    """Hold the meeting of a round, offline and interrupted; return the tablet that sent it."""
    cards = make_cards(by=None, round=row, cards=5)
    first = tablet_hand(tablet, "ដារា")
    open_round(first, row)
    # from here on the first tablet has no network
    first.page.context.set_offline(True)
    first.page.locator("[data-kind='community']").click()
    record_people(first, women=4, men=4)
    part(first, "standards")
    first.page.locator(".foot .main").click()
    part(first, "criteria")
    for code in CORE:
        first.page.locator(f"[data-key='{code}']").click()
    first.page.locator("#own").fill("ទឹកស្អាត")
    first.page.locator("main form button[type=submit]").click()
    first.page.locator("[data-key^='v']").wait_for()
    back(first)
    part(first, "votes")
    for n in range(4):
        vote(first, [1 + n, 2, 3, 4, 5, 1])
    address = ""
    first.page.locator("[data-way='phones']").click()
    address = str(first.page.locator("[data-address]").get_attribute("data-address"))
    back(first)
    # the battery is nearly empty: another tablet continues
    part(first, "handOver")
    number = str(first.page.locator("[data-number]").get_attribute("data-number"))
    first.page.locator(".foot .main").click()
    first.page.locator("[data-state='handed']").wait_for()
    first.page.context.set_offline(False)
    first.page.locator("[data-out]").wait_for(state="detached", timeout=45_000)
    kept = Handover.objects.get(round=row)
    assert len(kept.ciphertext) % 16_384 == 28 + 16

    # three people vote on their own phones meanwhile
    for n, card in enumerate(cards[:3]):
        phone = new_context(viewport={"width": 360, "height": 640}).new_page()
        phone.goto(re.sub(r"^https?://[^/]+", live_server.url, address))
        for _criterion in range(6):
            phone.locator(f"[data-score='{n + 2}']").click()
        phone.locator("#number").fill(card)
        phone.locator("button.main").click()
        phone.locator(".good").wait_for()
        assert phone.context.cookies() == []
        assert "#" not in phone.url

    second_tablet, _token = tablets.make_tablet(
        programme=programme, name="Tablet 2", by=None, people=people
    )
    second = tablet_hand(second_tablet, "ស្រី")
    open_round(second, row)
    second.page.locator("[data-take='community']").click()
    second.page.locator("#hand").fill("0000 0000 0000 0000")
    second.page.locator("form .main").click()
    second.page.locator(".notice--bad").wait_for()
    second.page.locator("#hand").fill(number)
    second.page.locator("form .main").click()
    second.page.context.set_offline(True)
    part(second, "votes")
    assert second.page.locator("[data-voted]").get_attribute("data-voted") == "4"
    for n in range(4):
        vote(second, [5 - n, 2, 3, 4, 5, 1])
    second.page.locator("[data-way='cards']").click()
    second.page.locator("[data-cards='CA-P1'] input").nth(2).fill("០")
    back(second)
    part(second, "finish")
    assert second.page.locator("[data-missing]").get_attribute("data-missing") == "6"
    back(second)
    part(second, "notes")
    for _criterion in range(6):
        second.page.locator("#suggestions").fill("បើកទាន់ម៉ោង")
        second.page.locator(".foot .main").click()
    part(second, "attendance")
    for _n in range(3):  # those of the phones
        second.page.locator("[data-add='women']").click()
    back(second)
    part(second, "finish")
    second.page.locator(".foot .main").click()
    second.page.locator("[data-state='sending']").wait_for()
    assert not RoundMeeting.objects.exists()
    second.page.context.set_offline(False)
    second.page.locator("[data-state='sent']").wait_for(timeout=45_000)

    meeting = RoundMeeting.objects.get(round=row)
    assert (meeting.people, meeting.voters_tablet, meeting.voters_phones) == (11, 8, 3)
    results = {r.criterion.key: r.community for r in results_of(row)}
    assert results["CA-P1"].counts == [1, 3, 3, 3, 1]
    assert results["CA-P2"].counts == [0, 9, 1, 1, 0]
    assert sum(r.n for r in results.values()) == 66
    # four women and four men: too few to be shown by group
    assert not Vote.objects.exclude(sex="").exists()
    assert not Handover.objects.exists()
    kept_votes = second.page.evaluate(KEPT_VOTES)
    assert kept_votes == 0
    second.page.locator("[data-interface]").click()
    second.page.locator("[data-projector]").wait_for()
    assert "ទឹកស្អាត" in str(second.page.locator("[data-projector]").text_content())
    # the first tablet learns of it and keeps nothing either
    first.page.get_by_role("button", name="ទាញយកថ្មី").click()
    first.page.locator("[data-state='sent']").wait_for()
    assert first.page.evaluate(KEPT_VOTES) == 0
    return second


KEPT_VOTES = """async () => {
  const db = await new Promise((done) => { const asked = indexedDB.open("tablet"); asked.onsuccess = () => done(asked.result); });
  const all = async (name) => new Promise((done) => { const asked = db.transaction(name).objectStore(name).getAll(); asked.onsuccess = () => done(asked.result); });
  const meetings = await all("meetings");
  const waiting = await all("outbox");
  db.close();
  return waiting.filter((one) => one.body).length
    + meetings.flatMap((m) => m.criteria).flatMap((c) => [...c.tablet, ...Object.values(c.groups).flat()]).reduce((a, b) => a + b, 0);
}"""
