"""Page, scorecard, chart, API, file and package carry the same figure, line, class and arrow."""

import csv
import io
import json
import re
import zipfile
from datetime import timedelta

import pandas as pd
import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone, translation

from dashboards.audiences.council.scorecard import scorecard
from dashboards.data.comparison import STANDING_OF_CLASS
from dashboards.tests.country import PERIOD, compare, make_country, person, put_score, release
from dashboards.text import comparisons, formats
from places.models import Place
from scorecards import periods
from scorecards.reading import statistics

pytestmark = pytest.mark.django_db
SERVICES = ("", "birth-registration")
ASKED = {"kind": "commune", "indicator": "CA-C1", "period": PERIOD, "every": "1"}
NUMBERS = ("share", "low", "high")


@pytest.fixture
def english():
    make_country()
    return Client(headers={"accept-language": "en"})


def file_of(client, service, address="/compare.csv"):
    text = client.get(address, {**ASKED, "service": service}).content.decode("utf-8-sig")
    return {row["Code"]: row for row in csv.DictReader(io.StringIO(text))}


def api(client, name, **asked):
    payload = client.get(f"/api/v1/scores/{name}", {"period": PERIOD, **asked}).json()
    return {(row["place_code"], row["service"]): row for row in payload["results"]}


def package(client, name):
    content = client.get("/scores/data.zip", {"period": PERIOD}).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        table = pd.read_csv(archive.open(f"{name}.csv"), dtype={"place_code": str})
    table = table.astype(object).where(table.notna(), "")
    return {(row["place_code"], row["service"]): row for row in table.to_dict("records")}


def chart(client, which, service):
    address = {**ASKED, "service": service, "figure": which}
    return client.get("/compare.json", address).json()


def marks_of(figure):
    """Place by the end of its address -> (number of the trace's name, x, y, text)."""
    return {
        re.search(r"/communes/(\d+)/", where)[1]: (trace["name"], x, y, text)
        for trace in figure["data"]
        if "customdata" in trace
        for where, x, y, text in zip(
            trace["customdata"], trace["x"], trace["y"], trace["text"], strict=True
        )
    }


@pytest.mark.parametrize("role", ["council", "coordinator"])
@pytest.mark.parametrize("service", SERVICES)
def test_every_channel_says_the_same_of_every_commune(english, role, service):
    user = person(role)
    user.language = "en"
    user.save()
    english.force_login(user)
    scores, classes = api(english, "", service=service), api(english, "classes/", service=service)
    in_package, classes_in_package = package(english, "scores"), package(english, "classes")
    in_file = file_of(english, service)
    dots, funnel = (marks_of(chart(english, which, service)) for which in ("dots", "funnel"))
    shown = 0
    for place in Place.objects.filter(level="commune"):
        row = scores.get((place.code, service))
        if row is None or row["share"] is None:
            assert in_file[place.code]["Share"] == ""
            assert (place.code, service) not in classes
            continue
        shown += 1
        key, one = (place.code, service), classes[place.code, service]
        assert (one["numerator"], one["denominator"]) == (row["numerator"], row["denominator"])
        for name, heading in zip(NUMBERS, ("Share", "Interval from", "Interval to"), strict=True):
            assert float(in_file[place.code][heading]) == round(row[name], 4)
            assert in_package[key][name] == pytest.approx(row[name], abs=1e-12)
        for name in ("funnel", "arrow", "places", "outlier"):
            assert str(classes_in_package[key][name]) == str(one[name])
        assert classes_in_package[key]["whole"] == pytest.approx(one["whole"], abs=1e-12)
        assert (in_file[place.code]["Class"]) == one["funnel"]
        assert in_file[place.code]["Change since the period before"] == one["arrow"]
        assert float(in_file[place.code]["Share of the whole country"]) == round(one["whole"], 4)
        assert int(in_file[place.code]["Places compared"]) == one["places"]
        assert one["whole"] == 0.8  # the nation's own cell, whichever communes are shown
        mark = formats.mark(STANDING_OF_CLASS[one["funnel"]]).word
        assert in_file[place.code]["Status"] == mark
        assert funnel[place.code][0] == mark
        assert funnel[place.code][2] == round(row["share"], 4)
        if place.code in dots:  # the first page of them
            assert dots[place.code][:2] == (mark, round(row["share"], 4))
        on_card(user, place, service, one, row)
    assert shown > 20


def on_card(user, place, service, one, row):
    """The scorecard's figure of a commune and service beside the stored class."""
    (office,) = [o for o in scorecard(user, place, PERIOD).offices if o.kind == "commune"]
    (section,) = [s for s in office.sections if s.code == service]
    (result,) = [r for r in section.shown if r.name == "Official fee respected"]
    assert result.share == formats.percent(row["share"])
    assert f'x1="{100 * one["whole"]:.1f}%"' in result.track
    assert formats.mark(STANDING_OF_CLASS[one["funnel"]]).css in result.track
    assert (result.arrow != "") == (one["arrow"] in ("up", "down"))
    allowed(result, one)


def allowed(result, one):
    """Better and worse are said of one commune only by the rule of alarms."""
    far = one["funnel"] in ("far_below", "far_above")
    assert result.nation.startswith(("Better", "Worse")) == far
    certain = result.change.startswith(("Better", "Worse"))
    assert certain == (one["change_alarm"] and one["arrow"] in ("up", "down"))
    others = [s for s in result.beside if "points better" in s or "points worse" in s]
    assert not others or one["service"] == ""
    for sentence in others:
        kind = "province" if "of the province" in sentence else "like"
        assert one.get(f"{kind}_alarm", True)


def test_the_funnel_draws_each_commune_on_the_side_of_the_line_that_its_class_says(english):
    figure = chart(english, "funnel", "")
    total = 0.8
    limits = [t for t in figure["data"] if t["name"] == "limits 99.8%"]
    low, high = (dict(zip(t["x"], t["y"], strict=True)) for t in limits)
    for place, (mark, size, share, _text) in marks_of(figure).items():
        near = min(low, key=lambda x: abs(x - size))
        if mark == "worse than others":
            assert share < total
            assert share < low[near] + 0.02, place
        if mark == "no clear difference from average":
            assert low[near] - 0.05 <= share <= high[near] + 0.05, place


def test_the_line_is_the_national_cell_although_only_some_communes_are_shown(english):
    """3,000 cases of the nation, of which the communes shown are only a part."""
    page = english.get("/compare/", ASKED).content.decode()
    assert "In the whole country 80% of cases met the standard." in page
    line = [s for s in chart(english, "dots", "")["layout"]["shapes"] if s["x0"] != 1]
    assert [shape["x0"] for shape in line] == [0.8]


def test_with_a_province_chosen_the_summary_is_about_the_province(english):
    page = english.get("/compare/", {**ASKED, "province": "01"}).content.decode()
    assert "In Province 01 80% of cases met the standard." in page
    small = english.get("/compare/", {**ASKED, "province": "02"}).content.decode()
    assert "Province 02 together: too few answers to show, or none." in small


def test_a_class_of_other_counts_than_those_shown_is_not_told(english):
    """Scores of a minute ago are compared a few minutes later: until then nobody is accused."""
    english.force_login(person("coordinator"))
    score = apps.get_model("scorecards", "Score").objects.get(
        place_code="010203", period=PERIOD, service=""
    )
    assert file_of(english, "")["010203"]["Class"] == "far_below"
    score.numerator, score.share = 101, 0.101
    score.computed_at += timedelta(minutes=1)
    score.save()
    row = file_of(english, "")["010203"]
    assert (row["Class"], row["Status"]) == ("", "not compared yet")
    compare()
    assert file_of(english, "")["010203"]["Class"] == "far_below"


def test_a_share_far_from_the_line_without_a_clear_difference_explains_chance():
    row = {"whole": 0.69, "share": 0.26, "funnel": "below"}
    assert "can be chance" in comparisons.of_nation(row)
    assert "chance" not in comparisons.of_nation({**row, "share": 0.66})
    assert comparisons.of_nation({**row, "funnel": "far_below"}).startswith("Worse than others")
    assert comparisons.of_nation({**row, "whole": float("nan")}) == ""


def test_empty_and_too_small_cells_read_the_same(english):
    """To whoever sees released figures alone."""
    small, empty = (file_of(english, "")[code]["Status"] for code in ("010204", "020202"))
    pages = [english.get(f"/communes/{c}/", {"period": PERIOD}) for c in ("010204", "020202")]
    assert all("Too few answers to show, or none." in p.content.decode() for p in pages)
    assert small == empty == "too few answers to show, or none"


def test_a_period_that_still_runs_is_marked_everywhere(english):
    today = timezone.localdate()
    running = periods.period_of(today, "quarter").code
    put_score("", 80, 100, period=running)
    put_score("010201", 30, 40, period=running)
    compare(running)
    user = person("coordinator")
    user.language = "en"
    user.save()
    english.force_login(user)
    asked = {**ASKED, "period": running}
    with translation.override("en"):
        mark = formats.period_name(running)
    assert mark.endswith("(not over yet)")
    assert f", {mark}</h2>" in english.get("/compare/", asked).content.decode()
    assert (
        f"<h2>{mark}</h2>" in english.get("/communes/010201/", {"period": running}).content.decode()
    )
    assert f"{mark}" in english.get("/donor/provinces/", asked).content.decode()
    assert mark in english.get("/compare.csv", asked).content.decode()
    explained = {**asked, "provider_kind": "commune", "place": "010201"}
    assert f"<dd>{mark}</dd>" in english.get("/scores/explain/", explained).text
    title = english.get("/compare.json", {**asked, "figure": "dots"}).json()["layout"]["title"]
    assert mark in title["text"]
    results = english.get("/api/v1/scores/", {"period": running}).json()["results"]
    assert {row["unfinished"] for row in results} == {True}
    classes = english.get("/api/v1/scores/classes/", {"period": running}).json()["results"]
    assert {row["unfinished"] for row in classes} == {True}
    content = english.get("/scores/data.zip", {"period": running}).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        table = pd.read_csv(archive.open("scores.csv"))
        assert table["unfinished"].all()
        assert json.loads(archive.read("datapackage.json"))["title"].endswith("(not over yet)")
    over = english.get("/api/v1/scores/", {"period": PERIOD}).json()["results"]
    assert {row["unfinished"] for row in over} == {False}


def test_a_release_stores_classes_of_its_own_cells_alone(english):
    user = person("donor")
    released = statistics.classes(user, PERIOD)
    assert not released["working"].any()
    assert set(released["service"]) == set(SERVICES)
    release(PERIOD, {"010202": {"numerator": 10, "denominator": 100, "share": 0.1}})
    again = statistics.classes(user, PERIOD, place="010202", service="")
    assert again["funnel"].tolist() == ["far_below"]
