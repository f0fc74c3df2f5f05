"""Intervals against naive second implementations, at the edges and by simulation."""

import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from scorecards.method.estimates.intervals import (
    design_effect,
    intraclass_correlation,
    newcombe_difference,
    wilson,
)
from scorecards.method.estimates.shares import share_status, shares
from scorecards.method.vocabulary import Status


def naive_wilson(met: int, judged: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Solve (p - met/judged)^2 = z^2 p (1 - p) / judged for p."""
    share = met / judged
    a, b, c = 1 + z * z / judged, -(2 * share + z * z / judged), share * share
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def naive_design_effect(values: list[int], clusters: list[str]) -> float:
    """One-way analysis of variance with dictionaries and loops."""
    members: dict[str, list[int]] = defaultdict(list)
    for value, cluster in zip(values, clusters, strict=True):
        members[cluster].append(value)
    total = len(values)
    if total == 0:
        return 1.0
    m = sum(len(group) ** 2 for group in members.values()) / total
    rho = 0.05
    if len(members) > 1 and total > len(members):
        grand = sum(values) / total
        between = within = 0.0
        for group in members.values():
            mean = sum(group) / len(group)
            between += len(group) * (mean - grand) ** 2
            within += sum((value - mean) ** 2 for value in group)
        between /= len(members) - 1
        within /= total - len(members)
        m0 = (total - m) / (len(members) - 1)
        spread = between + (m0 - 1) * within
        if spread > 0:
            rho = min(max((between - within) / spread, 0.02), 0.30)
    return max(1.0, 1 + (m - 1) * rho)


counts = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_equals_the_root_of_the_score_equation(count: tuple[int, int]) -> None:
    assert wilson(*count) == pytest.approx(naive_wilson(*count), abs=1e-9)


@given(counts)
def test_wilson_equals_statsmodels(count: tuple[int, int]) -> None:
    expected = proportion_confint(*count, method="wilson")
    assert wilson(*count) == pytest.approx(expected, abs=1e-9)


@given(counts, counts)
def test_newcombe_is_wilson_put_together(one: tuple[int, int], two: tuple[int, int]) -> None:
    (low1, high1), (low2, high2) = naive_wilson(*one), naive_wilson(*two)
    p, q = one[0] / one[1], two[0] / two[1]
    low, high = newcombe_difference(*one, *two)
    assert low == pytest.approx(p - q - math.hypot(p - low1, high2 - q), abs=1e-7)
    assert high == pytest.approx(p - q + math.hypot(high1 - p, q - low2), abs=1e-7)


@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from("abcdefg")), max_size=60))
def test_design_effect_equals_the_naive_one(cases: list[tuple[int, str]]) -> None:
    values, clusters = [case[0] for case in cases], [case[1] for case in cases]
    expected = naive_design_effect(values, clusters)
    assert design_effect(values, clusters) == pytest.approx(expected)


def test_intervals_keep_the_form_of_the_input() -> None:
    series = pd.Series([1, 2], index=["a", "b"])
    low, high = wilson(series, 29)
    assert list(low.index) == ["a", "b"]
    assert wilson(np.ones((2, 3)), np.full((2, 3), 9.0))[0].shape == (2, 3)
    assert isinstance(wilson(1, 29)[1], float)
    assert high["a"] == pytest.approx(0.1718, abs=5e-5)


def test_nothing_judged_has_no_interval() -> None:
    assert all(math.isnan(value) for value in wilson(0, 0))
    assert all(math.isnan(value) for value in wilson(float("nan"), 5))
    assert all(math.isnan(value) for value in newcombe_difference(1, 2, 0, 0))
    assert wilson(np.array([]), np.array([]))[0].size == 0


def test_none_and_all_reach_exactly_zero_and_one_even_when_huge() -> None:
    assert wilson(0, 10**9)[0] == 0.0
    assert wilson(10**9, 10**9)[1] == 1.0
    low, high = wilson(5 * 10**11, 10**12)
    assert low < 0.5 < high


@pytest.mark.parametrize(("met", "judged"), [(5, 4), (-1, 4)])
def test_impossible_counts_are_refused(met: int, judged: int) -> None:
    with pytest.raises(ValueError, match="between 0 and judged"):
        wilson(met, judged)


def test_a_design_effect_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="never below 1"):
        wilson(1, 4, deff=0.5)


def test_rho_is_held_between_its_bounds_and_assumed_until_estimable() -> None:
    assert design_effect([], []) == 1.0
    assert design_effect([1, 0, 1], ["a", "b", "c"]) == 1.0
    assert design_effect([1, 0, 1, 0], ["a"] * 4) == pytest.approx(1 + 3 * 0.05)
    assert design_effect([1, 1, 0, 0], ["a", "a", "b", "b"]) == pytest.approx(1.30)
    assert design_effect([1, 0, 1, 0], ["a", "a", "b", "b"]) == pytest.approx(1.02)
    assert math.isnan(intraclass_correlation([1, 1, 1], ["a", "a", "b"]))
    assert design_effect([1, np.nan, 0], ["a", "a", None]) == 1.0


def test_status_follows_the_number_of_judged_cases() -> None:
    assert list(share_status([0, 9, 10, 29, 30])) == [
        Status.NO_DATA,
        Status.TOO_FEW,
        Status.PALE,
        Status.PALE,
        Status.FULL,
    ]
    table = shares(pd.Series([3, 5], index=["x", "y"]), pd.Series([9, 10], index=["x", "y"]))
    assert table.loc["x", ["share", "low", "high"]].isna().all()
    assert table.loc["y", "share"] == 0.5


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_wilson_holds_the_truth_as_often_as_promised(share: float) -> None:
    rng = np.random.default_rng(1)
    met = rng.binomial(60, share, 40_000)
    low, high = wilson(met, 60)
    assert 0.93 <= np.mean((low <= share) & (share <= high)) <= 0.97


def clustered_communes(
    rng: np.random.Generator, communes: int, share: float, rho: float
) -> np.ndarray:
    """Met or not for communes x 6 days x 10 people, each day with a share of its own."""
    strength = 1 / rho - 1
    days = rng.beta(share * strength, (1 - share) * strength, (communes, 6, 1))
    return (rng.random((communes, 6, 10)) < days).astype(float)


def test_with_clusters_the_corrected_interval_holds_and_the_naive_one_does_not() -> None:
    rng = np.random.default_rng(2)
    share = 0.7
    cases = clustered_communes(rng, 20_000, share, 0.1)
    days = np.repeat(np.arange(cases.size // 10), 10)
    deff = design_effect(cases.ravel(), days)
    assert deff == pytest.approx(1.9, abs=0.05)
    met = cases.sum(axis=(1, 2))
    low, high = wilson(met, 60, deff=deff)
    assert 0.93 <= np.mean((low <= share) & (share <= high)) <= 0.97
    low, high = wilson(met, 60)
    assert np.mean((low <= share) & (share <= high)) < 0.90
