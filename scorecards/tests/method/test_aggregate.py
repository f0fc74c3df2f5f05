"""Cells against dictionaries and loops, and their speed against a bare groupby."""

import statistics
import time
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.method.estimates.cells import (
    CELL_KEYS,
    COUNTS,
    count_cells,
    count_wide,
    period_of,
    roll_up,
)
from scorecards.method.vocabulary import Outcome


def naive_cells(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> dict[Any, dict[str, int]]:
    cells: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for row in rows:
        if any(row[key] is None for key in keys):
            continue
        cell = cells[tuple(row[key] for key in keys)]
        outcome = Outcome(row["outcome"])
        if outcome.judged:
            cell["judged"] += 1
            cell["met"] += outcome is Outcome.MET
        else:
            cell[outcome.reason] += 1
    return dict(sorted(cells.items()))


def as_naive(cells: pd.DataFrame, keys: tuple[str, ...]) -> dict[Any, dict[str, int]]:
    return {
        tuple(row[key] for key in keys): {name: row[name] for name in COUNTS}
        for row in cells.to_dict("records")
    }


rows = st.fixed_dictionaries(
    {
        "commune": st.sampled_from(["010201", "010202", "020101", None]),
        "provider_kind": st.sampled_from(["commune", "police"]),
        "service": st.sampled_from(["id-card", "birth"]),
        "indicator": st.sampled_from(["CA-C1", "CA-C2"]),
        "period": st.sampled_from(["2026-01", "2026-02"]),
        "outcome": st.sampled_from([int(outcome) for outcome in Outcome]),
    }
)


@given(st.lists(rows, min_size=1, max_size=80), st.booleans())
def test_cells_equal_loops(cases: list[dict[str, Any]], categorical: bool) -> None:
    table = pd.DataFrame(cases)
    if categorical:
        table = table.astype(dict.fromkeys(CELL_KEYS, "category"))
    expected = naive_cells(cases, CELL_KEYS)
    got = as_naive(count_cells(table), CELL_KEYS)
    assert got == expected
    assert list(got) == list(expected)


@given(st.lists(rows, min_size=1, max_size=60))
def test_rolling_up_cells_equals_counting_the_cases(cases: list[dict[str, Any]]) -> None:
    keys = ("provider_kind", "service")
    kept = [case for case in cases if case["commune"] is not None]
    cells = roll_up(count_cells(pd.DataFrame(cases)), keys)
    assert as_naive(cells, keys) == naive_cells(kept, keys)


@given(st.lists(st.tuples(rows, st.sampled_from(sorted(Outcome))), min_size=1, max_size=40))
def test_wide_cells_equal_long_ones(pairs: list[tuple[dict[str, Any], int]]) -> None:
    keys = ("commune", "provider_kind", "service", "period")
    cases = pd.DataFrame([row for row, _ in pairs])
    outcomes = pd.DataFrame({"A": cases["outcome"], "B": [int(second) for _, second in pairs]})
    long = pd.concat(
        [cases.assign(indicator=name, outcome=outcomes[name]) for name in outcomes.columns]
    )
    expected = as_naive(count_cells(long, (*keys, "indicator")), (*keys, "indicator"))
    expected = {
        key: cell
        for key, cell in expected.items()
        if any(value for name, value in cell.items() if name != "does_not_apply")
    }
    assert as_naive(count_wide(cases, outcomes, keys), (*keys, "indicator")) == expected


@pytest.mark.parametrize("categorical", [False, True])
@given(pairs=st.lists(st.tuples(rows, st.none() | st.integers(0, 9)), min_size=1, max_size=40))
def test_wide_cells_carry_the_median_of_the_numbers_there_are(
    pairs: list[tuple[dict[str, Any], int | None]], *, categorical: bool
) -> None:
    keys = ["commune", "service"]
    cases = pd.DataFrame([row for row, _ in pairs])
    values = pd.Series([np.nan if number is None else float(number) for _, number in pairs])
    expected: dict[Any, list[int]] = defaultdict(list)
    for row, number in pairs:
        if number is not None:
            expected[row["commune"], row["service"]].append(number)
    if categorical:
        cases = cases.astype(dict.fromkeys(keys, "category"))
    outcomes = pd.DataFrame({"A": cases["outcome"], "B": cases["outcome"]})
    cells = count_wide(cases, outcomes, keys, middles={"A": values})
    assert cells.loc[cells["indicator"] == "B", "median"].isna().all()
    for cell in cells[cells["indicator"] == "A"].to_dict("records"):
        numbers = expected[cell["commune"], cell["service"]]
        if numbers:
            assert cell["median"] == statistics.median(numbers)
        else:
            assert np.isnan(cell["median"])
    assert all(isinstance(cells[key].dtype, pd.CategoricalDtype) == categorical for key in keys)


def test_no_cases_give_no_cells() -> None:
    empty = pd.DataFrame({name: [] for name in (*CELL_KEYS, "outcome")})
    cells = count_cells(empty)
    assert cells.empty
    assert list(cells.columns) == [*CELL_KEYS, *COUNTS]
    assert count_wide(empty, pd.DataFrame(index=empty.index)).empty


def test_an_unknown_outcome_code_is_refused() -> None:
    table = pd.DataFrame([{**dict.fromkeys(CELL_KEYS, "x"), "outcome": 7}])
    with pytest.raises(ValueError, match="outcome code"):
        count_cells(table)


def test_periods_are_months_quarters_and_years() -> None:
    days = pd.Series(pd.to_datetime(["2026-12-31", "2026-04-01", None]), index=[5, 6, 7])
    assert period_of(days, "month").tolist()[:2] == ["2026-12", "2026-04"]
    assert period_of(days, "quarter").tolist()[:2] == ["2026-Q4", "2026-Q2"]
    assert period_of(days, "year").tolist()[:2] == ["2026", "2026"]
    assert period_of(days, "year").isna().tolist() == [False, False, True]
    with pytest.raises(ValueError, match="a month, a quarter or a year"):
        period_of(days, "week")


def test_a_million_cases_cost_little_more_than_a_bare_groupby() -> None:
    rng = np.random.default_rng(3)
    size = 1_000_000
    widths = dict(zip(CELL_KEYS, (1650, 4, 40, 13, 3), strict=True))
    table = pd.DataFrame(
        {
            key: pd.Categorical.from_codes(
                rng.integers(0, width, size), categories=[f"{i:04d}" for i in range(width)]
            )
            for key, width in widths.items()
        }
    )
    table["provider_kind"] = table["indicator"] = table["commune"].cat.codes % 3
    table["outcome"] = rng.integers(-4, 2, size).astype(np.int8)
    started = time.process_time()
    bare = table.groupby(list(CELL_KEYS), observed=True)["outcome"].agg(["count", "sum"])
    bare_time = time.process_time() - started
    started = time.process_time()
    cells = count_cells(table)
    assert time.process_time() - started < max(3 * bare_time, 1.0)
    assert len(cells) == len(bare)
