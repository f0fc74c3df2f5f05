"""On time: published figures, a naive Kaplan-Meier, and many cells against one."""

import math
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from scorecards.method.estimates.timeliness import (
    median_days,
    median_days_cells,
    on_time,
    on_time_cells,
    survival,
)

# Freireich et al. 1963, remission in weeks under 6-MP; the first nine relapsed.
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [True] * 9 + [False] * 12


def test_survival_gives_the_published_curve_of_freireich() -> None:
    curve = survival(WEEKS, RELAPSED).set_index("day")["surviving"].round(4).to_dict()
    assert curve == {
        6: 0.8571,
        7: 0.8067,
        10: 0.7529,
        13: 0.6902,
        16: 0.6275,
        22: 0.5378,
        23: 0.4482,
    }
    assert median_days(WEEKS, RELAPSED) == 23


def test_the_log_log_interval_at_ten_is_the_published_one() -> None:
    share, low, high = on_time(WEEKS, RELAPSED, 10)
    assert (round(1 - high, 4), round(1 - low, 4)) == (0.5032, 0.8894)
    assert round(1 - share, 4) == 0.7529


def naive_on_time(cases: list[tuple[int, bool]], within: int) -> float:
    """Day by day, in words: of those still waiting this day, who got it?"""
    if not cases:
        return math.nan
    waiting = 1.0
    for day in range(within + 1):
        watched = [case for case in cases if case[0] >= day]
        served = [case for case in watched if case[0] == day and case[1]]
        if watched:
            waiting *= 1 - len(served) / len(watched)
    followed = max(day for day, _ in cases) >= within
    return 1 - waiting if followed or waiting == 0 else math.nan


case_lists = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40)


@given(case_lists, st.integers(0, 25))
def test_on_time_equals_the_naive_count_day_by_day(
    cases: list[tuple[int, bool]], within: int
) -> None:
    days, delivered = zip(*cases, strict=True)
    share, low, high = on_time(days, delivered, within)
    assert share == pytest.approx(naive_on_time(cases, within), abs=1e-12, nan_ok=True)
    if not math.isnan(share):
        assert 0 <= low <= share + 1e-12
        assert share - 1e-12 <= high <= 1


@given(case_lists)
def test_survival_equals_statsmodels(cases: list[tuple[int, bool]]) -> None:
    days, delivered = (np.array(part) for part in zip(*cases, strict=True))
    curve = survival(days, delivered)
    if not delivered.any():
        assert curve.empty
        return
    with np.errstate(all="ignore"):
        expected = SurvfuncRight(days, delivered.astype(int))
        errors = expected.surv_prob_se
    assert curve["day"].tolist() == list(expected.surv_times)
    np.testing.assert_allclose(curve["surviving"], expected.surv_prob, atol=1e-12)
    alive = curve["surviving"] > 0
    np.testing.assert_allclose(curve["standard_error"][alive], errors[alive], atol=1e-10)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20), st.booleans()), max_size=80))
@pytest.mark.slow
def test_many_cells_equal_one_cell_at_a_time(cases: list[tuple[int, int, bool]]) -> None:
    table = pd.DataFrame(cases, columns=["cell", "days", "delivered"])
    limits = np.array([3, 5, 7, 9, 11, 13, 15])
    columns = (table["cell"].astype(int), table["days"].astype(float), table["delivered"])
    wide = on_time_cells(*columns, limits[columns[0]], cells=7)
    medians = median_days_cells(*columns, cells=7)
    for cell in range(7):
        own = table[table["cell"] == cell]
        one = on_time(own["days"].astype(float), own["delivered"].astype(bool), int(limits[cell]))
        assert wide.loc[cell, ["share", "low", "high"]].tolist() == pytest.approx(one, nan_ok=True)
        curve = survival(own["days"].astype(float), own["delivered"].astype(bool))
        half = curve.loc[curve["surviving"] <= 0.5 + 1e-9, "day"]
        expected = half.iloc[0] if len(half) else math.nan
        assert medians[cell] == pytest.approx(expected, nan_ok=True)
        late = (own["days"] > limits[cell]).sum()
        early = (own["delivered"].astype(bool) & (own["days"] <= limits[cell])).sum()
        assert wide.loc[cell, ["on_time", "late", "settled"]].tolist() == [
            early,
            late,
            early + late,
        ]
        assert wide.loc[cell, "still_open"] == len(own) - early - late


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(0, 25))
def test_with_no_open_case_it_is_the_plain_share(days: list[int], within: int) -> None:
    share, _, _ = on_time(days, [True] * len(days), within)
    assert share == pytest.approx(np.mean(np.array(days) <= within))


def test_an_open_case_past_the_standard_is_late_and_a_younger_one_is_unknown() -> None:
    assert on_time([2, 20], [True, False], 5)[0] == 0.5
    assert all(math.isnan(value) for value in on_time([2, 3], [True, False], 5))
    assert on_time([2, 3], [True, True], 5)[0] == 1.0
    assert on_time([7, 9], [False, False], 5)[0] == 0.0


def test_no_cases_give_no_values() -> None:
    assert all(math.isnan(value) for value in on_time([], [], 5))
    assert survival([], []).empty
    assert math.isnan(median_days([], []))
    assert on_time_cells([], [], [], 5, cells=2)["share"].isna().all()
    assert math.isnan(on_time([np.nan, 3], [True, True], np.nan)[0])


def test_a_missing_answer_or_a_missing_case_is_refused() -> None:
    with pytest.raises(ValueError, match="yes or no is missing"):
        on_time([1, 2], [True, None], 5)
    with pytest.raises(ValueError, match="each case needs"):
        on_time([1, 2], [True], 5)


def test_kaplan_meier_finds_the_truth_that_dropping_open_cases_flatters() -> None:
    rng = np.random.default_rng(4)
    size, within = 200_000, 10
    took = np.ceil(rng.exponential(10.94, size))
    followed = rng.integers(0, 30, size).astype(float)
    delivered = took <= followed
    days = np.minimum(took, followed)
    truth = np.mean(took <= within)
    share = on_time(days, delivered, within)[0]
    assert share == pytest.approx(truth, abs=0.006)
    assert np.mean(took[delivered] <= within) > truth + 0.1
    assert np.mean(delivered & (took <= within)) < truth - 0.05


def test_the_interval_holds_the_truth_as_often_as_promised() -> None:
    rng = np.random.default_rng(5)
    cells, size, within = 6000, 80, 10
    took = np.ceil(rng.exponential(11.0, cells * size))
    followed = rng.integers(0, 40, cells * size).astype(float)
    truth = 1 - math.exp(-within / 11.0)
    table = on_time_cells(
        np.repeat(np.arange(cells), size),
        np.minimum(took, followed),
        took <= followed,
        float(within),
        cells=cells,
    )
    assert 0.93 <= np.mean((table["low"] <= truth) & (truth <= table["high"])) <= 0.97


def test_a_million_cases_take_well_under_a_few_seconds() -> None:
    rng = np.random.default_rng(6)
    size = 1_000_000
    cell, days = rng.integers(0, 150_000, size), rng.integers(0, 60, size).astype(float)
    started = time.process_time()
    on_time_cells(cell, days, rng.random(size) < 0.8, 10.0)
    assert time.process_time() - started < 3
