"""The whole country is chosen, never meant by an empty field; roles move; programmes are made."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Programme, User
from accounts.permissions import may
from accounts.tests.factories import join, make_place, make_programme, make_role, make_user
from audit.models import Entry

pytestmark = [pytest.mark.national, pytest.mark.django_db]
MANAGER = ("people.manage", "cases.record")


@pytest.fixture
def national(client: Client) -> User:
    user = make_user(username="national")
    join(user, *MANAGER)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    make_place("010201")
    make_place("020101")
    return user


def person(**changes: str) -> dict[str, str]:
    role = make_role("facilitator", "cases.record")
    given = {"username": "dara", "display_name": "", "language": "km", "role": str(role.pk)}
    return {**given, "place": "", "programme": "", "ends_on": "", **changes}


def test_neither_place_nor_country_is_refused_and_nobody_is_made(client, national) -> None:
    for sent in ({}, {"where": "place"}):
        page = client.post("/people/add/", person(**sent))
        assert "Choose the place" in page.content.decode()
    assert not User.objects.filter(username="dara").exists()


def test_both_at_once_is_refused_and_what_was_typed_stays(client, national) -> None:
    page = client.post("/people/add/", person(where="country", place="010201"))
    text = page.content.decode()
    assert "You chose the whole country" in text
    assert "010201" in text
    page = client.post("/people/add/", person(where="place", place="nowhere at all"))
    assert 'value="nowhere at all"' in page.content.decode()
    assert not User.objects.filter(username="dara").exists()


def test_the_country_by_choice_and_a_place_by_name(client, national) -> None:
    client.post("/people/add/", person(where="country"))
    assert may(User.objects.get(username="dara"), "cases.record", place="020101")
    client.post("/people/add/", person(username="sok", place="010201 ទី"))
    sok = User.objects.get(username="sok")
    assert may(sok, "cases.record", place="010201")
    assert not may(sok, "cases.record", place="020101")


def test_the_page_has_the_picker_and_nothing_is_chosen_beforehand(client, national) -> None:
    page = client.get("/people/add/").content.decode()
    assert 'class="place-picker"' in page
    assert 'value="country"' in page
    assert "checked" not in page


def test_a_provinces_coordinator_is_not_offered_the_country(client) -> None:
    user = make_user()
    join(user, *MANAGER, place="01")
    client.force_login(user)
    make_place("010201")
    assert 'value="country"' not in client.get("/people/add/").content.decode()
    client.post("/people/add/", person(where="country"))
    assert not User.objects.filter(username="dara").exists()


def test_a_facilitator_moves_to_another_commune_and_keeps_the_end(client, national) -> None:
    dara = make_user(username="dara")
    ends = timezone.localdate() + timedelta(days=90)
    old = join(dara, "cases.record", place="010201", ends_on=ends, role="facilitator")
    address = f"/people/roles/{old.pk}/move/"
    assert "010201" in client.get(address).content.decode() or client.get(address)
    assert client.post(address, {"place": "nowhere"}).status_code == 422
    assert client.post(address, {"place": "010201"}).status_code == 422
    assert client.post(address, {"place": "020101"}).status_code == 302
    assert may(dara, "cases.record", place="020101")
    assert not may(dara, "cases.record", place="010201")
    old.refresh_from_db()
    new = Membership.objects.get(user=dara, place="020101")
    today = timezone.localdate()
    assert (old.ends_on, new.starts_on, new.ends_on) == (today - timedelta(days=1), today, ends)
    assert {e.verb for e in Entry.objects.all()} == {"role.ended", "role.granted"}


def test_nobody_moves_a_role_out_of_their_reach(client, national) -> None:
    coordinator = make_user()
    join(coordinator, *MANAGER, place="01")
    dara = make_user(username="dara")
    old = join(dara, "cases.record", place="010201")
    client.force_login(coordinator)
    assert client.post(f"/people/roles/{old.pk}/move/", {"place": "020101"}).status_code == 422
    assert may(dara, "cases.record", place="010201")


PROGRAMME = {
    "name_km": "កម្មវិធី",
    "name_en": "Programme",
    "code": "new",
    "donor": "A donor",
    "partner": "",
    "starts_on": "១/១/២០២៧",
    "ends_on": "",
}


def test_a_programme_is_added_and_changed_with_a_trail(client, national) -> None:
    assert client.post("/programmes/add/", PROGRAMME).status_code == 422
    both = PROGRAMME | {"provinces": ["01"], "whole_country": "on"}
    assert client.post("/programmes/add/", both).status_code == 422
    assert client.post("/programmes/add/", PROGRAMME | {"provinces": ["01"]}).status_code == 302
    made = Programme.objects.get(code="new")
    assert made.starts_on == date(2027, 1, 1)
    assert [place.code for place in made.provinces.all()] == ["01"]
    changed = PROGRAMME | {"name_en": "Renamed", "code": "other", "whole_country": "on"}
    assert client.post("/programmes/new/change/", changed).status_code == 302
    made.refresh_from_db()
    assert (made.code, made.name_en, made.provinces.count()) == ("new", "Renamed", 0)
    entry = Entry.objects.get(verb="programme.edited")
    assert (entry.before["provinces"], entry.after["provinces"]) == (["01"], [])
    bad = PROGRAMME | {"whole_country": "on", "ends_on": "1/1/2020", "code": "late"}
    assert client.post("/programmes/add/", bad).status_code == 422


def test_a_provinces_coordinator_makes_programmes_there_only(client) -> None:
    for code in ("010201", "020101"):
        make_place(code)
    user = make_user()
    join(user, *MANAGER, place="01")
    client.force_login(user)
    assert client.post("/programmes/add/", PROGRAMME | {"provinces": ["02"]}).status_code == 422
    everywhere = PROGRAMME | {"whole_country": "on"}
    assert client.post("/programmes/add/", everywhere).status_code == 422
    assert client.post("/programmes/add/", PROGRAMME | {"provinces": ["01"]}).status_code == 302
    theirs = make_programme("theirs", "02")
    assert client.get(f"/programmes/{theirs.code}/change/").status_code == 404
    assert client.get("/programmes/").status_code == 200
