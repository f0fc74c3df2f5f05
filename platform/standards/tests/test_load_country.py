"""load_country: fast, repeatable, and it never undoes what a person did."""

import io
import json
from datetime import date

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.models import User
from places.models import Place
from standards import loading, services
from standards.book import StandardBook
from standards.models import Document, Holiday, Indicator, Provider, Service, Standard


@pytest.fixture(scope="module")
def messages(django_db_setup, django_db_blocker):
    """The country, loaded once for this file; its transaction is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        out = io.StringIO()
        call_command("load_country", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


pytestmark = [pytest.mark.national, pytest.mark.django_db, pytest.mark.usefixtures("messages")]


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("sokha", "a long pass phrase")


def test_the_whole_country_is_there(messages):
    assert Place.objects.count() == 25 + 210 + 1652 + 14484
    assert Provider.objects.count() == 2 * 1652 + 210 + 25 + 1
    assert (Service.objects.count(), Standard.objects.count()) == (16, 17)
    assert Indicator.objects.count() == 35
    assert Document.objects.count() == 16
    assert "7 × phantom commune" in messages
    last = json.loads(messages.splitlines()[-1])
    assert last["places"]["added"] == 16371


def test_a_second_run_changes_nothing_and_says_so():
    before = list(Standard.objects.values_list("pk", "replaced_at"))
    out = io.StringIO()
    call_command("load_country", stdout=out)
    assert "Nothing has changed." in out.getvalue()
    assert list(Standard.objects.values_list("pk", "replaced_at")) == before
    last = json.loads(out.getvalue().splitlines()[-1])
    assert all(not (t["added"] or t["changed"]) for t in last.values())


def test_every_service_given_by_a_hall_or_post_finds_its_office_in_every_commune():
    book = StandardBook.load()
    for commune in Place.objects.communes().values_list("code", flat=True)[:50]:
        for kind in ("commune", "police", "owso", "province", "ministry"):
            assert book.own_provider(commune, kind) is not None


def test_an_unpublished_fee_is_unknown_and_a_free_service_is_zero():
    book = StandardBook.load()
    on = date(2026, 11, 21)
    death = book.standard_for("death-registration", "standard", None, on)
    birth = book.standard_for("birth-registration", "standard", None, on)
    assert death is not None
    assert birth is not None
    assert (death.fee, birth.fee) == (None, 0)


def test_documents_keep_their_order_and_an_unfinished_list_is_not_called_known():
    birth = Standard.objects.get(fixture_key="birth-registration")
    assert [r.document.code for r in birth.required.all()] == [
        "birth-letter",
        "family-or-residence-book",
        "parents-marriage-certificate",
    ]
    assert birth.documents_known
    room = Standard.objects.get(fixture_key="room-rental-licence")
    assert room.required.count() == 3
    assert not room.documents_known


def test_an_edited_standard_is_never_overwritten(editor):
    copy = Standard.objects.get(fixture_key="certified-copy")
    edited = services.edit_standard(standard=copy, by=editor, reason="new table", fee=2000)
    tally = loading.load_standards()
    assert (tally.kept, tally.added, tally.changed) == (1, 0, 0)
    assert Standard.objects.current().get(service=copy.service).pk == edited.pk


def test_a_standard_mended_in_the_fixtures_is_replaced_where_nobody_edited_it(monkeypatch):
    rows = loading.read_fixture("standards.csv")
    (row,) = (r for r in rows if r["key"] == "certified-copy")
    row["fee"] = "1500"
    monkeypatch.setattr(loading, "read_fixture", lambda name: rows)
    tally = loading.load_standards()
    assert (tally.changed, tally.unchanged) == (1, 16)
    old = Standard.objects.get(fixture_key="certified-copy")
    assert old.replaced_at is not None
    assert Standard.objects.current().get(service=old.service).fee == 1500
    assert loading.load_standards().unchanged == 17


def test_an_edited_office_is_never_overwritten(editor):
    hall = Provider.objects.get(code="commune-010201")
    hall.name_en = "Banteay Neang hall by the river"
    services.save_record(record=hall, by=editor)
    tally = loading.load_providers()
    assert (tally.kept, tally.changed) == (1, 0)


def test_an_official_or_cancelled_holiday_stays_as_people_left_it(editor):
    day = Holiday.objects.get(date=date(2026, 11, 24))
    services.mark_holiday_official(holiday=day, by=editor, source="Sub-decree", cancelled=True)
    own = Holiday(date=date(2027, 7, 1), name_km="ពិសេស", name_en="Special")
    services.save_holiday(holiday=own, by=editor)
    tally = loading.load_holidays()
    assert (tally.kept, tally.added, tally.changed) == (2, 0, 0)
    day.refresh_from_db()
    assert day.is_cancelled
    assert Holiday.objects.filter(date=own.date).exists()


def test_a_prediction_ahead_that_no_longer_stands_is_taken_back_but_never_a_past_day():
    ahead = Holiday.objects.create(date=date(2027, 7, 2), name_km="ក", name_en="x")
    past = Holiday.objects.create(date=date(2025, 7, 2), name_km="ក", name_en="x")
    loading.load_holidays(last_year=2027)
    assert not Holiday.objects.filter(pk=ahead.pk).exists()
    assert Holiday.objects.filter(pk=past.pk).exists()


def test_holidays_are_predicted_until_someone_has_seen_the_sub_decree():
    assert not Holiday.objects.filter(is_official=True).exists()
    days = Holiday.objects.filter(date__year=2026).values_list("date", flat=True)
    assert {date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)} <= set(days)
    assert not Holiday.objects.filter(name_km="").exists()
    assert not Holiday.objects.filter(name_en="").exists()
