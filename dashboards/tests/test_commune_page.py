import html
import re

import pytest
from django.apps import apps
from django.test import Client

from dashboards.tests.country import BEFORE, PERIOD, make_country, person, release

pytestmark = pytest.mark.django_db


@pytest.fixture
def english():
    make_country()
    return Client(headers={"accept-language": "en"})


def page(client, code, **asked):
    return client.get(f"/communes/{code}/", {"period": PERIOD, **asked}).content.decode()


def test_each_service_stands_beside_its_standard_in_words(english):
    text = page(english, "010202")
    assert "Birth registration" in text
    assert "free of charge" in text
    assert "within 3 working days" in text
    assert "Family book" in text
    assert "Law on Civil Registration" in text
    assert "78 of 100 paid no more than the official price." in text
    assert "That is 78%; likely between" in text


def test_a_clear_change_is_told_in_words(english):
    assert "Better than the period before, by 58 points." in page(english, "010202")


def test_no_change_is_told_where_the_period_before_has_no_figure(english):
    assert "than the period before" not in page(english, "010206")


def test_few_answers_are_marked_and_too_few_say_so(english):
    assert "Few answers: read with care." in page(english, "010205")
    hidden = page(english, "010204")
    assert "Too few answers to show, or none." in hidden
    assert "Choose a longer period, such as the year." in hidden
    english.force_login(person("coordinator"))
    assert "Too few answers to show, or none." in page(english, "010204")


def test_a_service_without_a_standard_is_not_held_against_anybody(english):
    text = page(english, "020202")
    assert "Too few answers to show, or none." in text
    assert "Birth registration" in text


def test_each_figure_can_be_opened_to_see_how_it_was_counted(english):
    cells = apps.get_model("scorecards", "Score").objects
    cells.filter(place_code="010202", period=PERIOD).update(deff=2.0, still_open=12)
    released = page(english, "010202")
    assert "How this was counted" in released
    assert "about 78 of 100, rounded to protect privacy" in released
    assert "Both numbers, met and not met, are rounded at random" in released
    assert "78 met it, of 100 judged" not in released
    assert "12 still open" not in released
    english.force_login(person("coordinator"))
    working = page(english, "010202")
    assert "12 still open" in working
    assert "78 met it, of 100 judged" in working
    assert "rounded" not in working
    assert "these 100 are worth as much as 50 independent answers (factor 2.00)." in working


ABOUT = "about 78 of 100, rounded to protect privacy"
BESIDE = f'<p class="quiet small">{ABOUT}</p>'
EARLIER = "Published under earlier rules: the numbers are not rounded."


def test_beside_a_released_figure_stands_that_it_is_rounded(english):
    released = page(english, "010202")
    assert released.count(BESIDE) == 2  # all services together, and the one service
    assert EARLIER not in released
    assert "rounded to protect privacy" not in page(english, "010204")  # too few: no figure
    khmer = english.get(f"/communes/010202/?period={PERIOD}", headers={"accept-language": "km"})
    assert (
        '<p class="quiet small">ប្រហែល ៧៨ ក្នុង ១០០ បង្គត់លេខដើម្បីការពារភាពឯកជន</p>'
        in khmer.content.decode()
    )
    english.force_login(person("coordinator"))
    working = page(english, "010202")
    assert "78 of 100 paid no more" in working
    assert "rounded" not in working


def test_a_figure_released_under_earlier_rules_is_marked(english):
    release(PERIOD, rules="suppressed")
    marked = f'<p class="quiet small">{EARLIER}</p>'
    assert page(english, "010202").count(marked) == 2
    assert "rounded to protect privacy" not in page(english, "010202")
    assert EARLIER not in page(english, "010204")
    assert EARLIER not in page(english, "010202", period=BEFORE)
    khmer = english.get(f"/communes/010202/?period={PERIOD}", headers={"accept-language": "km"})
    text = "ផ្សាយតាមវិធានមុន៖ លេខមិនបានបង្គត់ទេ។"
    assert f'<p class="quiet small">{text}</p>' in khmer.content.decode()


def test_a_khmer_councillor_reads_khmer_sentences_and_digits():
    make_country()
    text = Client().get(f"/communes/010202/?period={PERIOD}").content.decode()
    assert "៧៨ នាក់ ក្នុងចំណោម ១០០ នាក់ បានបង់មិនលើសតម្លៃផ្លូវការ។" in text
    assert "រវាង" in text


def test_a_commune_that_does_not_exist_is_not_found(english):
    assert english.get("/communes/999999/").status_code == 404
    assert english.get("/communes/01/").status_code == 404


def test_communes_are_found_by_name_by_code_and_by_province(english):
    assert english.get("/communes/?q=010202").url == "/communes/010202/"
    assert english.get("/communes/?q=០១០២០២").url == "/communes/010202/"
    assert "Commune 02-1" in english.get("/communes/?q=commune 02-1").content.decode()
    assert "Commune 02-1" in english.get("/communes/?province=02").content.decode()
    assert "No commune of that name was found." in english.get("/communes/?q=zzz").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_services(
    english, django_assert_max_num_queries
):
    with django_assert_max_num_queries(36):
        english.get(f"/communes/010202/?period={PERIOD}")


def test_each_figure_opens_its_trend_as_plotly_data_and_as_a_page(english):
    text = page(english, "010202")
    asked = re.search(r'data-figure="(/compare/place\.json\?[^"]*service=birth[^"]*)"', text)
    assert asked is not None
    trend = english.get(html.unescape(asked.group(1))).json()
    own = trend["data"][0] if trend["data"][0]["line"]["width"] == 3 else trend["data"][-1]
    assert own["y"][-2:] == [0.2, 0.78]
    assert "error_y" in own
    again = html.unescape(asked.group(1)).replace("place.json", "place/")
    assert "<table" in english.get(again).content.decode()
    assert "place.json" not in page(english, "010204"), "no trend of what is not shown"
