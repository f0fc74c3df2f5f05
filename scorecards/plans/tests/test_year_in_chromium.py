"""One round in a real browser: from its code offline to a signed plan, and a quarter later.

Two tablets with an interruption, three phones and a late sending hold the meeting
(``surveys.rounds.tests.meeting_in_chromium``); then a facilitator makes the plan, both sides sign, the
owner is reminded and reports it done with two taps, a caller denies it, it is done again, and the
village confirms it on the tablet without a network. Everything in Khmer, at three widths.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Programme, User
from conftest import wait_for
from scorecards.plans import services
from scorecards.plans.models import Action, Answer, Office, Plan, Reminder, State
from scorecards.plans.tasks import remind
from scorecards.plans.tests import makers
from surveys.hotline import content, lines
from surveys.hotline.models import Language, Line
from surveys.hotline.tests.conftest import record
from surveys.hotline.tests.phone import BASE, Phone
from surveys.models import AppUser
from surveys.rounds.models import Round, RoundStage
from surveys.rounds.tests.meeting_in_chromium import (
    hold_meeting_on_two_tablets,
    open_rounds,
    row,
    tablet_hand,
)
from surveys.tablet.tests.conftest import (
    nothing_remembered,
    people,
    programme,
    tablet,
)
from surveys.tablet.tests.hand import Hand

__all__ = ["nothing_remembered", "people", "programme", "row", "tablet", "tablet_hand"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (360, 800, 1400)


def looks(page: Any, address: str, *words: str) -> None:
    """The page says this in Khmer and scrolls sideways at no width."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == "km"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{address} is {wide} wide at {width}"
        text = page.locator("main").inner_text()
        for word in words:
            assert word in text, f"{word} is missing at {width}: {text[:400]}"


def workday(day: date, hour: int = 9) -> str:
    """A moment in working hours on this day, or the next Monday."""
    while day.weekday() > 4:
        day += timedelta(days=1)
    return f"{day.isoformat()}T{hour:02d}:00:00+07:00"


def call(client: Any, line: Line, action: Action, key: str) -> Phone:
    """A caller enters the commitment's code and presses one key."""
    phone = Phone(client, line.pk, line.account_sid, "secret", number=f"+8551234567{key}").dial()
    phone.press("1").keys("84").press(action.call_code[:4]).press(action.call_code[4:])
    return phone.press("1").press(key)


@pytest.fixture
def line(programme: Programme, settings: Any) -> Line:
    settings.HOTLINE_CHECK_PERCENT = 0
    Language.objects.update_or_create(
        code="km", defaults={"name_km": "ខ្មែរ", "name_en": "Khmer", "is_open": True}
    )
    made = Line(company=Line.Company.SOMLENG, number="1294", account_sid="acc-1", is_open=True)
    lines.set_token(made, "secret")
    made.save()
    for name in ("action.menu", "action.thanks"):
        record(name)
    content.forget()
    yield made
    content.forget()


def test_a_year_from_the_code_of_a_round_to_what_citizens_confirm(
    row: Round,
    programme: Programme,
    tablet: AppUser,
    people: list[User],
    tablet_hand: Callable[[AppUser, str], Hand],
    live_server: Any,
    new_context: Callable[..., Any],
    sign_in: Callable[..., Any],
    client: Any,
    line: Line,
    settings: Any,
) -> None:
    hand = hold_meeting_on_two_tablets(
        row, programme, tablet, people, tablet_hand, live_server, new_context
    )
    council = makers.person("council")
    plan = plan_is_signed(row, people[0], live_server.url, new_context, sign_in)
    action = plan.actions.get()
    public = new_context().new_page()
    page_of_commune = f"{live_server.url}/commitments/010201/"
    looks(public, page_of_commune, "មិនទាន់ចាប់ផ្ដើម", "ការសន្យា")

    # one quarter later: the promised day has come, and nothing is reported
    settings.EMAIL_HOST, settings.PUBLIC_URL = "mail.example", BASE
    assert action.first_due_on is not None
    assert remind(workday(action.first_due_on)) == 1
    assert action.activity[:20] in mail.outbox[-1].body
    phone = new_context(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    sign_in(phone, council)
    report_done_in_two_taps(phone, live_server.url, action)
    looks(public, page_of_commune, "រាយការណ៍ថារួច", "1294", action.call_code)

    # a caller says that it is not done
    call(client, line, action, "3")
    action.refresh_from_db()
    assert (action.state, action.denials) == (State.IN_PROGRESS, 1)
    looks(public, page_of_commune, "ប្រជាពលរដ្ឋធ្លាប់ថា៖ មិនទាន់ធ្វើ")
    assert Reminder.objects.filter(kind="denied", office=action.office).exists()
    assert remind(workday(timezone.localdate() + timedelta(days=1))) == 1
    report_done_in_two_taps(phone, live_server.url, action)

    answered_in_the_app(new_context, live_server.url, action)

    # the village is asked on the tablet, without a network
    confirmed_on_the_tablet(hand, action)
    action.refresh_from_db()
    assert (action.state, action.denials) == (State.CONFIRMED, 1)
    looks(public, page_of_commune, "ប្រជាពលរដ្ឋបញ្ជាក់ថារួច", "ប្រជាពលរដ្ឋធ្លាប់ថា៖ មិនទាន់ធ្វើ")


def plan_is_signed(
    row: Round, by: User, base: str, new_context: Callable[..., Any], sign_in: Callable[..., Any]
) -> Plan:
    """From the page of the round to a plan with one action that both sides signed."""
    page = new_context(viewport={"width": 800, "height": 1280}).new_page()
    sign_in(page, by)
    page.goto(f"{base}/rounds/{row.uuid}/")
    page.get_by_role("link", name="ធ្វើផែនការសកម្មភាពរួម").click()
    page.locator("form.form button[type=submit]").click()
    page.wait_for_url("**/plans/*-*/")
    plan = Plan.objects.get(round_uuid=row.uuid)
    page.goto(f"{base}/plans/{plan.uuid}/actions/new/")
    page.locator("[name=activity]").fill("បើកទ្វារតាមម៉ោងធ្វើការ រាល់ថ្ងៃធ្វើការ")
    page.locator("[name=part][value=internal], select[name=part]").first.evaluate(
        "field => { if (field.tagName == 'SELECT') field.value = 'internal'; else field.checked = true }"
    )
    due = timezone.localdate() + timedelta(days=7)
    page.locator("[name=due_on]").fill(f"{due:%d/%m/%Y}")
    page.locator("[name=starts_on]").fill(f"{timezone.localdate():%d/%m/%Y}")
    page.locator("[name=office_name]").fill("មេឃុំ")
    page.locator("form.form button[type=submit]").first.click()
    page.wait_for_url(f"**/plans/{plan.uuid}/")
    office = Office.objects.get()
    services.save_office(
        by=by, office=office, place=office.place, name_km="មេឃុំ", name_en="Commune chief",
        level="commune", channel="email", address="owner@example.org",
    )  # fmt: skip
    paper = page.context.request.get(f"{base}/plans/{plan.uuid}/plan.pdf")
    assert paper.body().startswith(b"%PDF-")
    looks(page, f"{base}/plans/{plan.uuid}/", "មេឃុំ")
    page.locator("[name=agreed_on]").fill(f"{timezone.localdate():%d/%m/%Y}")
    page.locator("[name=community_side]").fill("អ្នកតំណាងភូមិ")
    page.locator("[name=provider_side]").fill("មេឃុំ")
    page.locator("section#agree button, section[aria-labelledby=agree] button").click()
    page.locator(".tag--good").first.wait_for()
    plan.refresh_from_db()
    assert plan.agreed_on == timezone.localdate()
    assert RoundStage.objects.get(round=row, name="agreed").done_on == plan.agreed_on
    lead = makers.person("coordinator", "01", plan.programme)
    services.moderate_action(by=lead, action=plan.actions.get(), decision="shown")
    return plan


def report_done_in_two_taps(phone: Any, base: str, action: Action) -> None:
    """A council member opens "Answer" and taps "It is done" on a phone."""
    phone.goto(f"{base}/plans/work/")
    card = phone.locator(f"#a-{action.uuid}")
    card.locator("summary").click()
    card.locator("button[value=said_done]").click()
    card.locator("button[value=said_done]").wait_for(state="detached")
    action.refresh_from_db()
    assert action.state == State.SAID_DONE
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, wide


def answered_in_the_app(new_context: Callable[..., Any], base: str, action: Action) -> None:
    """A citizen answers with one tap on a small phone without a network; it is sent later."""
    page = new_context(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    page.goto(f"{base}/app/#/commune")
    page.get_by_role("searchbox").fill("Place 010201")
    page.locator(".rows button").first.click()
    question = page.locator("#commitments .commitment")
    question.get_by_text(action.activity).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.set_offline(True)
    question.get_by_role("button", name="មិនដឹង").click()
    question.get_by_role("status").get_by_text("មិនដឹង").wait_for()
    assert not Answer.objects.filter(action=action, kind="unknown").exists()
    page.context.set_offline(False)
    wait_for(
        Answer.objects.filter(action=action, kind="unknown", channel="app", claim=2).exists,
        what="the answer of the citizens' app",
        seconds=60,
    )


def confirmed_on_the_tablet(hand: Hand, action: Action) -> None:
    """Twelve raised hands of a village, counted without a network and sent later."""
    page = hand.page
    page.reload()
    hand.person("ស្រី", "1234", new=False).home()
    open_rounds(hand)
    page.locator("[data-follow-up]").click()
    question = page.locator(f"[data-question='{action.call_code}']")
    question.wait_for()
    page.context.set_offline(True)
    for _hand in range(12):
        question.locator("[data-say='done']").click()
    question.locator("[data-say='half']").click()
    question.locator("button.quiet:not([disabled])").nth(1).click()
    assert "១២" in question.locator("[data-say='done']").inner_text()
    question.locator("button.main").click()
    question.locator(".notice").wait_for()
    assert Action.objects.get(pk=action.pk).state == State.SAID_DONE
    page.locator(".bar__back").click()
    page.locator("[data-out='ready']").wait_for()
    page.context.set_offline(False)
    page.locator("[data-out]").wait_for(state="detached", timeout=45_000)
