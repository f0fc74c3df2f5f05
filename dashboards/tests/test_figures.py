import json

import pytest
from django.utils import translation

from dashboards.charts import choropleth, plotly_figures
from dashboards.data.comparison import NOTHING
from dashboards.tests.tables import NATIONAL, mixed


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def named(figure, name):
    return next(t for t in figure["data"] if name in t.get("name", ""))


def test_dots_stand_at_the_share_with_the_interval_around_it():
    rows = mixed()
    figure = plotly_figures.dots(rows, NATIONAL)
    poor = named(figure, "worse")
    assert poor["x"] == [0.1]
    assert poor["error_x"]["array"] == [round(rows["high"][2] - 0.1, 4)]
    assert poor["error_x"]["arrayminus"] == [round(0.1 - rows["low"][2], 4)]
    assert poor["marker"]["symbol"] == "triangle-down"
    assert poor["y"] == [4]
    assert figure["layout"]["yaxis"]["ticktext"][2] == "Poor"


def test_dots_follow_the_order_of_the_table_from_the_top():
    figure = plotly_figures.dots(mixed().iloc[::-1], NATIONAL)
    axis = figure["layout"]["yaxis"]
    assert dict(zip(axis["ticktext"], axis["tickvals"], strict=True))["Silent"] == 6


def test_a_hidden_number_is_nowhere_in_any_figure():
    figure = plotly_figures.dots(mixed(), NATIONAL)
    text = json.dumps(figure, allow_nan=False)
    assert "3 of 7" not in text
    assert "0.4286" not in text
    assert "too few answers to show, or none" in text


def test_the_lines_are_the_standard_and_all_places_together():
    figure = plotly_figures.dots(mixed(), NATIONAL)
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [1, 0.8]
    alone = plotly_figures.dots(mixed(), NOTHING)
    assert [shape["x0"] for shape in alone["layout"]["shapes"]] == [1]


def test_the_funnel_holds_each_shown_place_once_and_narrows_with_the_cases():
    figure = plotly_figures.funnel(mixed(), NATIONAL, 0.001)
    points = [x for t in figure["data"] if t["mode"] == "markers" for x in t["x"]]
    assert sorted(points) == [12, 100, 1000, 1000]
    low, high = [t for t in figure["data"] if t["mode"] == "lines"][:2]
    assert low["y"][0] < low["y"][-1] < 0.8 < high["y"][-1] <= high["y"][0]
    assert "3 of 7" not in json.dumps(figure, allow_nan=False)


def test_a_funnel_of_nothing_is_empty():
    assert plotly_figures.funnel(mixed().iloc[4:], NOTHING, 0.0)["data"] == []


def test_no_template_travels_with_a_figure():
    assert "template" not in plotly_figures.dots(mixed(), NATIONAL)["layout"]


def test_names_cannot_bring_markup_into_a_chart():
    rows = mixed()
    rows.loc[0, "name"] = "<a href='x'>Good</a>"
    assert "<a" not in json.dumps(plotly_figures.dots(rows, NATIONAL))


def test_a_trend_keeps_a_gap_where_nothing_may_be_shown():
    figure = plotly_figures.trend(["2026-Q1", "2026-Q2"], mixed().iloc[[1, 4]])
    assert figure["data"][0]["y"] == [0.8, None]
    assert figure["data"][0]["connectgaps"] is False


def test_khmer_readers_get_khmer_digits():
    with translation.override("km"):
        figure = plotly_figures.dots(mixed(), NATIONAL)
    assert figure["layout"]["xaxis"]["ticktext"][-1] == "១០០%"


def test_a_tooltip_says_that_released_numbers_are_rounded_and_working_ones_are_not():
    rows = mixed()
    sentence = plotly_figures.sentence(rows.to_dict("records")[3])
    assert sentence.startswith("Small: about 9 of 12 met the standard, rounded to protect privacy;")
    working = plotly_figures.sentence(rows.assign(rules="").to_dict("records")[3])
    assert working.startswith("Small: 9 of 12 met the standard, 75%")
    with translation.override("km"):
        khmer = plotly_figures.sentence(rows.to_dict("records")[3])
    assert "ប្រហែល ៩ ក្នុងចំណោម ១២" in khmer
    assert "ភាពឯកជន" in khmer


def test_an_island_smaller_than_a_pixel_is_a_point_beside_its_commune() -> None:
    island = [(0.01, 0.0), (0.011, 0.0), (0.01, -0.001), (0.01, 0.0)]
    mainland = [(0.0, 0.0), (40.0, 0.0), (40.0, -40.0), (0.0, -40.0), (0.0, 0.0)]
    alone = choropleth._shape([island], 0.0, 0.0, 1.0, 1.0)
    assert (alone.d, alone.x, alone.y) == ("M4 4l0 0z", 4, 4)
    both = choropleth._shape([island, mainland], 0.0, 0.0, 1.0, 1.0)
    assert (both.d.count("M"), both.x, both.y) == (2, 24, 24)
