"""The fixtures used by every test do what their names say."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth import get_user_model


def test_a_real_worker_does_what_is_queued(
    celery_worker_process: str, drain: Callable[[], None]
) -> None:
    for _ in range(3):
        current_app.send_task("celery.backend_cleanup")
    drain()
    done = current_app.control.inspect([celery_worker_process], limit=1).stats()
    assert done[celery_worker_process]["total"]["celery.backend_cleanup"] >= 3


@pytest.mark.browser
def test_a_browser_signs_in_beside_the_orm(live_server: Any, page: Any, sign_in: Any) -> None:
    user = get_user_model().objects.create_superuser("root", "x")
    sign_in(page, user)
    page.goto(live_server.url + "/admin/")
    assert page.locator("#user-tools").count() == 1
    assert page.locator("html").get_attribute("lang") == "km"


@pytest.mark.browser
def test_a_browser_cannot_reach_the_outside(browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")
    context.close()
