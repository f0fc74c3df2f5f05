"""Sums of printed figures: beside a naive second computation, and whether their interval covers."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest

from scorecards.method.disclosure.sums import summed


def naive(parts: list[tuple[int, int, float]]) -> tuple[float, float, float]:
    """Share and Wilson interval of a sum, by the formulas written out with plain floats."""
    met, judged = sum(m for m, _n, _d in parts), sum(n for _m, n, _d in parts)
    weighted = 0.0
    for m, n, deff in parts:
        p = (m + 1) / (n + 2)
        noise = (4 / 3) * ((1 - p) ** 2 + p**2) / (n * p * (1 - p))
        weighted += n * (round(deff, 1) + noise)
    n, p, z = judged / max(weighted / judged, 1), met / judged, 1.959963984540054
    centre, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (
        p,
        max(0.0, (centre - half) / (1 + z * z / n)),
        min(1.0, (centre + half) / (1 + z * z / n)),
    )


def test_sums_are_those_of_a_second_computation():
    rng = np.random.default_rng(4)
    for _ in range(60):
        size = int(rng.integers(1, 6))
        parts = []
        for _part in range(size):
            judged = 3 * int(rng.integers(3, 60))
            parts.append((3 * int(rng.integers(1, judged // 3)), judged, float(rng.uniform(1, 4))))
        cells = pd.DataFrame(parts, columns=["numerator", "denominator", "deff"]).assign(place="x")
        row = summed(cells, ["place"]).iloc[0]
        assert (row["share"], row["low"], row["high"]) == pytest.approx(naive(parts))


def test_what_is_not_printed_is_left_out():
    cells = pd.DataFrame(
        {
            "place": ["a", "a", "b"],
            "numerator": [9.0, np.nan, np.nan],
            "denominator": [12.0, np.nan, np.nan],
            "deff": [1.0, np.nan, np.nan],
        }
    )
    assert summed(cells, ["place"])[["place", "met", "judged"]].values.tolist() == [["a", 9, 12]]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.85])
def test_the_interval_of_a_rounded_sum_covers_the_truth(share):
    rng = np.random.default_rng(11)
    covered, tries = 0, 1500
    met = rng.binomial(24, share, size=(tries, 4))
    missed = 24 - met

    def at_random(x):
        rest = x % 3
        return x - rest + 3 * (rng.random(x.shape) < rest / 3)

    printed_met, printed_missed = at_random(met), at_random(missed)
    table = pd.DataFrame(
        {
            "run": np.repeat(np.arange(tries), 4),
            "numerator": printed_met.ravel(),
            "denominator": (printed_met + printed_missed).ravel(),
            "deff": 1.0,
        }
    )
    result = summed(table, ["run"])
    covered = ((result["low"] <= share) & (share <= result["high"])).mean()
    assert covered >= 0.935
