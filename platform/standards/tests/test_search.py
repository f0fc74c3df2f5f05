"""Search over places, services and offices, whatever way Khmer was typed."""

from datetime import date

import pytest
from django.test import Client

from places.gazetteer import search_text
from places.models import Kind, Level, Place
from standards.models import Provider, Service
from standards.search import find_providers, find_services

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def ground() -> None:
    province = Place.objects.create(
        code="01", level=Level.PROVINCE, kind=Kind.KHET, name_km="បន្ទាយមានជ័យ", name_latin="Banteay"
    )
    district = Place.objects.create(
        code="0102",
        level=Level.DISTRICT,
        kind=Kind.SROK,
        name_km="មង្គលបូរី",
        name_latin="Mongkol",
        parent=province,
    )
    commune = Place.objects.create(
        code="010201",
        level=Level.COMMUNE,
        kind=Kind.KHUM,
        name_km="បន្ទាយនាង",
        name_latin="Banteay Neang",
        parent=district,
        search=search_text("បន្ទាយនាង", "Banteay Neang"),
    )
    Service.objects.create(
        code="birth-registration",
        provider_kind="commune",
        name_km="ការចុះបញ្ជីកំណើត",
        name_en="Birth registration",
    )
    Service.objects.create(
        code="old-permit",
        provider_kind="commune",
        name_km="លិខិតចាស់",
        name_en="Old permit",
        retired_on=date(2020, 1, 1),
    )
    for code, name, ends in (
        ("hall-1", "សាលាឃុំបន្ទាយនាង", None),
        ("gone", "សាលាចាស់", TODAY.replace(year=2020)),
    ):
        Provider.objects.create(
            code=code, kind="commune", place=commune, name_km=name, name_en=code, valid_to=ends
        )
    from standards import search

    search._names.clear()


def codes(text: str) -> list[str]:
    return [service.code for service in find_services(text, TODAY)]


@pytest.mark.parametrize(
    "text",
    [
        "ការចុះបញ្ជីកំណើត",
        "ការ\u200bចុះ\u200bបញ្ជី\u200bកំណើត",  # zero-width spaces
        "កំណើត",
        "កំនើត",  # one wrong letter
        "BIRTH",
        "birth registraton",  # a letter missing
        "birth-registration",
        "  Birth   registration ",
    ],
)
def test_a_service_is_found_however_it_is_typed(text: str) -> None:
    assert codes(text) == ["birth-registration"]


@pytest.mark.parametrize(
    "text", ["", "   ", "\u200b", "zz", "passport", "\x00", "old permit", "'; --"]
)
def test_what_is_no_service_is_not_found(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("text", ["hall-1", "សាលាឃុំបន្ទាយនាង", "សាលាឃុំបន្ទាយ\u200bនាង", "បន្ទាយនាង"])
def test_an_office_is_found_by_its_name_or_code(text: str) -> None:
    assert [one.code for one in find_providers(text, TODAY)] == ["hall-1"]


def test_an_office_that_ended_is_not_found() -> None:
    assert find_providers("សាលាចាស់", TODAY) == []


def test_the_page_answers_with_all_three_and_says_what_to_do_without_an_answer(
    client: Client,
) -> None:
    english = {"accept-language": "en"}
    page = client.get("/search/", {"q": "Banteay Neang"}, headers=english).content.decode()
    assert "/communes/010201/" in page
    assert "/providers/hall-1/" in page
    page = client.get("/search/", {"q": "កំណើត"}, headers=english).content.decode()
    assert "/services/birth-registration/" in page
    page = client.get("/search/", {"q": "<b>xyz</b>"}, headers=english).content.decode()
    assert "Nothing is called “&lt;b&gt;xyz&lt;/b&gt;”" in page
    assert client.get("/search/", {"q": "ក" * 5000}).status_code == 200
