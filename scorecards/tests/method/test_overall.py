"""The overall score: parts in sight, nothing imputed, colours that follow the interval."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.method.estimates.overall import colour, letter, overall
from scorecards.method.vocabulary import Colour, Status

WEIGHTS = pd.Series({"CA-C1": 3.0, "CA-C2": 2.0, "CA-C3": 1.0})


def parts(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["place", "indicator", "met", "judged"])


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("xyz"), st.sampled_from(["CA-C1", "CA-C2", "CA-C3", "CA-C9"])),
        st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
    )
)
def test_score_and_coverage_equal_the_naive_ones(
    cells: dict[tuple[str, str], tuple[int, int]],
) -> None:
    table = overall(parts(*((*key, *counts) for key, counts in cells.items())), WEIGHTS, draws=50)
    for place in {place for place, indicator in cells if indicator in WEIGHTS.index}:
        carried = total = 0.0
        for indicator, weight in WEIGHTS.items():
            met, judged = cells.get((place, str(indicator)), (0, 0))
            if judged >= 10:
                carried += weight
                total += weight * met / judged
        row = table.loc[place]
        assert row["coverage"] == pytest.approx(carried / 6)
        if carried / 6 >= 0.6 - 1e-9:
            assert row["score"] == pytest.approx(100 * total / carried)
            assert row["low"] <= row["score"] <= row["high"]
        else:
            assert row["status"] == Status.TOO_FEW
            assert row[["score", "low", "high"]].isna().all()


def test_a_part_not_judged_is_left_out_and_sixty_percent_is_enough() -> None:
    weights = pd.Series({"a": 6.0, "b": 4.0})
    table = overall(parts(("x", "a", 45, 50), ("x", "b", 2, 9), ("y", "b", 40, 50)), weights)
    assert table.loc["x", "score"] == pytest.approx(90)
    assert table.loc["x", "coverage"] == pytest.approx(0.6)
    assert math.isnan(table.loc["y", "score"])
    assert table.loc["x", "parts_judged"] == 1


def test_the_interval_holds_the_truth_and_the_design_effect_widens_it() -> None:
    rng = np.random.default_rng(14)
    truth = {"CA-C1": 0.9, "CA-C2": 0.6, "CA-C3": 0.7}
    rows = [
        (f"{place:04d}", indicator, rng.binomial(60, share), 60)
        for place in range(1500)
        for indicator, share in truth.items()
    ]
    table = overall(parts(*rows), WEIGHTS, draws=500)
    score = 100 * (3 * 0.9 + 2 * 0.6 + 0.7) / 6
    assert 0.93 <= np.mean((table["low"] <= score) & (score <= table["high"])) <= 0.97
    wide = overall(parts(*rows[:30]).assign(deff=2.0), WEIGHTS)
    plain = overall(parts(*rows[:30]), WEIGHTS)
    assert ((wide["high"] - wide["low"]) > (plain["high"] - plain["low"])).all()


def test_recomputing_gives_the_same_bytes_in_any_order_of_rows() -> None:
    rows = [("x", "CA-C1", 40, 50), ("x", "CA-C2", 20, 50), ("w", "CA-C1", 9, 50)]
    one, two = overall(parts(*rows), WEIGHTS), overall(parts(*rows[::-1]), WEIGHTS)
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_bad_weights_and_double_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        overall(parts(("x", "CA-C1", 1, 20)), pd.Series({"CA-C1": 0.0}))
    with pytest.raises(ValueError, match="given twice"):
        overall(parts(("x", "CA-C1", 1, 20), ("x", "CA-C1", 1, 20)), WEIGHTS)


def test_no_parts_give_no_scores() -> None:
    assert overall(parts(), WEIGHTS).empty


def test_colours_and_letters_follow_the_whole_interval() -> None:
    assert colour(81, 90) is Colour.GREEN
    assert colour(79, 99) is Colour.AMBER
    assert colour(30, 49) is Colour.RED
    assert colour(30, 51) is Colour.AMBER
    assert colour(math.nan, math.nan) is Colour.GREY
    assert letter(82, 95) == "A"
    assert letter(60, 82) == "A-C"
    assert letter(5, 20) == "E"
    assert letter(math.nan, math.nan) == ""
