"""The page of a district: what needs attention, in words and in a matrix."""

import csv
import io

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboards.tests.country import PERIOD, make_country, make_places, person
from places.models import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def english() -> Client:
    make_country()
    return Client(headers={"accept-language": "en"})


def page(client: Client, code: str = "0102", **asked: str) -> str:
    return client.get(f"/districts/{code}/", {"period": PERIOD, **asked}).content.decode()


def test_a_commune_that_is_clearly_worse_is_named_first_with_the_reason(english: Client) -> None:
    text = page(english)
    attention = text[text.index('id="attention"') : text.index('id="communes"')]
    assert "1 of 30 communes need attention" in text
    assert "Commune 01-3" in attention
    assert "Worse than others: Commune hall: Official fee respected (10%)" in attention
    assert "Commune 01-1<" not in attention
    rows = text[text.index("<tbody>") :]
    assert rows.index("Commune 01-3") < rows.index("Commune 01-1<")


def test_communes_without_figures_are_listed_and_not_accused(english: Client) -> None:
    text = page(english)
    silent = text[text.index("no figures:") : text.index('id="communes"')]
    assert "Commune 01-4" in silent  # seven answers: too few
    assert "Commune 01-3<" not in silent


def test_no_row_gives_more_than_the_release(english: Client) -> None:
    assert "3 of 7" not in page(english)
    assert "43%" not in page(english)


def test_a_released_figure_says_that_it_is_rounded(english: Client) -> None:
    assert "about 100 of 1,000, rounded to protect privacy" in page(english)


def test_the_file_says_what_the_page_says(english: Client) -> None:
    answer = english.get("/districts/0102.csv", {"period": PERIOD})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))
    assert len(rows) == 30
    assert rows[0]["Commune"] == "Commune 01-3"
    assert rows[0]["Official fee respected: share"] == "0.1000"
    assert rows[0]["Official fee respected: class"] == "worse than others"
    assert {row["Official fee respected: share"] for row in rows if row["Code"] == "010204"} == {""}


def test_numbers_of_the_file_are_plain_in_khmer_too(english: Client) -> None:
    khmer = Client(headers={"accept-language": "km"})
    text = khmer.get("/districts/0102.csv", {"period": PERIOD}).content.decode()
    assert "0.1000" in text
    assert "%" not in text.split("\r\n")[1].split(",")[2]


def test_a_district_without_figures_and_a_country_without_any_say_so() -> None:
    make_places()
    english = Client(headers={"accept-language": "en"})
    assert english.get("/districts/0102/").status_code == 200
    assert english.get("/districts/0102.csv").status_code == 404
    assert english.get("/districts/9999/").status_code == 404
    assert english.get("/districts/010201/").status_code == 404


def test_a_value_that_is_not_understood_is_named_and_the_page_still_answers(
    english: Client,
) -> None:
    text = page(english, kind="ministry")
    assert "There is no kind of provider “ministry”." in text
    assert "30 communes" in text


def test_the_number_of_queries_does_not_grow_with_the_communes(
    english: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page(english)
    with django_assert_max_num_queries(14):
        page(english)


def test_an_officer_begins_on_the_page_of_their_district(english: Client) -> None:
    from accounts.home import first_pages
    from accounts.models import Membership, Role

    officer = person("council", "0102", username="officer")
    role, _ = Role.objects.get_or_create(
        code="district_officer",
        defaults={"name_km": "x", "name_en": "x", "about_km": "x", "about_en": "x"},
    )
    Membership.objects.filter(user=officer).update(role=role)
    pages = first_pages(officer)
    assert pages
    assert [p.url for p in pages] == ["/districts/0102/"]


def test_a_visitor_finds_a_district_by_its_province(english: Client) -> None:
    district = Place.objects.get(code="0102")
    text = english.get("/districts/?province=01").content.decode()
    assert f"/districts/{district.code}/" in text
