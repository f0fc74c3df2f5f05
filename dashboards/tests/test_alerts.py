"""Quarterly alerts: only what held two quarters or was not kept, once each, stopped in one tap."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboards.tests import country
from dashboards.tests.country import BEFORE, PERIOD, make_country, person, put_score, release
from places.models import Place
from scorecards.plans import reading, services
from scorecards.plans.alerts import content, prepare, subscriptions
from scorecards.plans.models import Action, AlertSubscription, Message
from scorecards.plans.reminders import send
from scorecards.plans.tests import makers

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 6, 3, tzinfo=UTC)
"""Monday, ten in the morning in Phnom Penh, four days after the release."""


@pytest.fixture
def alarming(settings: Any) -> list[str]:
    """Commune 010203 far below for two quarters, 010201 far above only now."""
    settings.EMAIL_HOST = "mail.example"
    settings.PUBLIC_URL = "https://x.example"
    codes = make_country()
    for i, code in enumerate(codes[:-1]):
        met, judged = country._counts(i) if i else (78, 100)
        put_score(code, met, judged, period=BEFORE)
    country.compare(BEFORE)
    release(BEFORE)
    return codes


def subscribed(place: str, address: str = "chief@example.org", language: str = "en") -> Any:
    by = person("council", place[:6] if len(place) == 6 else None, username=f"u{place}{address}")
    return subscriptions.subscribe(
        by=by,
        place=Place.objects.get(code=place),
        channel="email",
        address=address,
        language=language,
    )


def run(moment: datetime = NOW) -> int:
    prepare.prepare(moment)
    return send.send_due(moment)


def test_only_what_held_two_quarters_is_told(alarming: list[str]) -> None:
    outcome = content.content(Place.objects.get(code="0102"), PERIOD)
    assert [(one.commune, one.is_worse) for one in outcome.crossings] == [("010203", True)]
    assert outcome.communes == ["010203"]
    assert content.content(Place.objects.get(code="010206"), PERIOD).is_empty
    # one that was worse a quarter earlier too is counted, not told again
    earlier = "2025-Q4"
    put_score("", 2400, 3000, period=earlier)
    for i, code in enumerate(alarming[:-1]):
        put_score(code, *country._counts(i), period=earlier)
    country.compare(earlier)
    release(earlier)
    again = content.content(Place.objects.get(code="0102"), PERIOD)
    assert again.crossings == ()
    assert again.still_worse == 1


def test_a_district_is_written_to_once_in_words(alarming: list[str]) -> None:
    subscribed("0102")
    assert run() == 1
    assert run() == 0
    assert run(NOW + timedelta(days=1)) == 0
    (message,) = mail.outbox
    assert message.to == ["chief@example.org"]
    body = str(message.body)
    assert re.search(r"1 of \d+ measures is now clearly different from the whole country", body)
    assert "Commune 01-3" in body
    assert "Official fee respected: worse, 10%; in the whole country 80%." in body
    assert "Next step: agree one action" in body
    assert "https://x.example/districts/0102/" in body
    release(PERIOD)  # a correction of the same quarter is no news
    assert run(NOW + timedelta(days=2)) == 0


def test_one_message_for_a_person_of_several_places_in_their_language(alarming: list[str]) -> None:
    subscribed("0102")
    subscribed("010203")
    subscribed("010203", "other@example.org", "km")
    subscribed("010206", "calm@example.org")
    assert run() == 2
    assert sorted(m.to[0] for m in mail.outbox) == ["chief@example.org", "other@example.org"]
    khmer = next(m for m in mail.outbox if m.to == ["other@example.org"])
    assert "ជំហានបន្ទាប់" in str(khmer.body)


def test_nothing_is_sent_at_night_or_beside_another_message_of_the_day(
    alarming: list[str],
) -> None:
    row = subscribed("0102")
    assert run(datetime(2026, 7, 6, 15, tzinfo=UTC)) == 0  # 22:00
    assert run(datetime(2026, 7, 5, 3, tzinfo=UTC)) == 0  # a Sunday
    other = AlertSubscription.objects.get(pk=row.pk)
    Message.objects.create(
        subscription=other,
        period="2026-Q1",
        recipient_key=row.address_key,
        day=date(2026, 7, 6),
        channel="email",
        done_at=NOW,
        outcome="sent",
    )
    assert run() == 0
    assert run(NOW + timedelta(days=1)) == 1


def committed(commune: str, *days: int) -> list[Action]:
    """Agreed commitments of a commune, due so many days from today; they began long ago."""
    today = timezone.localdate()
    team = makers.person("facilitator", commune)
    plan = makers.plan(
        team,
        commune=Place.objects.get(code=commune),
        starts_on=today - timedelta(days=200),
        ends_on=today + timedelta(days=200),
    )
    office = makers.office(team, place=plan.commune)
    made = [
        makers.action(
            team,
            plan,
            activity=f"action {number}",
            office=office,
            starts_on=plan.starts_on,
            due_on=today + timedelta(days=day),
        )
        for number, day in enumerate(days)
    ]
    services.agree_plan(
        by=team,
        plan=plan,
        agreed_on=plan.starts_on + timedelta(days=1),
        community_side="a",
        provider_side="b",
    )
    return made


def test_late_and_denied_commitments_are_told(alarming: list[str]) -> None:
    late = committed("010206", -20, -3, 50, 100)
    committed("010207", 50)
    Action.objects.filter(pk=late[0].pk).update(denials=1)
    counted = reading.totals_by_commune("0102")
    assert (counted["010206"].agreed, counted["010206"].late, counted["010206"].denied) == (4, 2, 1)
    assert (counted["010207"].agreed, counted["010207"].late) == (1, 0)
    printed = Client().get(f"/print/district-0102.pdf?period={PERIOD}&language=en")
    assert printed["Content-Type"] == "application/pdf"
    subscribed("010206")
    assert run() == 1
    body = str(mail.outbox[0].body)
    assert "2 commitments are late." in body
    assert "Citizens say of 1 commitment that it is not done." in body
    assert "Next step: ask at the next meeting what stops the late commitments." in body


def test_the_signed_link_pauses_and_stops_without_signing_in(alarming: list[str]) -> None:
    row = subscribed("0102", language="km")
    subscribed("010203", language="km")
    assert run() == 1
    (link,) = re.findall(r"https://x\.example(/alerts/\S+)", str(mail.outbox[0].body))
    visitor = Client(headers={"accept-language": "en"})
    page = visitor.get(link).content.decode()
    assert 'name="state" value="stopped"' in page
    assert "ឈប់" in page  # in Khmer, the language of the person
    row.refresh_from_db()
    assert row.state == "active"  # opening changes nothing
    assert visitor.post(link, {"state": "paused"}).status_code == 200
    states = AlertSubscription.objects.filter(address_key=row.address_key)
    assert set(states.values_list("state", flat=True)) == {"paused"}
    visitor.post(link, {"state": "active"})
    visitor.post(link)  # one click of a mail program
    assert set(states.values_list("state", flat=True)) == {"stopped"}
    states.update(looked_at="")
    Message.objects.all().delete()
    assert run(NOW + timedelta(days=1)) == 0
    assert visitor.get(link[:-3] + "xx/").status_code == 404
    assert visitor.post(link, {"state": "nonsense"}).status_code == 200
    assert set(states.values_list("state", flat=True)) == {"stopped"}


def test_people_subscribe_on_a_page_and_bad_addresses_are_said(alarming: list[str]) -> None:
    client = Client(headers={"accept-language": "en"})
    address = reverse("plans:alerts")
    assert client.get(address).status_code == 302
    client.force_login(person("council", "010203"))
    assert 'value="010203"' in client.get(address).content.decode()
    bad = client.post(address, {"place": "999999", "channel": "email", "address": "a@b.org"})
    assert bad.status_code == 422
    assert "There is no place with the code" in bad.content.decode()
    bad = client.post(address, {"place": "0102", "channel": "email", "address": "nonsense"})
    assert bad.status_code == 422
    assert "nonsense" in bad.content.decode()  # nothing entered is lost
    done = client.post(address, {"place": "០១០២", "channel": "email", "address": "a@b.org"})
    assert done.status_code == 302
    assert AlertSubscription.objects.get().place_id == "0102"


def test_a_mail_server_that_is_away_for_days_ends_in_not_reached(
    alarming: list[str], settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    subscribed("0102")
    assert run() == 0
    for day in range(1, 6):
        run(NOW + timedelta(days=day))
    message = Message.objects.get()
    assert (message.outcome, message.channel) == ("unreached", "email")
