"""Change: when an arrow is drawn, and when nobody should see one."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.method.comparison import changes, series_change, trend, trends
from scorecards.method.estimates.intervals import newcombe_difference
from scorecards.method.vocabulary import Change


def test_trend_gives_the_figures_of_fleiss_on_smokers() -> None:
    z, p = trend([83, 90, 129, 70], [86, 93, 136, 82], [0, 1, 2, 3])
    assert (round(z * z, 4), round(p, 6)) == (8.2249, 0.004132)
    assert z < 0


def naive_trend(met: list[int], judged: list[int]) -> float:
    """The correlation of score and outcome over single cases, times the root of their number."""
    scores = [score for score, n in enumerate(judged) for _ in range(n)]
    results = [int(i < x) for x, n in zip(met, judged, strict=True) for i in range(n)]
    if len(set(scores)) < 2 or len(set(results)) < 2:
        return math.nan
    return float(np.corrcoef(scores, results)[0, 1]) * math.sqrt(len(scores))


@given(
    st.lists(
        st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=8,
    )
)
def test_trend_equals_a_correlation_over_single_cases(pairs: list[tuple[int, int]]) -> None:
    met, judged = [x for x, _ in pairs], [n for _, n in pairs]
    z, _ = trend(met, judged, list(range(len(pairs))))
    assert z == pytest.approx(naive_trend(met, judged), abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((48, 80), (56, 70), Change.UP),
        ((56, 70), (48, 80), Change.DOWN),
        ((50, 100), (54, 100), Change.NO_CLEAR_CHANGE),
        ((5000, 10_000), (5490, 10_000), Change.NO_CLEAR_CHANGE),
        ((5000, 10_000), (5500, 10_000), Change.UP),
        ((1, 9), (9, 10), Change.NOT_COMPARABLE),
        ((0, 0), (9, 10), Change.NOT_COMPARABLE),
    ],
)
def test_an_arrow_needs_a_clear_change_of_five_points(
    before: tuple[int, int], now: tuple[int, int], expected: Change
) -> None:
    assert changes(*before, *now)["arrow"].iloc[0] == expected


def test_a_new_standard_is_a_break_without_numbers() -> None:
    row = changes(48, 80, 56, 70, new_standard=True).iloc[0]
    assert row["arrow"] == Change.NEW_STANDARD
    assert row[["change", "low", "high"]].isna().all()


def test_changes_keep_the_index_and_take_the_design_effect_into_account() -> None:
    series = pd.Series([48], index=["x"])
    assert changes(series, 80, 56, 70).loc["x", "arrow"] == Change.UP
    assert changes(series, 80, 56, 70, deff=3).loc["x", "arrow"] == Change.NO_CLEAR_CHANGE


def test_a_series_is_read_from_its_last_standard_on() -> None:
    met, judged, when = [90, 50, 60, 70], [100] * 4, [0, 1, 2, 3]
    assert series_change(met, judged, when) == Change.DOWN
    assert series_change(met, judged, when, standard=["a", "b", "b", "b"]) == Change.UP
    assert series_change(met, judged, when, standard=["a", "a", "b", "b"]) == (
        Change.NO_CLEAR_CHANGE
    )
    assert series_change(met, judged, when, standard=["a", "a", "a", "b"]) == Change.NEW_STANDARD


def test_a_steady_small_trend_draws_no_arrow() -> None:
    met, judged = [5000, 5010, 5020, 5300], [10_000] * 4
    assert trend(met, judged, [0, 1, 2, 3])[1] < 0.05
    assert series_change(met, judged, [0, 1, 2, 3]) == Change.NO_CLEAR_CHANGE
    assert series_change([7000, 6000, 5000], [10_000] * 3, [0, 1, 2]) == Change.DOWN
    assert series_change([], [], []) == Change.NOT_COMPARABLE
    assert series_change([5], [9], [0]) == Change.NOT_COMPARABLE


def test_a_sentence_needs_more_than_an_arrow_does() -> None:
    """70 to 84 of 100 leaves out zero at 95% and not at 99.8%; 70 to 95 does at both."""
    outcome = changes([70, 70, 70], [100] * 3, [84, 95, 72], [100] * 3)
    assert outcome["arrow"].tolist() == [Change.UP, Change.UP, Change.NO_CLEAR_CHANGE]
    assert outcome["alarm"].tolist() == [False, True, False]
    broken = changes(70, 100, 95, 100, new_standard=True)
    assert not broken["alarm"].any()


def test_half_of_the_cases_before_count_with_their_own_design_effect() -> None:
    alone = changes(70, 100, 84, 100, deff=1.0, deff_before=4.0)
    low, high = newcombe_difference(84, 100, 70, 100, deff=1.0, deff2=4.0)
    assert (alone["low"][0], alone["high"][0]) == pytest.approx((low, high))
    assert alone["arrow"][0] == Change.NO_CLEAR_CHANGE


def test_a_trend_with_an_effect_a_period_is_that_of_the_counts_divided_by_it() -> None:
    rng = np.random.default_rng(3)
    judged = rng.integers(20, 90, (30, 5)).astype(float)
    met = rng.binomial(judged.astype(int), np.linspace(0.4, 0.75, 5)).astype(float)
    deff = rng.uniform(1, 3, (30, 5))
    outcome = trends(met, judged, np.ones((30, 5), dtype=bool), deff=deff)
    for row in range(30):
        z, p = trend(met[row] / deff[row], judged[row] / deff[row], range(5))
        assert (outcome["trend"][row] in (Change.UP, Change.DOWN)) <= (p < 0.05)
        assert outcome["alarm"][row] == (p < 0.002 and outcome["trend"][row] == Change.UP)
        assert z > 0 or outcome["trend"][row] != Change.UP
    assert set(outcome["alarm"]) == {True, False}


def test_in_a_nation_without_change_hardly_a_sentence_says_worse() -> None:
    rng = np.random.default_rng(8)
    before, now = rng.binomial(60, 0.7, (2, 40_000))
    cases = np.full(40_000, 60)
    outcome = changes(before, cases, now, cases)
    assert outcome["alarm"].mean() < 0.004
