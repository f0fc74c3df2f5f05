"""The top of a commune's scorecard: worst, best, most changed, and a matrix."""

import re

import pytest
from django.test import Client

from dashboards.charts import svg
from dashboards.tests.country import PERIOD, make_country

pytestmark = pytest.mark.django_db


@pytest.fixture
def english() -> Client:
    make_country()
    return Client(headers={"accept-language": "en"})


def summary(client: Client, code: str) -> str:
    text = client.get(f"/communes/{code}/", {"period": PERIOD}).content.decode()
    start = text.index('<section class="summary"')
    return text[start : text.index("</section>", start)]


def highlight(text: str, heading: str) -> str:
    match = re.search(rf"<dt>{heading}</dt><dd>(.*?)</dd>", text, re.S)
    assert match
    return re.sub("<[^>]*>", "", match[1])


def test_the_worst_is_named_where_the_tested_class_permits_it(english: Client) -> None:
    worst = highlight(summary(english, "010203"), "Worst")
    assert "100 of 1,000 paid no more than the official price." in worst
    assert "Worse than others: in the whole country it is 80%." in worst
    assert highlight(summary(english, "010203"), "Best").startswith("None is clearly better")


def test_the_best_is_named_where_the_tested_class_permits_it(english: Client) -> None:
    assert "Better than others" in highlight(summary(english, "010201"), "Best")
    assert highlight(summary(english, "010201"), "Worst").startswith("None is clearly worse")


def test_the_most_changed_is_named_only_beyond_chance(english: Client) -> None:
    changed = highlight(summary(english, "010202"), "Most changed")
    assert "Birth registration" in changed
    assert "Better than the period before, by 58 points." in changed
    usual = highlight(summary(english, "010206"), "Most changed")
    assert usual == "Too few answers to compare."


def test_each_cell_of_the_matrix_opens_its_evidence(english: Client) -> None:
    text = english.get("/communes/010202/", {"period": PERIOD}).content.decode()
    targets = re.findall(r'href="#(measure-[^"]+)"', text)
    assert targets
    for target in targets:
        assert f'id="{target}"' in text


def test_too_few_answers_leave_no_summary(english: Client) -> None:
    text = english.get("/communes/010204/", {"period": PERIOD}).content.decode()
    assert '<section class="summary"' not in text
    assert "Too few answers to show, or none." in text


def test_a_sparkline_has_a_gap_where_a_period_has_no_figure() -> None:
    drawn = svg.sparkline([0.5, float("nan"), 0.7, 0.9])
    assert drawn.count("M") == 2
    assert svg.sparkline([0.5]) == ""
    assert svg.sparkline([0.5, float("nan")]) == ""


def test_silence_about_measures_with_too_few_answers_is_not_praise(english: Client) -> None:
    text = highlight(summary(english, "010206"), "Worst")
    assert text == (
        "None is clearly worse than in the whole country. Measures that could be compared: 2."
    )
    few = summary(english, "010205")  # 12 answers: a figure, too few to compare
    for heading in ("Worst", "Best", "Most changed"):
        assert highlight(few, heading) == "Too few answers to compare."
