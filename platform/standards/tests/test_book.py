"""Looking things up in the book, in memory and with single queries alike."""

from datetime import date

import pytest

from standards import book
from standards.book import StandardBook
from standards.models import ProviderKind
from standards.tests.factories import place, provider, service, standard

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)


@pytest.fixture
def offices() -> None:
    place("010201")
    place("010202")
    provider("hall-010201", "commune", "010201")
    provider("police-010201", "police", "010201")
    provider("owso-0102", "owso", "0102")
    provider("province-01", "province", "01")
    provider("passports", "ministry", "12")


OWN = [
    ("010201", ProviderKind.COMMUNE, "hall-010201"),
    ("010201", ProviderKind.POLICE, "police-010201"),
    ("010201", ProviderKind.OWSO, "owso-0102"),
    ("010202", ProviderKind.OWSO, "owso-0102"),
    ("010201", ProviderKind.PROVINCE, "province-01"),
    ("010201", ProviderKind.MINISTRY, "passports"),
    ("010202", ProviderKind.COMMUNE, None),
    ("010201", ProviderKind.HEALTH_CENTRE, None),
]


@pytest.mark.parametrize(("commune", "kind", "code"), OWN)
@pytest.mark.usefixtures("offices")
def test_a_communes_own_provider_is_the_one_its_people_go_to(commune, kind, code):
    in_memory = StandardBook.load().own_provider(commune, kind)
    asked = book.own_provider(commune, kind)
    assert (in_memory and in_memory.code) == (asked and asked.code) == code


def test_a_health_centre_is_own_to_every_commune_of_its_catchment():
    centre = provider("hc-1", "health_centre", "010201")
    centre.serves.add(place("010202"), place("010201"))
    for commune in ("010201", "010202"):
        assert StandardBook.load().own_provider(commune, "health_centre") == centre
        assert book.own_provider(commune, "health_centre") == centre


def test_of_two_health_centres_neither_is_guessed():
    provider("hc-1", "health_centre", "010201")
    provider("hc-2", "health_centre", "010201")
    loaded = StandardBook.load()
    assert loaded.own_provider("010201", "health_centre") is None
    assert book.own_provider("010201", "health_centre") is None
    both = ["hc-1", "hc-2"]
    assert [p.code for p in loaded.providers_of("010201", "health_centre")] == both
    assert [p.code for p in book.providers_of("010201", "health_centre")] == both


def test_a_closed_provider_is_not_offered_after_its_last_day():
    provider("old", "commune", "010201", valid_to=date(2024, 12, 31))
    provider("new", "commune", "010201", valid_from=date(2025, 1, 1))
    loaded = StandardBook.load()
    for on, code in ((date(2024, 12, 31), "old"), (date(2025, 1, 1), "new")):
        for result in (
            loaded.own_provider("010201", "commune", on),
            book.own_provider("010201", "commune", on),
        ):
            assert result is not None
            assert result.code == code


def test_the_standard_of_the_day_is_found_and_its_last_day_belongs_to_it():
    card = service("id-card", "police")
    old = standard(card, fee=10000, valid_from=date(2014, 7, 1), valid_to=date(2017, 12, 31))
    new = standard(card, fee=0, valid_from=date(2018, 1, 1))
    loaded = StandardBook.load()
    for on, expected in (
        (date(2014, 6, 30), None),
        (date(2014, 7, 1), old),
        (date(2017, 12, 31), old),
        (date(2018, 1, 1), new),
        (TODAY, new),
    ):
        assert loaded.standard_for("id-card", "standard", None, on) == expected
        assert book.standard_for(card, "standard", None, on) == expected


def test_a_providers_own_posted_standard_goes_before_the_national_one():
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    centre = provider("hc-1", "health_centre", "010201")
    other = provider("hc-2", "health_centre", "010202")
    national = standard(visit, fee=4000)
    posted = standard(visit, fee=2000, provider=centre, valid_from=date(2025, 1, 1))
    loaded = StandardBook.load()
    for find in (loaded.standard_for, book.standard_for):
        assert find(visit, "standard", centre, TODAY) == posted
        assert find(visit, "standard", centre, date(2024, 12, 31)) == national
        assert find(visit, "standard", other, TODAY) == national
        assert find(visit, "standard", None, TODAY) == national


def test_an_unknown_service_or_option_has_no_standard():
    card = service("id-card", "police")
    standard(card)
    loaded = StandardBook.load()
    assert loaded.standard_for("nothing", "standard", None, TODAY) is None
    assert loaded.standard_for(card, "express", None, TODAY) is None


def test_a_book_of_one_day_holds_only_what_is_in_force_then():
    card = service("id-card", "police")
    standard(card, fee=10000, valid_to=date(2017, 12, 31))
    loaded = StandardBook.load(on=TODAY)
    assert loaded.standard_for(card, "standard", None, date(2016, 1, 1)) is None


@pytest.mark.usefixtures("offices")
def test_a_loaded_book_asks_the_database_nothing(django_assert_num_queries):
    card = service("birth", "commune")
    standard(card)
    loaded = StandardBook.load()
    _ = loaded.calendar
    with django_assert_num_queries(0):
        hall = loaded.own_provider("010201", "commune", TODAY)
        result = loaded.standard_for("birth", "standard", hall, TODAY)
        assert result is not None
        assert result.service.code == "birth"
