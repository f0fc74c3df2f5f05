"""One place: its trend beside five like it, its services, gaps between groups of voters."""

import csv
import io
import re
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import make_user
from dashboards.tests.country import BEFORE, PERIOD, make_country, put_score, release
from scorecards.models import Annotation

pytestmark = pytest.mark.django_db
GAP = {
    "indicator": "CA-C1",
    "provider_kind": "commune",
    "among": "women",
    "level": "nation",
    "place_code": "",
    "status": "shown",
    "voters": 120,
    "others": 90,
    "satisfied": 48,
    "others_satisfied": 63,
    "share": 0.4,
    "others_share": 0.7,
    "share_gap": -0.3,
    "share_low": -0.42,
    "share_high": -0.17,
}


@pytest.fixture
def country(db):
    codes = make_country()
    for code, met in (("010202", 60), ("010207", 70)):
        put_score(code, met, 100, period=BEFORE)
    put_score("010202", 30, 100, service="certified-copy")
    release(BEFORE)
    release(PERIOD, gaps=[GAP])
    return codes


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def english():
    return Client(headers={"accept-language": "en"})


def test_a_commune_is_shown_through_time_beside_five_like_it_and_the_country(country):
    page = english().get("/compare/place/?place=010202")
    outcome = text_of(page)
    assert "Commune 01-2 60% 78%" in outcome
    assert "The whole country 80% 80%" in outcome
    assert page.content.decode().count("<tr") == 1 + 1 + 5 + 1
    drawn = english().get("/compare/place.json?place=010202").json()
    assert len(drawn["data"]) == 7
    assert drawn["data"][0]["y"] == [0.6, 0.78]
    assert "error_y" in drawn["data"][0]


def test_notes_stand_in_the_trend_at_their_period(country):
    by, second = make_user(username="x"), make_user(username="y")

    def note(code, day, text, state="shown"):
        checked = {"decided_by": second, "decided_at": timezone.now()} if state == "shown" else {}
        Annotation.objects.create(
            place_id=code, on=day, text=text, made_by=by, state=state, **checked
        )

    before = english().get("/compare/place.json?place=010202")
    note("0102", date(2026, 5, 4), "A new office <b>opened</b>")
    note("010202", date(2026, 5, 5), "Not checked", state="waiting")
    note("010207", date(2026, 5, 6), "Elsewhere")
    page = english().get("/compare/place/?place=010202").content.decode()
    assert "A new office &lt;b&gt;opened&lt;/b&gt;" in page
    assert "Not checked" not in page
    assert "Elsewhere" not in page
    assert page.count('stroke-dasharray="3 5"') == 1
    drawn = english().get("/compare/place.json?place=010202")
    assert drawn["ETag"] != before["ETag"]
    marks = drawn.json()["data"][-1]
    assert marks["x"] == [drawn.json()["data"][0]["x"][1]], "the note is of the later quarter"
    assert "A new office &lt;b&gt;opened" in marks["text"][0]
    assert [shape["x0"] for shape in drawn.json()["layout"]["shapes"]] == [1]


def test_services_stand_side_by_side_the_worst_first(country):
    outcome = text_of(english().get("/compare/place/?place=010202"))
    outcome = outcome[outcome.index("Services side by side") :]
    assert outcome.index("Certified copy") < outcome.index("Birth registration")
    assert "30%" in outcome


def test_gaps_between_groups_are_told_with_their_range(country):
    outcome = text_of(english().get("/compare/place/"))
    assert "women Official fee respected" in outcome
    assert "▼ −30 −42 … −17 : less satisfied" in outcome
    other = text_of(english().get("/compare/place/?place=010202"))
    assert "Too few voters of any group to show." in other


def test_the_file_holds_what_the_page_shows(country):
    raw = english().get("/compare/place.csv?place=010202").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(raw)))
    own = [row["share"] for row in rows if row["part"] == "trend" and row["place"] == "010202"]
    assert own == ["0.6000", "0.7800"]
    services = [row["service"] for row in rows if row["part"] == "services"]
    assert services == ["certified-copy", "birth-registration"]
    nation = english().get("/compare/place.csv").content.decode("utf-8-sig")
    assert "gaps,,2026-Q2,,CA-C1,women,-0.3000,-0.4200,-0.1700" in nation


def test_a_place_that_is_not_known_is_said_and_the_country_shown(country):
    outcome = text_of(english().get("/compare/place/?place=987654"))
    assert "There is no commune or province with the code “987654”; this is the country." in outcome
    assert "<h1>The whole country</h1>" in english().get("/compare/place/").content.decode()


def test_a_tiny_commune_tells_no_number(country):
    for address in ("/compare/place/", "/compare/place.csv", "/compare/place.json"):
        body = english().get(f"{address}?place=010204").content.decode()
        assert not [n for n in ("3 of 7", "0.4286", "43%") if n in body]
