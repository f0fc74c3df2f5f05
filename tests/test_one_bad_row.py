"""A standard that a channel cannot say is refused.

One that is stored all the same stops nothing else.
"""

import logging

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone, translation

from accounts.tests.factories import make_programme
from standards.models import MOST_DAYS, MOST_FEE, Provider, Service, Standard
from standards.services import succeed_standard
from surveys.citizen import posters
from surveys.forms import lists
from surveys.hotline import content, messages, numbers, script, speech
from surveys.tests.country import make_country

pytestmark = pytest.mark.django_db
COPY = "certified-copy"


@pytest.fixture(autouse=True)
def country() -> None:
    make_country()
    cache.clear()
    content.forget()


def price(fee: int, **values: object) -> None:
    """The certified copy has this price from today."""
    succeed_standard(
        standard=Standard.objects.in_force(timezone.localdate()).get(service__code=COPY),
        starts_on=timezone.localdate(),
        by=None,
        reason="a test",
        fee=fee,
        **values,
    )
    cache.clear()
    content.forget()


@pytest.mark.parametrize("fee", [10_000_001, 12_000_000, MOST_FEE])
@pytest.mark.parametrize("currency", ["KHR", "USD"])
def test_every_channel_can_say_every_fee_that_is_accepted(
    client: Client, fee: int, currency: str
) -> None:
    price(fee, currency=currency, fee_concession=None, days_max=MOST_DAYS, day_kind="working")
    payload = client.get("/app/data.json").json()
    (row,) = next(one["options"] for one in payload["services"] if one["code"] == COPY)
    assert row["fee"] == fee
    option = content.content().facts.by_code[COPY].option("standard")
    texts = [name for name in speech.fee(option) if name.startswith("number.")]
    assert numbers.decoded(texts) == fee
    assert numbers.counted_in("en", texts)
    assert f"{fee:,}" in messages.answer({"km": COPY, "en": COPY}, option, "", "en")
    assert any(f"{fee:,}" in line.words_en for line in script.lines("km"))
    with translation.override("km"):
        what = posters.content_of(Provider.objects.get(code="owso-0102"), "a4", "https://x.example")
    assert posters.drawn(posters.fitted(what))
    rows = lists.house_list("standards", make_programme("one", "01")).rows
    assert fee in {row["fee"] for row in rows}
    assert client.get("/app/").status_code == 200
    assert client.get(f"/services/{COPY}/").status_code == 200


@pytest.mark.parametrize(
    "values",
    [{"fee": MOST_FEE + 1}, {"fee": 10**13}, {"days_max": MOST_DAYS + 1, "day_kind": "calendar"}],
)
def test_what_no_channel_can_say_is_refused_in_a_sentence(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        succeed_standard(
            standard=Standard.objects.in_force(timezone.localdate()).get(service__code=COPY),
            starts_on=timezone.localdate(),
            by=None,
            reason="a test",
            **values,
        )


def test_a_bad_row_is_left_out_and_reported_and_the_others_stand(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:  # as in a database from before the limit
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE standards_standard DROP CONSTRAINT standard_fee_can_be_said")
    Standard.objects.filter(service__code=COPY).update(fee=10**13)
    cache.clear()
    content.forget()
    with caplog.at_level(logging.ERROR), transaction.atomic():
        facts = content.content().facts
        payload = client.get("/app/data.json").json()
    assert COPY not in facts.by_code
    assert "birth-registration" in facts.by_code
    assert len(script.lines("km")) > 50
    assert "left out" in caplog.text
    existing = {one["code"] for one in payload["services"]}
    assert existing == set(Service.objects.values_list("code", flat=True))
    assert client.get("/app/").status_code == 200
    with translation.override("en"):
        what = posters.content_of(Provider.objects.get(code="owso-0102"), "a4", "https://x.example")
    assert posters.drawn(posters.fitted(what))
