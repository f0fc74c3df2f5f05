"""A small country with a standard that has days, holidays in its way, and the key of an NGO."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pyrage
import pytest
from django.core.cache import cache
from django.test import Client

from conftest import wait_for_page
from standards.models import Holiday, Standard
from surveys.citizen import services
from surveys.tests.country import make_country

NAME = "0123456789abcdef0123456789abcdef"
HANDED_IN = date(2026, 4, 10)


@pytest.fixture
def country(db: None) -> None:
    make_country()
    Standard.objects.filter(service__code="certified-copy").update(checked_on=date(2026, 11, 21))
    for day in (14, 15, 16):
        Holiday.objects.create(
            date=date(2026, 4, day), name_km="ចូលឆ្នាំ", name_en="New Year", is_official=True
        )


@pytest.fixture
def identity(db: None) -> Any:
    """The private key of the organisation; the public half is in use."""
    made = pyrage.x25519.Identity.generate()
    services.use_key(recipient=str(made.to_public()), by=None, job="test")
    return made


@pytest.fixture
def send(client: Client) -> Callable[..., Any]:
    """Send a message as a phone does."""

    def post(path: str, reported: Any, **headers: str) -> Any:
        return client.post(
            path, reported, content_type="application/json", headers={"X-Language": "en"} | headers
        )

    return post


@pytest.fixture
def app(
    live_server: Any, country: None, new_context: Callable[..., Any], celery_worker_process: str
) -> Any:
    """The app on a small phone, opened once and kept by its worker.

    What it sends gives Celery work, which is done before the tables are emptied.
    """
    cache.clear()
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(f"{live_server.url}/app/")
    page.locator("main[data-screen] .tiles").wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_for_page(page, "navigator.serviceWorker.controller !== null")
    return page


def go(page: Any, where: str) -> None:
    """Go to a screen and wait for it: the address changes before the screen does."""
    page.evaluate("where => { location.hash = where; }", where)
    page.locator(f"main[data-screen='{where}']").wait_for()
