"""The public price list in a real browser: readable on a phone, open to everyone."""

from datetime import date
from typing import Any

import pytest

from standards.models import Document
from standards.services import add_standard, post_fee
from standards.tests.factories import provider, service
from tests.accessibility import assert_accessible

PAGES = (
    "/services/",
    "/services/certified-copy/",
    "/services/outpatient/",
    "/services/letter/",
    "/providers/hc-1/",
)


@pytest.fixture
def prices(transactional_db: Any) -> None:
    """A full standard, a fee that a centre posted, and a service nobody published a word about."""
    copy = service("certified-copy", "owso", name_km="បញ្ជាក់ឯកសារថតចម្លង")
    paper = Document.objects.create(code="original", name_km="ឯកសារច្បាប់ដើម", name_en="Original")
    add_standard(
        service=copy,
        by=None,
        reason="test",
        documents=[paper],
        fee=1000,
        fee_concession=500,
        fee_unit="sheet",
        days_max=3,
        day_kind="working",
        source="https://www.example.gov.kh/a/very/long/address/that/could/push/a/phone/wide",
    )
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    centre = provider("hc-1", "health_centre", "010201", name_km="មណ្ឌលសុខភាពបន្ទាយនាង")
    post_fee(provider=centre, service=visit, by=None, fee=2000, posted_on=date(2025, 1, 1))
    service("letter", "commune")


@pytest.mark.browser
@pytest.mark.usefixtures("prices")
def test_every_page_fits_a_phone_and_lets_everybody_in(live_server: Any, new_context: Any) -> None:
    for locale in ("km-KH", "en-GB"):
        page = new_context(locale=locale, viewport={"width": 360, "height": 740}).new_page()
        for path in PAGES:
            page.goto(live_server.url + path)
            too_wide = "document.documentElement.scrollWidth - window.innerWidth"
            assert page.evaluate(too_wide) <= 0, f"{path} is wider than a phone"
            assert_accessible(page)


@pytest.mark.browser
@pytest.mark.usefixtures("prices")
def test_a_person_finds_a_price_in_khmer(live_server: Any, page: Any) -> None:
    page.goto(f"{live_server.url}/services/")
    search = page.get_by_role("main").get_by_role("searchbox")
    search.fill("ថតចម្លង")
    search.press("Enter")
    page.get_by_role("link").filter(has_text="បញ្ជាក់ឯកសារថតចម្លង").click()
    page.get_by_role("heading", level=1, name="បញ្ជាក់ឯកសារថតចម្លង").wait_for()
    facts = page.locator("dl.facts").inner_text()
    for sentence in ("១.០០០", "៣ ថ្ងៃធ្វើការ", "ឯកសារច្បាប់ដើម"):
        assert sentence in facts
