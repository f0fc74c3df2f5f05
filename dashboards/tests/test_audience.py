"""What each role sees on every page, in every file and every figure.

In the small country commune 010204 has three of seven (too few), province 02 as well.
"""

import json
import re

import pytest
from django.apps import apps
from django.test import Client

from dashboards.tests.country import PERIOD, make_country, person, put_score

pytestmark = pytest.mark.django_db
TINY = "010204"
ASKED = f"period={PERIOD}&sort=judged&every=1"
PUBLIC = [
    f"/compare/?{ASKED}",
    f"/compare/?{ASKED}&page=2",
    f"/compare/?{ASKED}&commune={TINY}",
    f"/compare/?{ASKED}&province=02",
    f"/compare.csv?{ASKED}",
    f"/compare.csv?{ASKED}&commune={TINY}",
    f"/compare.json?{ASKED}&figure=dots&commune={TINY}",
    f"/compare.json?{ASKED}&figure=dots",
    f"/compare.json?{ASKED}&figure=dots&page=2",
    f"/compare.json?{ASKED}&figure=map",
    f"/communes/{TINY}/?period={PERIOD}",
]
DONORS = [f"/donor/provinces/?{ASKED}", f"/donor.csv?{ASKED}", f"/donor.json?{ASKED}"]
HIDDEN = ("3 of 7", "3 / 7", ",3,7,", "0.4286", "0.43", "43%", "4 of 7")
READERS = [
    (None, None),
    ("stranger", None),
    ("council", TINY),
    ("council", "010201"),
    ("donor", None),
    ("facilitator", "010201"),
    ("facilitator", "02"),
]


@pytest.fixture(autouse=True)
def _country(db):
    make_country()


def client_of(role, place):
    client = Client(headers={"accept-language": "en"})
    if role:
        client.force_login(person(role, place))
    return client


def text_of_page(client, address):
    """Everything an answer says: text, attributes, drawings, numbers of figures."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    text = answer.content.decode()
    if answer["Content-Type"] == "application/json":
        return json.dumps(json.loads(text), ensure_ascii=False)
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(("role", "place"), READERS)
def test_fewer_than_ten_are_never_told_to_those_without_the_right(role, place):
    client, met = client_of(role, place), 0
    for address in PUBLIC:
        answer = text_of_page(client, address)
        assert [number for number in HIDDEN if number in answer] == [], address
        met += "too few answers to show, or none" in answer.lower()
    assert met >= 7, "the tiny commune was looked for where it is not"


def test_a_donor_sees_provinces_and_never_fewer_than_ten():
    client = client_of("donor", None)
    for address in DONORS:
        answer = text_of_page(client, address)
        assert [number for number in HIDDEN if number in answer] == []
        assert "Province 01" in answer
        assert "Commune 01-1" not in answer


def test_the_donors_page_asks_who_is_there():
    stranger = client_of("stranger", None)
    for address in DONORS:
        assert Client().get(address).status_code == 302
        assert stranger.get(address).status_code == 403


def test_a_facilitator_sees_the_working_figures_of_their_own_communes_only():
    here = client_of("facilitator", TINY)
    page = text_of_page(here, f"/compare/?{ASKED}")
    assert "3 / 7" in page
    assert "Working figures, not released: for you only" in page
    other = client_of("facilitator", "02")
    assert "3 / 7" not in text_of_page(other, f"/compare/?{ASKED}&province=01")


def test_where_nothing_is_released_others_places_are_not_said_to_be_silent():
    apps.get_model("scorecards", "Release").objects.update(is_current=False)
    client = client_of("facilitator", TINY)
    page = text_of_page(client, f"/compare/?{ASKED}&commune={TINY}")
    assert "3 / 7" in page
    saved = text_of_page(client, f"/compare.csv?{ASKED}")
    lines = [line for line in saved.split("\n") if "Commune" in line] or [saved]
    assert "not released" in "".join(lines)
    raw = client.get(f"/compare.csv?{ASKED}").content.decode()
    others_rows = [line for line in raw.splitlines() if line.startswith("02")]
    assert others_rows
    assert not any("too few answers" in line for line in others_rows)
    assert "not released" in text_of_page(client, f"/compare.json?{ASKED}&figure=map")
    total = text_of_page(client, f"/compare/?{ASKED}&province=02")
    assert "These figures are not released for this period" in total
    assert "Nobody has reported" not in total
    others = text_of_page(client, f"/communes/010201/?period={PERIOD}")
    assert "Nothing is released about this commune in this period" in others
    assert "Too few answers to show" not in others


def test_a_coordinator_sees_working_figures_and_is_told_so():
    client = client_of("coordinator", None)
    assert "3 / 7" in text_of_page(client, f"/compare/?{ASKED}")
    saved = text_of_page(client, f"/compare.csv?{ASKED}")
    assert f"{TINY},ឃុំល្អ4,Commune 01-4,3,7," in saved
    assert "working figures, not released" in saved


def test_what_one_may_see_is_never_answered_from_what_another_has_seen():
    coordinator, public = client_of("coordinator", None), client_of(None, None)
    for address in (f"/compare/?{ASKED}", f"/compare.csv?{ASKED}"):
        assert "3 / 7" in text_of_page(coordinator, address) or ",3,7," in text_of_page(
            coordinator, address
        )
        assert [number for number in HIDDEN if number in text_of_page(public, address)] == []
    figure = f"/compare.json?{ASKED}&figure=map"
    text_of_page(coordinator, figure)
    assert [number for number in HIDDEN if number in text_of_page(public, figure)] == []


def test_a_changed_score_shows_at_once_and_what_is_released_stays():
    coordinator, public = client_of("coordinator", None), client_of(None, None)
    assert "999 / 1,000" in text_of_page(coordinator, f"/compare/?{ASKED}&commune=010201")
    scores = apps.get_model("scorecards", "Score").objects
    scores.filter(place_code="010201", service="", indicator="CA-C1", period=PERIOD).delete()
    put_score("010201", 500, 1000)
    assert "500 / 1,000" in text_of_page(coordinator, f"/compare/?{ASKED}&commune=010201")
    released = text_of_page(public, f"/compare/?{ASKED}&commune=010201")
    assert "about 999 of 1,000, rounded to protect privacy" in released


def test_what_is_kept_of_a_page_is_nobodys_own():
    people = []
    for name in ("sokha", "dara"):
        user = person("coordinator", None, username=name)
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        people.append(text_of_page(client, f"/compare/?{ASKED}"))
    of_sokha, of_dara = people
    assert "dara" in of_dara
    assert "sokha" in of_sokha
    assert "sokha" not in of_dara
    answer = of_dara[of_dara.index('<div id="results"') : of_dara.index("</main>")]
    assert answer in of_sokha
    assert "csrf" not in answer
    in_khmer = text_of_page(Client(headers={"accept-language": "km"}), f"/compare/?{ASKED}")
    assert answer not in in_khmer


def test_a_renamed_service_is_called_by_its_new_name_at_once():
    client = client_of("coordinator", None)
    text_of_page(client, f"/compare/?{ASKED}")
    model = apps.get_model("standards", "Service")
    service = model.objects.filter(provider_kind="commune", retired_on=None).first()
    model.objects.filter(pk=service.pk).update(name_en="A brand new name")
    assert "A brand new name" in text_of_page(client, f"/compare/?{ASKED}")
