"""A small country with a standard that has days, holidays in its way, and the key of an NGO."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pyrage
import pytest
from django.test import Client

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

    def post(path: str, told: Any, **headers: str) -> Any:
        return client.post(
            path, told, content_type="application/json", headers={"X-Language": "en"} | headers
        )

    return post
