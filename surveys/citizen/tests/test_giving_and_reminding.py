"""A service given to somebody else, and a request remembered, in a real browser."""

import io
import json
import re
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from conftest import wait_for
from standards.models import Provider
from surveys.citizen.tests.conftest import go

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_service_is_given_as_text_as_a_picture_and_as_a_code(app: Any) -> None:
    app.context.grant_permissions(["clipboard-read", "clipboard-write"])
    go(app, "#/s/certified-copy")
    app.get_by_role("button", name="ជាអក្សរ").click()
    app.get_by_text("បានចម្លង។").wait_for()
    text = app.evaluate("navigator.clipboard.readText()")
    assert "១.០០០\u00a0៛" in text
    assert "ពិនិត្យចុងក្រោយ៖ ២១/១១/២០២៦" in text
    assert text.endswith("/app/#/s/certified-copy")
    with app.expect_download() as given:
        app.get_by_role("button", name="ជារូបភាព").click()
    picture = Image.open(io.BytesIO(given.value.path().read_bytes()))
    assert given.value.suggested_filename == "certified-copy.png"
    assert picture.size[0] == 1080
    dark = picture.convert("L").point(lambda level: 255 * (level < 100))
    assert dark.getbbox()
    assert dark.getbbox()[3] > 300  # words down the picture, not only its upper edge
    app.get_by_role("button", name="កូដ QR").click()
    code = app.locator(".qr")
    expect(code.locator("path")).to_have_attribute("d", re.compile("^M2 2h1"))
    assert code.get_attribute("aria-label").endswith("/app/#/s/certified-copy")


def keep(page: Any, **values: Any) -> None:
    """A request as the phone keeps it."""
    kept = {
        "id": "a" * 32, "service": "certified-copy", "option": "standard", "commune": "010201",
        "place": "ទី010201", "provider": "", "askedOn": "2026-11-16", "promised": None,
        "server": False, "code": "", "state": "open", "receivedOn": "", "reminded": False,
    } | values  # fmt: skip
    page.evaluate("kept => localStorage.setItem('service-app:requests', kept)", json.dumps([kept]))


def test_on_the_promised_day_the_phone_reminds_and_late_it_says_whom_to_call(
    app: Any, live_server: Any
) -> None:
    Provider.objects.filter(code="owso-0102").update(phone="012345678")
    app.context.grant_permissions(["notifications"], origin=live_server.url)
    keep(app, promised=timezone.localdate().isoformat())
    app.reload()
    app.locator(".door--due").wait_for()  # whether or not the phone may remind
    shown = "navigator.serviceWorker.ready.then((w) => w.getNotifications())"
    shown += ".then((all) => all.map((one) => one.title))"
    wait_for(lambda: app.evaluate(shown) == ["ថ្ងៃកំណត់ទទួលបានមកដល់"], what="it", seconds=30)
    app.locator(".door--due").click()
    expect(app.locator(".state")).to_have_text("ថ្ងៃនេះជាថ្ងៃកំណត់ទទួល")
    app.get_by_role("button", name="នៅរង់ចាំ").click()
    expect(app.locator("a[href='tel:012345678']")).to_be_visible()  # the office of its commune
    assert json.loads(app.evaluate("localStorage['service-app:requests']"))[0]["reminded"] is True
