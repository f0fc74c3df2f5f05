"""A tablet's people and communes are seen and changed, and its lists are those people's."""

import json
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Programme, User
from accounts.tests.factories import join
from audit.models import Entry
from places.models import Place
from standards.models import Provider
from surveys.forms.list_places import places_of_person, places_of_tablet
from surveys.forms.lists import house_list
from surveys.models import AppUser
from surveys.openrosa import authentication
from surveys.submissions.tests import factories
from surveys.tests.country import make_country, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme() -> Programme:
    make_country()
    cache.clear()
    authentication.forget_holders()
    result = factories.programme()
    result.provinces.set(Place.objects.filter(code__in=["01", "02"]))
    return result


@pytest.fixture
def lead(programme: Programme, client: Client) -> User:
    user = User.objects.create_user("lead", "a-long-password-9")
    join(user, "submissions.review", "cases.record", programme=programme)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def communes(tablet: AppUser) -> list[str]:
    cache.clear()
    rows = house_list("communes", tablet.programme, places_of_tablet(tablet)).rows
    return [row["name"] for row in rows]


def test_a_tablets_lists_are_its_facilitators_and_not_the_programmes(programme: Programme) -> None:
    dara = make_person("facilitator", "010201")
    tablet, token = factories.tablet(programme, people=[dara])
    assert communes(tablet) == ["010201"]
    bundle = Client().get(f"/v1/key/{token}/projects/{programme.pk}/tablet.json").json()
    assert bundle["people"] == [
        {"username": dara.username, "name": str(dara), "places": ["010201"]}
    ]
    sent = Client().get(f"/v1/key/{token}/projects/{programme.pk}/lists/communes.json")
    if sent.status_code == 200:
        assert [row["name"] for row in json.loads(sent.content)["rows"]] == ["010201"]
    rows = house_list("providers", programme, places_of_tablet(tablet)).rows
    # the hall there, its district's office, and the centre that serves it; not the others'
    names = {row["name"] for row in rows}
    assert {"hall-010201", "owso-0102", "hc-banteay"} <= names
    assert not {"hall-010202", "hall-020101"} & names


def test_odk_collect_gets_the_same_communes(programme: Programme) -> None:
    text = factories.SMALL.replace(
        "| | text | note",
        "| | select_one_from_file communes.csv | where | ទីណា | Where? | | | |\n| | text | note",
    )
    factories.published(programme, text)
    dara = make_person("facilitator", "010201")
    _tablet, token = factories.tablet(programme, people=[dara])
    base = f"/v1/key/{token}/projects/{programme.pk}/forms/small"
    got = Client().get(f"{base}/attachments/communes.csv")
    lines = got.content.decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["name", "010201"]
    manifest = Client(headers={"X-OpenRosa-Version": "1.0"}).get(f"{base}/manifest")
    assert house_list("communes", programme, ("010201",)).csv_md5 in manifest.content.decode()


def test_places_are_what_role_and_programme_share(programme: Programme) -> None:
    coordinator = make_person("coordinator")
    assert places_of_person(coordinator, programme) == ("01", "02")
    district = make_person("facilitator", "0102", username="d")
    assert places_of_person(district, programme) == ("0102",)
    join(district, "cases.record", place="010201")
    assert places_of_person(district, programme) == ("0102",)
    other = factories.programme("other")
    bound = User.objects.create_user("bound")
    join(bound, "cases.record", place="010201", programme=other)
    assert places_of_person(bound, programme) == ()
    tablet, _token = factories.tablet(programme)
    assert places_of_tablet(tablet) == ("01", "02")
    tablet.people.set([bound])
    assert communes(tablet) == []


def test_a_commune_or_office_that_ends_later_is_still_in_the_lists(programme: Programme) -> None:
    Place.objects.filter(code="010201").update(valid_to=date(2999, 3, 31))
    Provider.objects.filter(code="hall-010201").update(valid_to=date(2999, 3, 31))
    Place.objects.filter(code="010202").update(valid_to=date(2020, 3, 31))
    tablet, _token = factories.tablet(programme)
    assert communes(tablet) == ["010201", "020101"]
    rows = house_list("providers", programme).rows
    assert "hall-010201" in {row["name"] for row in rows}


def test_people_are_found_added_and_taken_off_with_a_trail(
    client: Client, lead: User, programme: Programme
) -> None:
    dara = make_person("facilitator", "010201", username="dara")
    make_person("facilitator", "020101", username="sok")
    tablet, _token = factories.tablet(programme)
    address = reverse("surveys:tablet_people", args=[tablet.pk])
    assert "Nobody is named yet" in client.get(address).content.decode()
    body = client.get(address, {"q": "0201"}).content.decode()
    assert "sok" in body
    assert "dara" not in client.get(address, {"q": "SOK"}).content.decode()
    assert "dara" in client.get(address, {"q": "010201"}).content.decode()
    client.post(address, {"action": "add", "person": dara.pk})
    assert communes(tablet) == ["010201"]
    page = client.get(address).content.decode()
    assert "010201" in page
    entry = Entry.objects.get(verb="tablet.people_changed")
    assert (entry.before, entry.after) == ({"people": []}, {"people": ["dara"]})
    client.post(address, {"action": "remove", "person": dara.pk})
    assert not tablet.people.exists()
    client.post(address, {"action": "rename", "name": "Blue cover"})
    tablet.refresh_from_db()
    assert tablet.name == "Blue cover"
    client.post(address, {"action": "rename", "name": ""})
    tablet.refresh_from_db()
    assert tablet.name == "Blue cover"


@pytest.mark.parametrize("number", ["", "abc", "²", "9" * 40, "0"])
def test_a_number_that_is_no_person_changes_nothing(
    client: Client, lead: User, programme: Programme, number: str
) -> None:
    tablet, _token = factories.tablet(programme)
    address = reverse("surveys:tablet_people", args=[tablet.pk])
    assert client.post(address, {"action": "add", "person": number}).status_code == 302
    assert not tablet.people.exists()


def test_somebody_of_another_programme_is_neither_offered_nor_added(
    client: Client, lead: User, programme: Programme
) -> None:
    stranger = User.objects.create_user("stranger")
    join(stranger, "cases.record", programme=factories.programme("other"))
    ended = User.objects.create_user("ended")
    join(ended, "cases.record", place="010201", ends_on=date(2020, 1, 1))
    tablet, _token = factories.tablet(programme)
    address = reverse("surveys:tablet_people", args=[tablet.pk])
    page = client.get(address).content.decode()
    assert "stranger" not in page
    assert "ended" not in page
    for user in (stranger, ended):
        client.post(address, {"action": "add", "person": user.pk})
    assert not tablet.people.exists()
    Membership.objects.filter(user=lead).update(programme=factories.programme("third"))
    assert client.get(address).status_code == 404


def test_tablets_are_found_by_their_name_and_their_people(
    client: Client, lead: User, programme: Programme
) -> None:
    dara = make_person("facilitator", "010201", username="dara")
    factories.tablet(programme, name="Blue", people=[dara])
    factories.tablet(programme, name="Red")
    listed = client.get(reverse("surveys:tablets"), {"q": "DARA"}).content.decode()
    assert "Blue" in listed
    assert "Red" not in listed
    assert "No tablet or person" in client.get("/tablets/", {"q": "x²"}).content.decode()


@pytest.mark.parametrize(
    ("second", "makes"), [(None, False), ("0201", False), ("02", True)], ids=str
)
def test_who_holds_a_part_of_a_programme_is_told_whom_to_ask(
    lead: User, second: str | None, makes: bool
) -> None:
    """Of two provinces one is not enough to make a tablet; one membership for each is."""
    lead.memberships.update(place="01")
    if second is not None:
        first = lead.memberships.get()
        Membership.objects.create(
            user=lead, role=first.role, programme=first.programme, place_id=second
        )
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(lead)
    page = browser.get(reverse("surveys:tablets")).content.decode()
    assert ("Make it" in page) is makes
    assert ("Ask whoever coordinates all of its provinces" in page) is not makes
