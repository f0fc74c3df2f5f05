"""A fee changed once is changed in every channel, and so is the day it was checked."""

from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation

from accounts.models import Programme
from accounts.tests.factories import make_programme
from khmer.dates import format_date
from khmer.riel import format_number
from standards.models import Provider, Standard
from standards.services import succeed_standard
from surveys.citizen import posters
from surveys.forms import lists
from surveys.hotline import content, messages, speech
from surveys.tests.country import make_country

pytestmark = pytest.mark.django_db
COPY = "certified-copy"


def app(client: Client) -> dict[str, Any]:
    """Return what the phone stores, which equals the page of a first visit."""
    payload = client.get("/app/data.json").json()
    (row,) = next(one["options"] for one in payload["services"] if one["code"] == COPY)
    page = client.get("/app/").content.decode()
    section = page[page.index(f'id="/s/{COPY}"') :].partition("</section></section>")[0]
    assert format_number(row["fee"], "km") in section
    if row["checked"]:
        assert format_date(date.fromisoformat(row["checked"]), "km") in section
    return {"fee": row["fee"], "checked": row["checked"]}


def telephone() -> str:
    """Return what a caller is texted, which is also spoken."""
    content.forget()
    option = content.content().facts.by_code[COPY].option("standard")
    assert option.fee is not None
    amount = speech.money(option.fee, "KHR")
    assert speech.fee(option)[1 : 1 + len(amount)] == amount
    row = Standard.objects.in_force(timezone.localdate()).get(service__code=COPY)
    return messages.answer({"km": COPY, "en": COPY}, option, messages.checked_on(row), "en")


def paper() -> tuple[str, str]:
    """The poster at the office."""
    with translation.override("en"):
        what = posters.content_of(Provider.objects.get(code="owso-0102"), "a4", "https://x.example")
    (row,) = (row for row in what["rows"] if row["service"] == COPY)
    return row["fee"], row["checked"]


def tablet(programme: Programme) -> tuple[int, str]:
    """The facilitator's list, which tablets and ODK Collect fetch."""
    rows = lists.house_list("standards", programme).rows
    today = timezone.localdate().isoformat()
    (row,) = (
        row
        for row in rows
        if row["service"] == COPY and (row["valid_to"] is None or row["valid_to"] >= today)
    )
    return row["fee"], row["checked_on"]


def test_a_changed_fee_is_in_app_telephone_poster_tablet_and_website(client: Client) -> None:
    make_country()
    programme = make_programme("one", "01")
    cache.clear()
    assert (app(client)["fee"], tablet(programme)[0]) == (1000, 1000)
    assert "1,000 riel" in telephone()
    succeed_standard(
        standard=Standard.objects.get(service__code=COPY),
        starts_on=timezone.localdate(),
        by=None,
        reason="a new sub-decree",
        fee=1700,
        fee_concession=600,
        checked_on=date(2026, 11, 20),
    )
    cache.clear()  # instead of waiting for the seconds that content is kept ready
    assert app(client) == {"fee": 1700, "checked": "2026-11-20"}
    assert "1,700 riel" in telephone()
    assert "20/11/2026" in telephone()
    assert paper() == ("1,700\u00a0riel", "Last checked: 20/11/2026")
    assert tablet(programme) == (1700, "2026-11-20")
    page = client.get(f"/services/{COPY}/", headers={"accept-language": "en"}).content.decode()
    assert "1,700" in page
