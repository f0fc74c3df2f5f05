"""Figures printed in papers, to the last printed digit."""

import pytest

from scorecards.method.estimates.intervals import newcombe_difference, wilson


@pytest.mark.parametrize(
    ("met", "judged", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombe_1998_table_1(met: int, judged: int, low: float, high: float) -> None:
    got = wilson(met, judged)
    assert (round(got[0], 4), round(got[1], 4)) == (low, high)


def test_newcombe_difference_gives_newcombe_1998_table_2() -> None:
    low, high = newcombe_difference(56, 70, 48, 80)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
