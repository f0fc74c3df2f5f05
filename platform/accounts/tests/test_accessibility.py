"""The frame, the front page and the account pages follow WCAG 2.2 AA."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.tests.factories import join, make_user
from tests.accessibility import assert_accessible, problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["km", "en"])
def test_our_pages_are_accessible(
    live_server: Any, new_context: Callable[..., Any], sign_in: Any, language: str
) -> None:
    context = new_context(viewport={"width": 360, "height": 740})
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page = context.new_page()
    user = make_user(is_demo=True)
    join(user, "people.manage", "cases.record", "scores.released", place="010201")
    for path in ("/", "/sign-in/", "/nowhere/"):
        page.goto(live_server.url + path)
        assert_accessible(page)
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_role("main").get_by_role("button").click()
    assert_accessible(page)
    if language == "en":  # the same templates: the words alone differ
        return
    sign_in(page, user)
    paths = ["/home/", "/me/", "/me/password/", "/me/tokens/", "/people/", "/people/add/"]
    for path in [*paths, f"/people/{user.pk}/"]:
        page.goto(live_server.url + path)
        assert_accessible(page)


def test_the_check_would_notice(page: Any) -> None:
    page.set_content(
        "<html><body><img src='x.png'><input><p style='color:#ccc'>Too pale</p></body></html>"
    )
    text = "\n".join(problems(page))
    for rule in ("image-alt", "label", "color-contrast", "html-has-lang"):
        assert rule in text
