"""A network that dies and returns without telling the browser: what waits is sent by itself."""

from collections.abc import Callable
from typing import Any

import pytest

from conftest import wait_for
from surveys.citizen.tests.conftest import go
from surveys.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENDING = "**/app/tell"
PORTAL = "<html><title>Wi-Fi</title>Buy a card to go on</html>"


def tell(app: Any) -> None:
    """The taps that tell a case."""
    go(app, "#/tell")
    app.get_by_role("button", name="ស certified-copy").click()
    app.get_by_role("searchbox").fill("010201")
    app.locator(".rows button").first.click()
    app.get_by_role("button", name="បានទទួលហើយ").click()
    app.get_by_role("button", name="តាមតម្លៃផ្លូវការ").click()
    app.get_by_role("button", name="ថ្ងៃនេះ").first.click()
    app.get_by_role("button", name="ផ្ញើ", exact=True).click()
    app.locator(".done").wait_for()


def outbox(app: Any) -> list[dict[str, Any]]:
    """The messages that wait on the phone."""
    payload = app.evaluate("JSON.parse(localStorage.getItem('service-app:outbox') || '[]')")
    return list(payload)


@pytest.mark.parametrize(
    "dead",
    [
        lambda asked: asked.abort(),
        lambda asked: asked.fulfill(status=200, body=PORTAL, content_type="text/html"),
        lambda asked: asked.fulfill(status=200, body='{"kept": true}', content_type="text/json"),
        lambda asked: asked.fulfill(status=302, headers={"Location": "/static/pages/mark.svg"}),
        lambda asked: asked.fulfill(
            status=403, body='{"error": "log in"}', content_type="text/json"
        ),
    ],
    ids=["no answer", "portal", "portal in JSON", "redirect", "portal says 403"],
)
def test_a_message_is_sent_once_the_network_is_back_without_any_event(
    app: Any, dead: Callable[[Any], None]
) -> None:
    assert app.evaluate("navigator.onLine")
    app.route(SENDING, dead)
    tell(app)
    app.locator(".notice--slim").first.wait_for()
    assert [message.get("refused") for message in outbox(app)] == [None]
    assert not Case.objects.exists()
    app.unroute(SENDING)
    wait_for(Case.objects.exists, what="the case to be sent", seconds=30)
    wait_for(lambda: not outbox(app), what="the phone to forget the message")
    assert app.locator(".notice--slim").count() == 0
    assert Case.objects.count() == 1


def test_a_message_that_makes_the_server_stumble_stands_in_nobodys_way(app: Any) -> None:
    bad: list[str] = []

    def stumble(asked: Any) -> None:
        body = asked.request.post_data_json
        if not bad:
            bad.append(body["id"])
        if body["id"] == bad[0]:
            headers = {"X-Service-App": "1"}
            asked.fulfill(status=500, body="{}", content_type="application/json", headers=headers)
        else:
            asked.continue_()

    app.route(SENDING, stumble)
    tell(app)
    go(app, "#/")
    tell(app)
    wait_for(lambda: app.evaluate("1") and Case.objects.exists(), what="the second message")
    wait_for(lambda: len(outbox(app)) == 1, what="the first to wait")
    assert outbox(app)[0]["id"] == bad[0]


def test_a_server_that_never_answers_is_given_up_and_asked_again(app: Any) -> None:
    held: list[Any] = []
    app.clock.install()
    app.route(SENDING, lambda asked: held.append(asked))  # noqa: PLW0108 - Playwright needs one
    tell(app)

    def later(true: Callable[[], Any]) -> bool:
        """A second later for the phone (Playwright's handlers run only while it is asked something)."""
        app.clock.run_for(1_000)
        return bool(app.evaluate("1") and true())

    wait_for(lambda: app.evaluate("1") and held, what="the first try")
    wait_for(lambda: later(lambda: len(held) == 2), what="the second try")
    app.unroute(SENDING)
    wait_for(lambda: later(Case.objects.exists), what="the case to be sent")
    wait_for(lambda: not outbox(app), what="the phone to forget the message")
    assert Case.objects.count() == 1


def test_what_came_with_the_page_answers_until_the_content_comes(
    country: None, live_server: Any, new_context: Callable[..., Any]
) -> None:
    page = new_context(service_workers="block").new_page()
    page.route(
        "**/app/data.json",
        lambda asked: asked.fulfill(status=200, body=PORTAL, content_type="text/html"),
    )
    with page.expect_response("**/app/data.json"):
        page.goto(f"{live_server.url}/app/")
    page.locator(".home .tile").first.wait_for()
    assert page.locator("main[data-screen]").count() == 0
    page.unroute("**/app/data.json")
    page.locator("main[data-screen] .tiles").wait_for()
