"""Pages that one person read on a shared device are not shown to the next one."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from accounts.tests.factories import make_user
from surveys.tests.country import make_country
from tests.addresses import Address, addresses, make_people, make_things

SHELLS = {"tablet:app", "citizen:home"}
"""The apps' own frames: they hold no personal data and are the same for everybody."""


def read(browser: Client, address: Address, things: dict[str, object]) -> Any:
    answer = browser.get(address.filled(things))
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


@pytest.mark.django_db
def test_no_page_of_somebody_signed_in_may_be_kept(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    make_country()
    people = make_people()
    things = make_things(people["facilitator"], people["coordinator"])
    pages, kept = 0, []
    for address in addresses():
        browser = Client()
        browser.force_login(people["coordinator"])
        answer = read(browser, address, things)
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        pages += 1
        if address.name not in SHELLS and "no-store" not in answer.get("Cache-Control", ""):
            kept.append(address.name)
    assert pages > 40
    assert not kept


@pytest.mark.django_db
def test_visitors_may_keep_public_pages(client: Any) -> None:
    assert "no-store" not in client.get("/").get("Cache-Control", "")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("start", ["/home/", "/me/", "/people/"])
def test_back_after_sign_out_shows_the_sign_in_page(
    page: Any, live_server: Any, sign_in: Any, start: str
) -> None:
    sign_in(page, make_user(display_name="Sokha of the province", is_superuser=True))
    page.goto(live_server.url + start)
    expect(page.get_by_text("Sokha of the province").first).to_be_visible()
    page.evaluate("document.querySelector(\"form[action*='sign-out']\").requestSubmit()")
    page.wait_for_url(f"{live_server.url}/")
    page.evaluate("history.back()")
    expect(page.locator("input[type=password]")).to_be_visible()
    assert "Sokha of the province" not in page.content()
