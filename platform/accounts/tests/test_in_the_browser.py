"""A person with a phone and a keyboard: signing in, language, password, all devices."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.tests.factories import PASSWORD, join, make_place, make_role, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "another-long-word-8"
PAGES = ["/", "/sign-in/", "/nowhere/", "/home/", "/me/", "/me/password/", "/me/tokens/"]
PAGES_OF_MANAGERS = ["/people/", "/people/add/"]


@pytest.fixture
def user() -> User:
    user = make_user(username="sokha", display_name="ចាន់ សុខា", is_demo=True)
    join(user, "people.manage", "cases.record", "scores.released", place="010201")
    return user


def sign_in_by_hand(page: Any, base: str, password: str = PASSWORD) -> None:
    page.goto(f"{base}/sign-in/")
    page.get_by_label("ឈ្មោះគណនី").fill("sokha")
    page.get_by_label("ពាក្យសម្ងាត់").fill(password)
    page.get_by_role("main").get_by_role("button", name="ចូល").click()


def test_a_mistake_then_signing_in_in_khmer(live_server: Any, page: Any, user: User) -> None:
    sign_in_by_hand(page, live_server.url, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("ឈ្មោះ ឬពាក្យសម្ងាត់មិនត្រឹមត្រូវ")
    sign_in_by_hand(page, live_server.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("ចាន់ សុខា")
    expect(page).to_have_url(f"{live_server.url}/home/")
    assert page.evaluate("document.fonts.check('16px \"Noto Sans Khmer\"', 'ក')")


def test_the_language_follows_the_person_to_another_device(
    live_server: Any, page: Any, new_context: Callable[..., Any], user: User
) -> None:
    sign_in_by_hand(page, live_server.url)
    page.goto(f"{live_server.url}/me/")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(f"{live_server.url}/me/")
    expect(page.get_by_role("heading", name="My roles")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    tablet = new_context().new_page()
    sign_in_by_hand(tablet, live_server.url)
    expect(tablet.get_by_role("heading", level=1)).to_have_text("Welcome, ចាន់ សុខា")
    tablet.get_by_role("button", name="ភាសាខ្មែរ").click()
    expect(tablet.get_by_role("heading", level=1)).to_contain_text("សូមស្វាគមន៍")


def test_a_new_password_ends_other_devices_and_everywhere_ends_this_one_too(
    live_server: Any, page: Any, new_context: Callable[..., Any], sign_in: Any, user: User
) -> None:
    other = new_context().new_page()
    sign_in(other, user)
    sign_in_by_hand(page, live_server.url)
    page.goto(f"{live_server.url}/me/password/")
    page.get_by_label("ពាក្យសម្ងាត់ចាស់").fill(PASSWORD)
    page.get_by_label("ពាក្យសម្ងាត់ថ្មី", exact=True).fill(NEW)
    page.get_by_label("ពាក្យសម្ងាត់ថ្មីម្ដងទៀត").fill(NEW)
    page.get_by_role("button", name="ប្ដូរពាក្យសម្ងាត់").click()
    expect(page.get_by_role("status")).to_contain_text("ពាក្យសម្ងាត់ត្រូវបានប្ដូរ")
    other.goto(f"{live_server.url}/me/")
    expect(other).to_have_url(f"{live_server.url}/sign-in/?next=/me/")
    sign_in_by_hand(other, live_server.url, NEW)
    expect(other.get_by_role("heading", level=1)).to_contain_text("ចាន់ សុខា")
    page.get_by_role("button", name="ចាកចេញពីគ្រប់ឧបករណ៍").click()
    expect(page).to_have_url(f"{live_server.url}/sign-in/")
    other.goto(f"{live_server.url}/me/")
    expect(other).to_have_url(f"{live_server.url}/sign-in/?next=/me/")


def test_everything_can_be_reached_and_done_with_the_keyboard_alone(
    live_server: Any, page: Any, user: User
) -> None:
    page.goto(f"{live_server.url}/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("href", "#main")
    expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, "a[href='/sign-in/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/")
    expect(page.locator("#id_username")).to_be_focused()
    page.keyboard.type("sokha")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/home/")
    tab_to(page, ".language button")
    assert page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, ចាន់ សុខា")
    tab_to(page, "form[action='/sign-out/'] button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")
    expect(page.get_by_role("status")).to_contain_text("signed out")


def tab_to(page: Any, selector: str, tries: int = 40) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(tries):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"{selector} is out of reach of the keyboard")


@pytest.mark.parametrize("language", ["km", "en"])
def test_on_a_small_phone_nothing_is_cut_off_and_everything_can_be_touched(
    live_server: Any, new_context: Callable[..., Any], sign_in: Any, user: User, language: str
) -> None:
    context = new_context(viewport={"width": 360, "height": 640}, has_touch=True)
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page = context.new_page()
    make_place("010201")
    for path in PAGES[:3]:
        page.goto(live_server.url + path)
        assert fits(page) == [], path
    sign_in(page, user)
    for path in [*PAGES[2:], *PAGES_OF_MANAGERS, f"/people/{user.pk}/"]:
        page.goto(live_server.url + path)
        assert fits(page) == [], path


def fits(page: Any) -> list[str]:
    """Return what is wider than the screen, or smaller than a finger.

    Links inside text may be small.
    """
    complaints: list[str] = page.evaluate(
        """() => {
          const found = [];
          if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
          const own = "button, summary, select, .button, input:not([type=hidden]), nav.site-nav a, a.card";
          for (const element of document.querySelectorAll(own)) {
            // a choice is touched on its label
            const box = (element.closest("label") ?? element).getBoundingClientRect();
            if (box.width && (box.height < 44 || box.width < 44))
              found.push(`${element.outerHTML.slice(0, 80)}: ${box.width} x ${box.height}`);
          }
          return found;
        }"""
    )
    return complaints


def test_a_page_can_be_printed_without_the_frame(
    live_server: Any, page: Any, sign_in: Any, user: User
) -> None:
    sign_in(page, user)
    page.goto(f"{live_server.url}/people/")
    page.emulate_media(media="print")
    expect(page.locator(".site-nav")).to_be_hidden()
    expect(page.locator(".language")).to_be_hidden()
    expect(page.get_by_role("table")).to_be_visible()
    expect(page.get_by_text("DEMO")).to_be_visible()


def test_a_place_is_found_while_typing(
    live_server: Any, page: Any, sign_in: Any, user: User
) -> None:
    make_role("facilitator", "cases.record")
    sign_in(page, user)
    page.goto(f"{live_server.url}/people/add/")
    field = page.get_by_role("combobox", name="ទីកន្លែង")
    field.press_sequentially("0102")
    page.get_by_role("option").filter(has_text="010201").click()
    expect(field).to_have_value(re.compile("^010201 "))
    page.get_by_label("ឈ្មោះគណនី").fill("dara")
    page.get_by_label("តួនាទី").select_option(index=1)
    page.get_by_role("button", name="បន្ថែមអ្នកប្រើប្រាស់").click()
    expect(page.get_by_label("ពាក្យសម្ងាត់")).not_to_be_empty()
    assert User.objects.get(username="dara").memberships.get().place_id == "010201"
