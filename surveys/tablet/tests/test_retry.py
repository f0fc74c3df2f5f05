"""A network that dies and returns without telling the browser: what waits is sent by itself."""

from collections.abc import Callable
from typing import Any

import pytest

from conftest import wait_for, wait_for_page
from surveys.models import Submission
from surveys.tablet.tests.hand import Hand

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENDING = "**/submission*"
STEP = 2.5
NOTE_TIMERS = """() => {
  const set = window.setTimeout;
  window.timers = [];
  window.setTimeout = (task, wait) => { timers.push(wait); return set(task, wait); };
}"""
PORTAL = "<html><title>Wi-Fi</title>Buy a card to go on</html>"


def interview(hand: Hand, **more: str) -> Hand:
    return hand.begin("Case interview").fill(**more).finish()


@pytest.mark.parametrize(
    "dead",
    [
        lambda asked: asked.abort(),
        lambda asked: asked.fulfill(status=200, body=PORTAL, content_type="text/html"),
        lambda asked: asked.fulfill(status=200, body='{"login": 1}', content_type="text/json"),
        lambda asked: asked.fulfill(status=302, headers={"Location": "/static/pages/mark.svg"}),
        lambda asked: asked.fulfill(status=511, body=PORTAL, content_type="text/html"),
        lambda asked: asked.fulfill(status=403, body=PORTAL, content_type="text/html"),
    ],
    ids=["no answer", "portal", "portal in JSON", "redirect", "511", "portal says 403"],
)
def test_a_record_is_sent_once_the_network_is_back_without_any_event(
    hand: Hand, dead: Callable[[Any], None]
) -> None:
    assert hand.page.evaluate("navigator.onLine")
    hand.page.route(SENDING, dead)
    interview(hand)
    hand.page.locator(".notice--bad").wait_for()
    hand.queue()
    assert hand.states() == ["ready"]
    assert not Submission.objects.exists()
    hand.page.unroute(SENDING)
    hand.until_state("sent")
    assert Submission.objects.count() == 1


def until(hand: Hand, true: Callable[[], Any], what: str) -> None:
    """Wait while the browser goes on (Playwright's handlers run only while it is asked something)."""
    wait_for(lambda: hand.page.evaluate("1") and true(), what=what)


def test_tries_become_rarer_and_begin_anew_when_the_page_is_seen_again(hand: Hand) -> None:
    tries: list[str] = []
    page = hand.page

    def dead(asked: Any) -> None:
        tries.append(asked.request.url)
        asked.abort()

    def over() -> None:
        wait_for_page(page, "navigator.locks.query().then((q) => !q.held.length)")
        hand.until_state("ready")

    def next_try(seconds: int) -> None:
        """Wait until the page's timer is set for so long, then advance its clock to the next try.

        The last result is also broadcast, and the timer set again when the page hears it: the
        clock advances in steps, so that it does not matter when that is.
        """
        wait_for_page(page, f"timers.includes({1000 * seconds})")
        page.evaluate("timers.length = 0")
        before, passed = len(tries), 0.0
        while len(tries) == before:
            assert passed < 300, f"no try after {before}"
            page.clock.run_for(1000 * STEP)
            page.evaluate("1")
            passed += STEP
        assert passed >= seconds
        over()
        assert len(tries) == before + 1

    page.clock.install()
    page.route(SENDING, dead)
    interview(hand).page.locator(".notice--bad").wait_for()
    hand.queue().until_state("ready")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    over()
    page.evaluate(NOTE_TIMERS)
    for waits in ((10, 20, 40, 80, 120, 120), (10,)):
        before = len(tries)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        until(hand, lambda: len(tries) > before, "a try at once")  # noqa: B023
        over()
        for seconds in waits:
            next_try(seconds)


def test_a_server_that_never_answers_is_given_up_and_asked_again(hand: Hand) -> None:
    held: list[Any] = []
    hand.page.clock.install()
    hand.page.route(SENDING, lambda asked: held.append(asked))  # noqa: PLW0108 - Playwright needs one
    hand.begin("Case interview").fill()
    hand.page.get_by_role("button", name="បញ្ចប់").click()
    until(hand, lambda: held, "the first try")
    hand.page.clock.run_for(60_000)
    hand.home().queue().until_state("ready")
    hand.page.unroute(SENDING)
    hand.page.clock.run_for(15_000)
    hand.until_state("sent")
    assert Submission.objects.count() == 1


def test_a_portal_never_takes_the_place_of_forms_lists_or_the_app(hand: Hand) -> None:
    page = hand.page
    page.route(
        "**/key/**",
        lambda asked: asked.fulfill(status=200, body=PORTAL, content_type="text/html"),
    )
    hand.home()
    page.get_by_role("button", name="ផ្ញើ និងទាញយកឥឡូវ").click()
    page.locator(".notice--bad").wait_for()
    page.unroute("**/key/**")
    hand.begin("Case interview").fill(until="fee_paid")
