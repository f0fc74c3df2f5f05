import pandas as pd

from dashboards.data.comparison import (
    ROWS_A_PAGE,
    median_share,
    ordered,
    page_of,
    peers_of,
    standings,
)
from dashboards.query import Query
from dashboards.tests.tables import NATIONAL, mixed, table


def test_only_the_clear_cases_are_called_better_or_worse():
    assert mixed()["standing"].tolist() == [
        "better", "as_expected", "worse", "few", "too_few", "no_data",
    ]  # fmt: skip


def test_a_place_whose_class_is_not_stored_waits_and_one_too_small_is_not_compared():
    assert set(standings(mixed().assign(funnel=""))) == {"waiting", "too_few", "no_data"}
    small = mixed().assign(funnel="not_drawn")
    assert set(standings(small)) == {"few", "too_few", "no_data"}


def test_places_without_a_figure_come_last_whichever_way_the_table_is_turned():
    for sort in ("share", "-share", "judged", "-judged"):
        assert (
            ordered(mixed(), Query(sort=sort))["share"].isna().tolist() == [False] * 4 + [True] * 2
        )


def test_the_order_of_hidden_places_says_nothing_about_their_numbers():
    rows = table(("010209", "A", 1, 9, "too_few"), ("010203", "B", 8, 9, "too_few"))
    for sort in ("share", "-share", "judged", "-judged"):
        assert ordered(rows, Query(sort=sort))["code"].tolist() == ["010203", "010209"]


def test_a_page_beyond_the_end_is_the_last_one():
    many = pd.concat([mixed()] * 10)
    page = page_of(many, 99)
    assert (page.number, page.pages, len(page.rows)) == (3, 3, 60 - 2 * ROWS_A_PAGE)
    assert page.has_previous
    assert not page.has_next


def test_peers_are_of_the_same_province_and_kind_nearest_in_number_and_have_a_figure():
    rows = table(*[(f"0102{n:02}", f"C{n}", 50, 100 + n, "full") for n in range(1, 12)])
    rows.loc[5, "kind"] = "sangkat"
    rows.loc[7, ["met", "judged", "share", "status"]] = [None, None, None, "too_few"]
    rows.loc[8, "province"] = "02"
    assert peers_of(rows, "010207")["code"].tolist() == [
        "010207", "010205", "010204", "010210", "010203", "010211",
    ]  # fmt: skip


def test_a_place_without_a_figure_still_has_peers():
    rows = table(("010201", "Tiny", 3, 7, "too_few"), ("010202", "Usual", 80, 100, "full"))
    assert peers_of(rows, "010201")["code"].tolist() == ["010201", "010202"]


def test_peers_of_an_unknown_place_are_nobody():
    assert peers_of(mixed(), "999999").empty


def test_the_median_is_of_shown_places_only():
    assert median_share(mixed()) == (0.75 + 0.8) / 2
    assert pd.isna(median_share(mixed().iloc[4:]))


def test_whole_is_the_tests_own():
    assert NATIONAL.is_known
