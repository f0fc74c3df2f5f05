import csv
import io
import json
import re

import pytest
from django.apps import apps
from django.test import Client

from dashboards.tests.country import (
    PERIOD,
    make_country,
    person,
    put_score,
    release,
)

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def country():
    return make_country()


@pytest.fixture
def english():
    return Client(headers={"accept-language": "en"})


def text_of(response):
    return response.content.decode()


def rows_of(response):
    reader = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    return list(reader)


def table_rows(html):
    body = html[html.index('<table class="comparison"') :]
    body = body[body.index("<tbody>") : body.index("</tbody>")]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r, re.S) for r in body.split("<tr")[1:]]
    return [[" ".join(re.sub(r"<[^>]+>", " ", c).split()) for c in row] for row in cells]


def test_with_nothing_scored_the_page_says_what_to_do_next(english):
    page = text_of(english.get("/compare/"))
    assert "Nothing has been published yet." in page
    assert "Nothing has been scored yet." not in page
    assert 'id="question"' not in page  # no menus without anything to choose
    coming = apps.get_model("scorecards", "Release").objects.create(
        period="2026-Q1", method_version="1"
    )
    assert "The first figures are being prepared" in text_of(english.get("/compare/"))
    coming.delete()
    user = person("coordinator")
    user.language = "en"
    user.save()
    english.force_login(user)
    assert "Nothing has been scored yet." in text_of(english.get("/compare/"))
    assert english.get("/compare.csv").status_code == 404
    assert english.get("/compare.json").status_code == 404


def test_the_newest_finished_quarter_and_the_first_indicator_are_shown_unasked(english, country):
    page = text_of(english.get("/compare/"))
    assert "Official fee respected: All services together, Quarter 2, 2026" in page
    assert "In the whole country 80% of cases met the standard." in page
    assert "1 better than others, 1 worse" in page


def test_the_table_the_file_and_the_figure_hold_the_same_rows_in_the_same_order(english, country):
    asked = f"period={PERIOD}&indicator=CA-C1&sort=-share&every=1"
    shown, drawn = [], []
    for number in (1, 2):
        shown += table_rows(text_of(english.get(f"/compare/?{asked}&page={number}")))
        figure = english.get(f"/compare.json?figure=dots&{asked}&page={number}").json()
        drawn += figure["layout"]["yaxis"]["ticktext"]
        points = {
            y: (x, text)
            for trace in figure["data"]
            for x, y, text in zip(trace["x"], trace["y"], trace["text"], strict=True)
        }
        for y, row in zip(
            figure["layout"]["yaxis"]["tickvals"], shown[-len(points) :], strict=True
        ):
            if row[1]:
                assert f"{points[y][0]:.0%}" == row[1]
    saved = rows_of(english.get(f"/compare.csv?{asked}"))
    assert len(saved) == 32
    assert [row["Code"] for row in saved] == [row[0].split()[-1] for row in shown]
    assert [row["Name in Latin letters"] for row in saved] == drawn
    for line, row in zip(saved, shown, strict=True):
        counts = f"about {line['Met the standard']} of {line['Judged']}" if line["Judged"] else ""
        sentence = row[2].replace(",", "")
        assert sentence == (f"{counts} rounded to protect privacy" if counts else "")
        assert (f"{float(line['Share']):.0%}" if line["Share"] else "") == row[1]
        assert line["Status"] == row[4].split(" ", 1)[1]


def counts_of(client, language="en"):
    """What both pages of the table say of met and judged: code -> words."""
    fields = {}
    for number in (1, 2):
        address = f"/compare/?period={PERIOD}&every=1&page={number}"
        answer = client.get(address, headers={"accept-language": language})
        fields |= {row[0].split()[-1]: row[2] for row in table_rows(text_of(answer))}
    return fields


def test_each_released_figure_says_that_it_is_rounded(english, country):
    outcome = counts_of(english)
    assert outcome["010201"] == "about 999 of 1,000, rounded to protect privacy"
    assert outcome["010204"] == ""  # three of seven
    khmer = counts_of(english, language="km")
    assert khmer["០១០២០១"] == "ប្រហែល ៩៩៩ ក្នុង ១.០០០ បង្គត់លេខដើម្បីការពារភាពឯកជន"


def test_a_working_figure_stands_exact_between_released_ones(english, country):
    english.force_login(person("facilitator", "010204"))
    outcome = counts_of(english)
    assert outcome["010204"] == "3 / 7"
    assert outcome["010201"] == "about 999 of 1,000, rounded to protect privacy"


def test_a_figure_released_under_earlier_rules_is_marked(english, country):
    release(PERIOD, rules="suppressed")
    outcome = counts_of(english)
    assert outcome["010201"] == "999 / 1,000 published under earlier rules"
    assert outcome["010204"] == ""
    assert counts_of(english, language="km")["០១០២០១"] == "៩៩៩ / ១.០០០ ផ្សាយតាមវិធានមុន"


def test_the_file_says_in_every_row_what_was_chosen_and_where_it_comes_from(english, country):
    row = rows_of(english.get("/compare.csv?service=birth-registration&province=01"))[0]
    assert row["Period"] == "Quarter 2, 2026"
    assert row["Service"] == "Birth registration"
    assert row["Province"] == "Province 01"
    assert row["Kind of figures"] == "public figures"
    assert row["Computed at"].startswith("2026-07-02T15:30")
    assert row["Source"]


def test_a_khmer_reader_gets_a_khmer_file_with_a_byte_order_mark(client, country):
    answer = client.get("/compare.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "លេខកូដ" in text_of(answer).splitlines()[0]


def test_a_province_keeps_only_its_communes_but_the_national_line_stays(english, country):
    page = text_of(english.get("/compare/?province=02&every=1"))
    assert len(table_rows(page)) == 2
    assert "In the whole country 80%" in page


def test_a_chosen_commune_stands_beside_five_like_it_and_the_median(english, country):
    page = text_of(english.get("/compare/?commune=010207"))
    rows = table_rows(page)
    assert len(rows) == 6
    assert rows[0][0] == "Commune 01-7 010207"
    assert "five like it" in page
    assert "Half of all communes shown reach" in page


def test_a_commune_that_is_not_there_is_said_and_all_are_shown(english, country):
    page = text_of(english.get("/compare/?commune=259999"))
    assert "There is no commune with the code “259999” here." in page
    assert len(table_rows(page)) == 25


def test_only_places_with_figures_are_listed_unless_every_one_is_asked_for(english, country):
    saved = {row["Code"] for row in rows_of(english.get("/compare.csv"))}
    assert saved == set(country) - {"010204", "020202"}
    page = text_of(english.get("/compare/"))
    assert "2 places without a figure are left out." in page
    every = rows_of(english.get("/compare.csv?every=1"))
    assert {row["Code"] for row in every} == set(country)
    assert "Show only places with figures" in text_of(english.get("/compare/?every=1"))


def test_a_commune_without_a_shape_is_named_beside_the_map(english, country):
    page = text_of(english.get("/compare/"))
    assert "1 place is not on the map" in page
    assert "On the map (schematic shapes)" in page
    assert "Natural Earth" in page


def test_the_table_is_searched_by_name_in_both_scripts_and_by_code(english, country):
    for sought in ("commune 01-17", "ឃុំល្អ17", "010217", "០១០២១៧"):
        rows = table_rows(text_of(english.get("/compare/", {"q": sought})))
        assert [row[0] for row in rows] == ["Commune 01-17 010217"], sought
    page = text_of(english.get("/compare/?q=atlantis"))
    assert "No place in the table has this in its name or code." in page
    assert "In the whole country 80%" in page
    saved = rows_of(english.get("/compare.csv?q=010217"))
    assert [row["Code"] for row in saved] == ["010217"]


def test_provinces_and_districts_are_compared_too(english, country):
    page = text_of(english.get("/compare/?level=province"))
    assert "<h1>Compare provinces</h1>" in page
    assert [row[0] for row in table_rows(page)] == ["Province 01 01"]
    page = text_of(english.get("/compare/?level=district"))
    assert [row[0] for row in table_rows(page)] == ["District 0102", "District 0202"]
    assert 'href="/districts/0102/?period=2026-Q2"' in page
    text = text_of(english.get("/compare/?level=galaxy"))
    assert "There is no level “galaxy”; you see communes." in text


def test_a_district_is_the_sum_of_its_communes_that_have_figures(english, country):
    communes = rows_of(english.get("/compare.csv?province=01"))
    district = next(
        row for row in rows_of(english.get("/compare.csv?level=district")) if row["Code"] == "0102"
    )
    for column in ("Met the standard", "Judged"):
        assert int(district[column]) == sum(int(row[column]) for row in communes)
    share = float(district["Share"])
    assert share == pytest.approx(
        int(district["Met the standard"]) / int(district["Judged"]), abs=1e-4
    )
    assert float(district["Interval from"]) < share < float(district["Interval to"])


def test_the_map_tells_what_the_table_tells(english, country):
    for level in ("commune", "district", "province"):
        places = english.get(f"/compare.json?figure=map&level={level}").json()["places"]
        rows = rows_of(english.get(f"/compare.csv?level={level}&every=1"))
        shares = {row["Code"]: row["Share"] for row in rows}
        assert places
        assert {place["code"] for place in places} <= set(shares)
        for place in places:
            assert place["d"].startswith("M")
            if shares[place["code"]]:
                assert f"{float(shares[place['code']]):.0%}" in place["sentence"]
            else:
                assert "too few answers to show, or none" in place["sentence"]


def test_too_few_everywhere_is_said_in_words_with_the_next_step(english, country):
    put_score("", 3, 7, period="2026-Q3")
    put_score("010201", 3, 7, period="2026-Q3")
    release("2026-Q3")
    page = text_of(english.get("/compare/?period=2026-Q3"))
    assert "Too few answers to show, or none." in page
    assert "Choose a longer period" in page


def test_no_answers_at_all_is_said_in_words(english, country):
    page = text_of(english.get("/compare/?indicator=CA-C2"))
    assert "Too few answers to show, or none." in page


def test_what_is_not_understood_is_said_and_the_rest_is_kept(english, country):
    page = text_of(english.get("/compare/?period=1999&province=01&sort=colour"))
    assert "No figures for the period “1999”." in page
    assert "The table cannot be sorted by “colour”" in page
    assert '<option value="01" selected>' in page


def test_text_from_the_address_is_never_markup(english, country):
    page = text_of(english.get("/compare/?period=<script>alert(1)</script>"))
    assert "<script>alert(1)" not in page


def test_a_figure_that_has_not_changed_is_not_sent_again(english, country):
    first = english.get("/compare.json?figure=map")
    again = english.get("/compare.json?figure=map", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    assert first["Cache-Control"] == "private, no-cache"
    assert json.loads(first.content)["places"]


def test_an_unknown_figure_is_not_found(english, country):
    assert english.get("/compare.json?figure=pie").status_code == 404


@pytest.mark.parametrize("address", ["/compare/", "/compare.csv", "/compare.json?figure=map"])
def test_the_number_of_queries_does_not_grow_with_the_country(
    client, country, address, django_assert_max_num_queries
):
    client.force_login(person("coordinator"))
    client.get(address)
    with django_assert_max_num_queries(20):
        client.get(address)


def test_no_page_names_another_host(english, country):
    for address in ("/compare/", "/communes/", "/communes/010201/"):
        matches = re.findall(
            r'(?:src|href|action)="(?:https?:)?//[^"]+', text_of(english.get(address))
        )
        assert matches == []
