"""Rho and the design effect of a cell: published values, statsmodels, and simulation."""

import numpy as np
import pandas as pd
import pytest

from scorecards.method.estimates.clustering import cell_effect, cluster_sums, held
from scorecards.tests import simulated


def test_rho_is_the_published_one_of_shrout_and_fleiss() -> None:
    """Psychological Bulletin 86 (1979), 420-428, table 2: six targets, four judges, ICC(1,1)."""
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    sums = cluster_sums(np.array(ratings).ravel(), np.repeat(np.arange(6), 4))
    assert round(sums.rho, 2) == 0.17
    within = (sums.squares - sums.cluster_squares) / (sums.cases - sums.clusters)
    among = (sums.cluster_squares - sums.stratum_squares) / (sums.clusters - 1)
    assert (round(among, 2), round(within, 2)) == (11.24, 6.26)


@pytest.mark.parametrize("seed", range(3))
def test_unequal_clusters_within_providers_equal_statsmodels_analysis_of_variance(
    seed: int,
) -> None:
    from statsmodels.formula.api import ols  # type: ignore[import-untyped]

    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 12, 24)
    cluster = np.repeat(np.arange(24), sizes)
    provider = cluster % 4
    chance = rng.beta(4, 2, 24)[cluster]
    table = pd.DataFrame(
        {"met": (rng.random(len(cluster)) < chance) * 1.0, "cluster": cluster, "provider": provider}
    )
    providers, clusters = (ols(f"met ~ C({name})", table).fit() for name in ("provider", "cluster"))
    among = (providers.ssr - clusters.ssr) / (24 - 4)
    within = clusters.ssr / (len(table) - 24)
    values = np.bincount(np.arange(24) % 4, weights=sizes)
    typical = (len(table) - (sizes**2 / values[np.arange(24) % 4]).sum()) / (24 - 4)
    expected = (among - within) / (among + (typical - 1) * within)
    sums = cluster_sums(table["met"], table["cluster"], table["provider"])
    assert sums.rho == pytest.approx(expected, rel=1e-9)


def test_the_effect_of_one_source_is_that_of_the_mean_cluster_of_an_average_case() -> None:
    sizes = np.array([2, 3, 4, 25])
    m = (sizes**2).sum() / sizes.sum()
    effect = cell_effect([sizes.sum()], [[(sizes * (sizes - 1)).sum()]], [0.1])
    assert effect[0] == pytest.approx(1 + (m - 1) * 0.1)
    assert [held(rho) for rho in (float("nan"), -0.4, 0.12345, 0.9)] == [0.05, 0.02, 0.123, 0.3]


WAYS = [simulated.equal, simulated.unequal, simulated.far_apart]
NATIONS = [(way, rho) for way in WAYS for rho in (0.0, 0.05, 0.2)]


@pytest.mark.parametrize(("way", "rho"), NATIONS[:-3] + NATIONS[-2:])
def test_intervals_hold_the_truth_in_every_band(way: simulated.Sizes, rho: float) -> None:
    """Also where half of the communes have clusters of 2 to 4 and half of 20 to 30.

    ``benchmarks.coverage`` does the same at full size, and with more rhos.
    """
    table = simulated.coverage(np.random.default_rng(7), rho, way, 600)
    for held_in_band in table.groupby("band")["held"].mean():
        assert 0.93 <= held_in_band <= 0.97
    if rho:
        for held_in_half in table.groupby("half")["held"].mean():
            assert 0.93 <= held_in_half <= 0.97


@pytest.mark.parametrize("way", WAYS)
def test_a_nation_without_differences_raises_hardly_an_alarm(way: simulated.Sizes) -> None:
    results = [
        simulated.false_alarms(np.random.default_rng(seed), share, rho, way, 1650)
        for seed, (share, rho) in enumerate([(0.3, 0.0), (0.5, 0.05), (0.7, 0.1), (0.9, 0.2)])
    ]
    far, drawn = (sum(numbers) for numbers in zip(*results, strict=True))
    assert drawn > 4000
    assert far / drawn < 0.004
