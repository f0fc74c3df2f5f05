"""Fair comparison: published figures, naive versions, and false alarms by simulation."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom
from statsmodels.stats.multitest import multipletests

from scorecards.method.comparison import (
    fit_prior,
    five_like,
    funnel,
    funnel_limits,
    james_stein,
    outliers,
    overdispersion,
    peers,
    shrink,
)
from scorecards.method.estimates.intervals import newcombe_difference
from scorecards.method.vocabulary import FunnelClass

# Efron and Morris 1975, table 1: hits in the first 45 at bats, and the rest of the season.
HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
REST = np.array(
    [
        0.346,
        0.298,
        0.276,
        0.222,
        0.273,
        0.270,
        0.263,
        0.210,
        0.269,
        0.230,
        0.264,
        0.256,
        0.303,
        0.264,
        0.226,
        0.285,
        0.316,
        0.200,
    ]
)
AT_BATS = np.full(18, 45)


@pytest.mark.parametrize(
    ("n", "level", "low", "high"),
    [
        (83, 0.95, 72.142503, 89.142393),
        (83, 0.998, 67.240771, 94.044125),
        (1886, 0.95, 78.859312, 82.425583),
        (1886, 0.998, 77.831017, 83.453878),
    ],
)
def test_funnel_limits_give_the_published_english_figures(
    n: int, level: float, low: float, high: float
) -> None:
    got = funnel_limits(80.64244785714955 / 100, n, level)
    assert (round(got[0] * 100, 6), round(got[1] * 100, 6)) == (low, high)


def test_james_stein_gives_efron_and_morris_1975() -> None:
    factor, estimates = james_stein(HITS / 45, trials=45)
    assert round(float(np.mean(HITS / 45)), 4) == 0.2654
    assert round(factor, 4) == 0.2117
    assert (round(estimates[0], 4), round(estimates[-1], 4)) == (0.2939, 0.2422)
    assert round(float(((estimates - REST) ** 2).sum()), 4) == 0.0213
    assert round(float(((HITS / 45 - REST) ** 2).sum()), 4) == 0.0753


def test_beta_binomial_by_maximum_likelihood_gives_the_published_means() -> None:
    means = shrink(HITS, AT_BATS)["mean"]
    assert (round(means.iloc[0], 4), round(means.iloc[-1], 4)) == (0.2727, 0.2595)


def test_the_prior_is_at_the_top_of_the_likelihood() -> None:
    def gain(alpha: float, beta: float) -> float:
        return float(betabinom.logpmf(HITS, AT_BATS, alpha, beta).sum())

    alpha, beta = fit_prior(HITS, AT_BATS)
    for up, down in [(1.05, 1.0), (0.95, 1.0), (1.0, 1.05), (1.0, 0.95), (1.1, 1.1), (0.9, 0.9)]:
        assert gain(alpha, beta) >= gain(alpha * up, beta * down)


def test_a_known_prior_is_found_again() -> None:
    rng = np.random.default_rng(7)
    n = rng.integers(20, 200, 3000)
    alpha, beta = fit_prior(rng.binomial(n, rng.beta(8, 4, 3000)), n)
    assert alpha == pytest.approx(8, rel=0.1)
    assert beta == pytest.approx(4, rel=0.1)


def test_small_places_are_drawn_to_the_mean_and_ranks_are_wide() -> None:
    rng = np.random.default_rng(8)
    n = np.array([3, 3000, *rng.integers(30, 90, 300)])
    met = np.array([0, 0, *rng.binomial(n[2:], 0.8)])
    table = shrink(pd.Series(met), pd.Series(n))
    assert table.loc[1, "mean"] < 0.05 < table.loc[0, "mean"]
    assert table.loc[1, "rank_low"] >= 300
    assert (table["rank_low"] <= table["rank_high"]).all()
    assert (table.loc[2:, "rank_high"] - table.loc[2:, "rank_low"]).median() > 100


def test_shrink_repeats_itself_to_the_byte_and_leaves_empty_places_out() -> None:
    met, judged = pd.Series([5, 0, 9], index=list("abc")), pd.Series([9, 0, 20], index=list("abc"))
    one, two = shrink(met, judged), shrink(met, judged)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert one.loc["b"].isna().all()
    assert one.loc[["a", "c"]].notna().all().all()
    assert shrink([], []).empty
    assert list(shrink([0], [0]).columns) == ["alpha", "beta", "mean", "rank_low", "rank_high"]


def test_places_with_the_same_counts_have_the_same_rank_whatever_their_order() -> None:
    met, judged = np.array([1, 0] * 15), np.full(30, 2)
    met[::2] = 2
    table = shrink(met, judged)
    for _, alike in table.groupby(met):
        for name in ("rank_low", "rank_high"):
            assert alike[name].max() - alike[name].min() <= 2, table
    assert table["rank_low"].min() == 1
    assert table["rank_high"].max() == 30


def test_all_met_or_none_met_everywhere_still_has_an_answer() -> None:
    assert (shrink([10, 20], [10, 20])["mean"] > 0.9).all()
    assert (shrink([0, 0], [10, 20])["mean"] < 0.1).all()
    with pytest.raises(ValueError, match="nothing was judged"):
        fit_prior([0], [0])


def naive_overdispersion(met: list[int], judged: list[int]) -> tuple[float, float]:
    pairs = [(x, n) for x, n in zip(met, judged, strict=True) if n > 0]
    line = math.asin(math.sqrt(sum(x for x, _ in pairs) / sum(n for _, n in pairs)))
    scores = [(math.asin(math.sqrt(x / n)) - line) * 2 * math.sqrt(n) for x, n in pairs]
    ordered = sorted(scores)

    def quantile(q: float) -> float:
        place = q * (len(ordered) - 1)
        under = math.floor(place)
        over = min(under + 1, len(ordered) - 1)
        return ordered[under] + (place - under) * (ordered[over] - ordered[under])

    held = [min(max(score, quantile(0.1)), quantile(0.9)) for score in scores]
    phi = sum(score**2 for score in held) / len(held)
    weights = [4 * n for _, n in pairs]
    scale = sum(weights) - sum(w**2 for w in weights) / sum(weights)
    return phi, max(0.0, (len(held) * phi - (len(held) - 1)) / scale)


places = st.lists(
    st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=40,
).filter(lambda pairs: sum(n > 0 for _, n in pairs) >= 2)


@given(places)
def test_overdispersion_equals_the_naive_one(pairs: list[tuple[int, int]]) -> None:
    met, judged = [x for x, _ in pairs], [n for _, n in pairs]
    expected = naive_overdispersion(met, judged)
    assert overdispersion(met, judged) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_overdispersion_finds_the_spread_that_was_put_in() -> None:
    rng = np.random.default_rng(9)
    n = rng.integers(100, 300, 4000)
    angle = rng.normal(np.arcsin(np.sqrt(0.7)), 0.1, 4000)
    phi, tau_squared = overdispersion(rng.binomial(n, np.sin(angle) ** 2), n)
    assert phi > 3
    assert tau_squared == pytest.approx(0.01 * 0.65, rel=0.25)  # winsorising trims some of it
    assert overdispersion([3], [9])[1] == 0.0


def test_overdispersed_limits_are_wider_and_stay_between_zero_and_one() -> None:
    low, high = funnel_limits(0.9, np.array([20.0, 50.0, 0.0]), 0.998, tau_squared=0.02)
    plain = funnel_limits(0.9, np.array([20.0, 50.0, 0.0]), 0.998)
    assert (low[:2] < plain[0][:2]).all()
    assert (high[:2] <= 1).all()
    assert np.isnan([low[2], high[2]]).all()


@pytest.mark.parametrize("share", [0.3, 0.6, 0.85])
def test_perfectly_average_communes_are_hardly_ever_flagged(share: float) -> None:
    rng = np.random.default_rng(10)
    n = rng.integers(30, 120, 50_000)
    table = funnel(rng.binomial(n, share), n, centre=share, adjust=False)
    place = table.loc[table["drawn"], "place"]
    far = place.isin([FunnelClass.FAR_BELOW, FunnelClass.FAR_ABOVE]).mean()
    assert far <= 0.004
    assert (place != FunnelClass.AS_EXPECTED).mean() == pytest.approx(0.05, abs=0.015)


def test_clustered_average_communes_are_flagged_only_without_the_design_effect() -> None:
    rng = np.random.default_rng(11)
    share, strength = 0.7, 9.0
    days = rng.beta(share * strength, (1 - share) * strength, (20_000, 6))
    met = rng.binomial(10, days).sum(axis=1)
    naive = funnel(met, np.full(20_000, 60), centre=share, adjust=False)["place"]
    fair = funnel(met, np.full(20_000, 60), centre=share, adjust=False, deff=1.9)["place"]
    assert (naive != FunnelClass.AS_EXPECTED).mean() > 0.13
    assert 0.03 <= (fair != FunnelClass.AS_EXPECTED).mean() <= 0.055
    assert fair.isin([FunnelClass.FAR_BELOW, FunnelClass.FAR_ABOVE]).mean() <= 0.004


def test_five_classes_and_places_too_small_to_draw() -> None:
    n = np.full(6, 100)
    met = [30, 39, 50, 61, 70, 2]
    n[5] = 4
    table = funnel(met, n, centre=0.5, adjust=False)
    assert table["place"].tolist() == [
        FunnelClass.FAR_BELOW,
        FunnelClass.BELOW,
        FunnelClass.AS_EXPECTED,
        FunnelClass.ABOVE,
        FunnelClass.FAR_ABOVE,
        FunnelClass.NOT_DRAWN,
    ]
    assert table["outlier"].tolist() == [True, True, False, True, True, False]
    assert funnel([], []).empty


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_outliers_equal_benjamini_hochberg_of_statsmodels(values: list[float]) -> None:
    expected = multipletests(values, alpha=0.05, method="fdr_bh")[0]
    assert outliers([*values, math.nan]).tolist() == [*expected.tolist(), False]


def test_among_average_places_no_outlier_is_listed() -> None:
    rng = np.random.default_rng(12)
    n = np.full(1652, 80)
    assert funnel(rng.binomial(n, 0.7), n)["outlier"].sum() <= 2


def test_peers_leave_the_place_itself_out() -> None:
    table = pd.DataFrame(
        {"met": [8, 20, 30, 4], "judged": [10, 40, 40, 8], "province": ["a", "a", "a", "b"]},
        index=["w", "x", "y", "z"],
    )
    beside = peers(table, ["province"])
    assert beside.loc["w", "province_places"] == 2
    assert beside.loc["w", "province_share"] == pytest.approx(50 / 80)
    assert beside.loc["w", "province_gap"] == pytest.approx(0.8 - 0.625)
    assert beside.loc["w", "province_low"] < 0.175 < beside.loc["w", "province_high"]
    assert math.isnan(beside.loc["z", "province_share"])


def test_five_like_you_are_chosen_by_kind_and_size_never_by_the_share() -> None:
    table = pd.DataFrame(
        {
            "met": range(8),
            "judged": [50, 49, 10, 51, 0, 48, 90, 50],
            "province": list("aaaabbbb"),
            "urban": [True, True, True, False, True, True, False, False],
        },
        index=list("stuvwxyz"),
    )
    assert list(five_like(table, "s", ["province", "urban"])) == ["t", "u", "v", "x", "z"]
    with pytest.raises(KeyError):
        five_like(table, "q", ["province"])


def test_peers_are_told_apart_in_a_sentence_only_beyond_the_alarm_level() -> None:
    """Nobody differs: of 4,000 communes of 40 provinces fewer than 0.4% read "worse"."""
    rng = np.random.default_rng(21)
    judged = rng.integers(20, 120, 4000).astype(float)
    deff = rng.uniform(1, 3, 4000)
    met = rng.binomial(judged.astype(int), 0.7).astype(float)
    table = pd.DataFrame({"met": met, "judged": judged, "province": np.arange(4000) % 40})
    outcome = peers(table, ["province"], deff=deff)
    assert outcome["province_alarm"].mean() < 0.004
    table.loc[0, "met"] = 0.0
    one = peers(table, ["province"], deff=deff)
    assert one["province_alarm"][0]
    rest = table[(table["province"] == 0) & (table.index != 0)]
    effect = (rest["judged"] * deff[rest.index]).sum() / rest["judged"].sum()
    low, high = newcombe_difference(
        0, judged[0], rest["met"].sum(), rest["judged"].sum(), deff=deff[0], deff2=effect
    )
    assert (one["province_low"][0], one["province_high"][0]) == pytest.approx((low, high))


def test_the_line_given_is_the_line_of_limits_and_over_dispersion() -> None:
    met, judged = np.array([60.0, 70, 80, 90]), np.full(4, 100.0)
    outcome = funnel(met, judged, centre=0.5)
    assert (outcome["centre"] == 0.5).all()
    assert outcome["spread"][0] == overdispersion(met, judged, centre=0.5)[1]
    unknown = funnel(met, judged, centre=float("nan"))
    assert (unknown["place"] == FunnelClass.NOT_DRAWN).all()
    assert not unknown["outlier"].any()
