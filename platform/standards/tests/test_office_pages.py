"""Offices and holidays are added, changed and closed without Django's admin."""

from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import join, make_user
from audit.models import Entry
from places.models import Kind, Level, Place
from standards import search
from standards.models import Holiday, Provider

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
OFFICE = {
    "name_km": "មណ្ឌលសុខភាពថ្មី",
    "name_en": "New health centre",
    "kind": "health_centre",
    "place": "010201",
    "serves": "010201, 010202",
    "code": "hc-new",
    "opening_hours": "8-17",
    "phone": "",
    "valid_from": "",
    "valid_to": "",
    "reason": "opened in May",
}


@pytest.fixture(autouse=True)
def ground() -> None:
    for code, level, kind in (
        ("01", Level.PROVINCE, Kind.KHET),
        ("0102", Level.DISTRICT, Kind.SROK),
        ("010201", Level.COMMUNE, Kind.KHUM),
        ("010202", Level.COMMUNE, Kind.KHUM),
        ("02", Level.PROVINCE, Kind.KHET),
        ("0201", Level.DISTRICT, Kind.SROK),
        ("020101", Level.COMMUNE, Kind.KHUM),
    ):
        Place.objects.create(
            code=code,
            level=level,
            kind=kind,
            name_km=f"ទី{code}",
            name_latin=f"Place {code}",
            parent_id=code[:-2] or None,
        )
    search._names.clear()


def editor(place: str = "") -> tuple[Client, User]:
    user = make_user()
    join(user, "standards.edit", role="coordinator", place=place)
    client = Client(headers=ENGLISH)
    client.force_login(user)
    return client, user


def test_an_office_is_added_with_its_catchment_and_an_audit_row() -> None:
    client, user = editor("01")
    answer = client.post("/standards/offices/add/", OFFICE)
    assert answer.status_code == 302
    office = Provider.objects.get(code="hc-new")
    assert sorted(office.serves.values_list("code", flat=True)) == ["010201", "010202"]
    verbs = Entry.objects.filter(actor_id=user.pk).values_list("verb", "place_code")
    assert set(verbs) == {("provider.added", "010201"), ("provider.catchment_changed", "010201")}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"serves": "010201 999999"}, "These are no codes of communes: 999999."),
        ({"place": "Nowhere"}, "No single place has this name"),
        ({"valid_from": "01/05/2026", "valid_to": "01/04/2026"}, "It ends before it starts."),
        ({"name_km": ""}, "required"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(
    change: dict[str, str], sentence: str
) -> None:
    client, _user = editor("01")
    answer = client.post("/standards/offices/add/", OFFICE | change)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "opened in May" in answer.content.decode()
    assert not Provider.objects.exists()


def test_an_office_that_closed_keeps_its_code_and_says_so_in_the_list() -> None:
    client, _user = editor("01")
    client.post("/standards/offices/add/", OFFICE)
    changed = OFFICE | {"valid_to": "01/02/2026", "serves": "", "code": "other", "kind": "police"}
    assert client.post("/standards/offices/hc-new/", changed).status_code == 302
    office = Provider.objects.get()
    assert (office.code, office.kind, office.valid_to) == (
        "hc-new",
        "health_centre",
        date(2026, 2, 1),
    )
    assert not office.serves.exists()
    page = client.get("/standards/offices/", {"q": "New health"}).content.decode()
    assert "closed" in page
    assert "hc-new" in page


def test_nobody_edits_offices_of_elsewhere() -> None:
    client, _user = editor("02")
    assert client.post("/standards/offices/add/", OFFICE).status_code == 403
    assert not Provider.objects.exists()
    editor("01")[0].post("/standards/offices/add/", OFFICE)
    assert client.get("/standards/offices/hc-new/").status_code == 404
    assert "hc-new" not in client.get("/standards/offices/").content.decode()


def test_holidays_are_for_those_who_edit_for_the_whole_country() -> None:
    client, _user = editor("01")
    assert client.get("/standards/holidays/").status_code == 403
    client, _user = editor()
    day = {
        "date": "29/12/2027",
        "name_km": "ទិវាសន្តិភាព",
        "name_en": "Peace Day",
        "is_official": "on",
        "source": "Sub-decree 1",
        "reason": "published",
    }
    assert client.post("/standards/holidays/add/", day).status_code == 302
    holiday = Holiday.objects.get(date=date(2027, 12, 29))
    changed = day | {"is_cancelled": "on"}
    assert client.post(f"/standards/holidays/{holiday.pk}/", changed).status_code == 302
    assert "offices worked" in client.get("/standards/holidays/").content.decode()
    twice = client.post("/standards/holidays/add/", day)
    assert twice.status_code == 422
    assert Holiday.objects.filter(date=date(2027, 12, 29)).count() == 1
    assert set(Entry.objects.values_list("verb", flat=True)) == {"holiday.added", "holiday.edited"}
