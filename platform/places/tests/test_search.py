"""Finding places as people type them: codes, Khmer, Latin, nearly."""

import pytest
from django.db import connection, transaction

from places import search
from places.loading import load_places
from places.models import Level, Place


@pytest.fixture(scope="module")
def nation(django_db_setup, django_db_blocker):
    """Every place of the country, loaded once for this file and rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_places()
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.national, pytest.mark.django_db, pytest.mark.usefixtures("nation")]


def codes(text: str, **scope: object) -> list[str]:
    return [place.code for place in search.find(text, **scope)]


FIRST = [
    ("010201", "010201"),
    ("០១០២០១", "010201"),
    (" 01 02 ", "0102"),
    ("បន្ទាយនាង", "010201"),
    ("បន្ទាយ\u200bនាង", "010201"),
    ("banteay neang", "010201"),
    ("BANTEAY  NEANG", "010201"),
    ("Banteay Ning", "010201"),
    ("បន្ទយនាង", "010201"),
    ("Siem Reap", "17"),
    ("siemreap", "17"),
    ("Poipet", "0110"),
    ("Kompong Cham", "03"),
    ("Phnom Penh", "12"),
    ("ភ្នំពេញ", "12"),
    ("sang", "0810"),
    ("7 Makara", "1203"),
]


@pytest.mark.parametrize(("typed", "code"), FIRST)
def test_the_likeliest_place_comes_first(typed, code):
    assert codes(typed)[0] == code


@pytest.mark.parametrize(
    "typed", ["", "   ", "\u200b", "%", "_", "\x00", "xyzzyx", "999999", "'" * 500]
)
def test_nothing_is_found_for_nothing_and_nothing_breaks(typed):
    assert codes(typed) == []


def test_level_and_limit_keep_to_their_words():
    result = search.find("kampong", level="commune", limit=7)
    assert len(result) == 7
    assert {p.level for p in result} == {Level.COMMUNE}


def test_within_keeps_to_one_part_of_the_country():
    assert codes("សំបួរ", within="17", level="commune") == ["170606", "171008"]


def test_the_places_above_are_at_hand_without_further_queries(django_assert_num_queries):
    (village,) = search.find("01020103")
    with django_assert_num_queries(0):
        assert "បន្ទាយមានជ័យ" in village.path_name


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("010201", "010201"),
        ("០១០២០១", "010201"),
        ("010201 ឃុំបន្ទាយនាង", "010201"),
        ("Banteay Neang", "010201"),
        ("Sarikakaev", "081308"),
        ("Baray", None),
        ("Banteay Ning", None),
        ("0102", None),
        ("", None),
    ],
)
def test_one_commune_is_resolved_only_where_it_is_certain(typed, code):
    result = search.resolve(typed, level="commune")
    assert (result.code if result else None) == code


def _plan(places) -> str:
    sql, params = places.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize(
    "places",
    [
        lambda: search.named("kampong cham")[:20],
        lambda: search.named("កំពត")[:20],
        lambda: search.nearly_named("kompong cham")[:20],
    ],
)
def test_names_are_found_by_the_index(places):
    assert "place_search_trgm" in _plan(places())


def test_codes_are_found_by_an_index():
    assert "Index" in _plan(Place.objects.filter(code__startswith="0102")[:20])


def test_a_name_takes_a_fixed_number_of_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        search.find("Banteay Ning")


STUNG = {"020701", "030710", "130604"}


@pytest.mark.parametrize(
    "typed",
    ["ស\u17d2\u178fៅ", "ស\u17d2\u178aៅ", "សៅ\u17d2\u178f", "ស\u17d2\u200b\u178fៅ"],
)
def test_a_name_is_found_by_spellings_that_look_alike(typed):
    assert set(codes(typed, level="commune")) >= STUNG


def test_parts_of_vowels_and_the_order_of_marks_make_no_difference():
    for typed in ("កោះកុង", "ក\u17c1\u17b6ះកុង", "ក\u17b6\u17c1ះកុង"):
        assert codes(typed, level="province") == codes("កោះកុង", level="province") != []
