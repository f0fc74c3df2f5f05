"""Nobody can be found: the attack on every release, and proof that the attack has teeth."""

import itertools
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import milp
from scipy.optimize._constraints import Bounds, LinearConstraint

from scorecards.scoring.disclosure import audit, suppress
from scorecards.scoring.lattice import ALL, build_cells, tie
from scorecards.scoring.vocabulary import Status

MARGINS = [("row",), ("column",), ()]


def square(counts: list[list[int]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"row": f"r{i}", "column": f"c{j}", "judged": count}
            for i, line in enumerate(counts)
            for j, count in enumerate(line)
        ]
    )


SIX_SMALL = square([[3, 40, 25, 30], [22, 5, 4, 60], [31, 28, 7, 45], [2, 33, 50, 8]])


def test_primary_suppression_alone_leaks_all_six_cells_and_the_audit_says_so() -> None:
    released = suppress(SIX_SMALL, MARGINS, met=None, secondary=False)
    report = audit(released, met=None)
    assert len(report) == 6
    assert report["breach"].all()
    assert (report["low"] == report["high"]).all()
    assert sorted(report["low"]) == [2, 3, 4, 5, 7, 8]


def test_secondary_suppression_goes_on_until_the_audit_passes() -> None:
    released = suppress(SIX_SMALL, MARGINS, met=None)
    report = audit(released, met=None)
    assert len(report) > 6
    assert not report["breach"].any()
    assert (report["high"] - report["low"] >= 3).all()
    assert (released["status"] == Status.SHOWN).sum() >= 12


def test_hiding_one_more_cell_is_not_enough() -> None:
    released = suppress(SIX_SMALL, MARGINS, met=None, secondary=False)
    released.loc[1, ["status", "judged"]] = [Status.HIDDEN, np.nan]
    assert audit(released, met=None)["breach"].sum() >= 3


def naive_ranges(released: pd.DataFrame, dims: list[str]) -> dict[int, tuple[float, float]]:
    """Each hidden count by integer programming over the finest cells, nothing clever."""
    base = released[~(released[dims] == ALL).any(axis=1)]
    rows, targets = [], {}
    for place, cell in released.iterrows():
        covers = np.ones(len(base))
        for dim in dims:
            if cell[dim] != ALL:
                covers *= (base[dim] == cell[dim]).to_numpy()
        if np.isnan(cell["judged"]):
            targets[place] = covers
        else:
            rows.append((covers, cell["judged"]))
    told = [value for _, value in rows]
    limits = LinearConstraint(np.array([row for row, _ in rows]), told, told) if rows else None
    ranges: dict[int, tuple[float, float]] = {}
    for place, covers in targets.items():
        ends = [
            milp(
                covers * direction,
                constraints=limits,
                integrality=np.ones(len(base)),
                bounds=Bounds(0, 2000),
            ).fun
            * direction
            for direction in (1, -1)
        ]
        ranges[int(str(place))] = (round(ends[0]), round(ends[1]))
    return ranges


tables = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4).map(
    square
)


@settings(max_examples=15, deadline=None)
@given(tables)
@example(square([[1, 1, 1], [1, 1, 1]]))
def test_the_audit_finds_the_ranges_that_integer_programming_finds(table: pd.DataFrame) -> None:
    released = suppress(table, MARGINS, met=None, secondary=False)
    report = audit(released, met=None)
    expected = naive_ranges(released, ["row", "column"])
    hidden = released.index[released["judged"].isna()]
    for place, (_, row) in zip(hidden, report.iterrows(), strict=True):
        low, high = expected[int(place)]
        assert row["low"] == low
        assert row["high"] == high or (row["high"] == np.inf and high >= 1900)


@settings(max_examples=20, deadline=None)
@given(tables)
def test_every_release_of_counts_withstands_the_attack(table: pd.DataFrame) -> None:
    released = suppress(table, MARGINS, met=None)
    truth = suppress(table, MARGINS, met=None, least=0)
    for place, (low, high) in naive_ranges(released, ["row", "column"]).items():
        assert high - low >= 3
        assert low <= truth.loc[place, "judged"] <= high
    shown = released["judged"]
    assert ((shown >= 10) | (shown == 0) | shown.isna()).all()


def commune_table(seed: int, communes: int, services: int, per_province: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    keys = list(itertools.product(range(communes), range(services)))
    judged = rng.negative_binomial(1.3, 1.3 / 16.3, len(keys))
    share = rng.choice([0.5, 0.85, 0.97, 1.0], services)[[service for _, service in keys]]
    table = pd.DataFrame(
        {
            "province": [f"{commune // per_province:02d}" for commune, _ in keys],
            "commune": [f"{commune:06d}" for commune, _ in keys],
            "service": [f"s{service}" for _, service in keys],
            "judged": judged,
            "met": rng.binomial(judged, share),
        }
    )
    return table[table["judged"] > 0]


NESTED = [("province", "service"), ("service",)]
CROSSED = [*NESTED, ("province", "commune"), ("province",), ()]


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([NESTED, CROSSED]))
def test_every_release_of_shares_withstands_the_attack(seed: int, margins: Any) -> None:
    table = commune_table(seed, 12, 3)
    released = suppress(table, margins)
    report = audit(released, exact_below=10_000)
    assert not report["breach"].any()
    truth = suppress(table, margins, least=0, secondary=False)
    people = build_cells(table, ["province", "commune", "service"], margins, ["judged", "met"])
    keys = ["province", "commune", "service"]
    joined = report.merge(people, on=keys)
    assert (joined["low"] <= joined["judged"]).all()
    assert (joined["judged"] <= joined["high"]).all()
    assert (joined["met_low"] <= joined["met"]).all()
    assert (joined["met"] <= joined["met_high"]).all()
    assert len(joined) == len(report) <= len(truth)


def test_switching_secondary_suppression_off_is_a_breach_for_shares_too() -> None:
    table = commune_table(1, 30, 3)
    assert not audit(suppress(table, CROSSED))["breach"].any()
    report = audit(suppress(table, CROSSED, secondary=False))
    assert report["breach"].any()


@pytest.mark.parametrize(
    ("judged", "met", "status", "band"),
    [
        (9, 5, Status.HIDDEN, (np.nan, np.nan)),
        (10, 5, Status.SHOWN, (0.5, 0.5)),
        (40, 0, Status.SHOWN, (0.0, 0.0)),
        (40, 40, Status.SHOWN, (1.0, 1.0)),
        (40, 1, Status.UNDER_THREE, (0.0, 0.1)),
        (40, 38, Status.UNDER_THREE, (0.9, 1.0)),
        (12, 10, Status.UNDER_THREE, (0.8, 1.0)),
        (0, 0, Status.SHOWN, (np.nan, np.nan)),
    ],
)
def test_what_a_single_cell_may_show(
    judged: int, met: int, status: Status, band: tuple[float, float]
) -> None:
    table = pd.DataFrame({"commune": ["010201"], "judged": [judged], "met": [met]})
    row = suppress(table).iloc[0]
    assert row["status"] == status
    assert (row["share_low"], row["share_high"]) == pytest.approx(band, nan_ok=True)
    assert np.isnan(row["met"]) == (status is not Status.SHOWN)
    assert np.isnan(row["judged"]) == (status is Status.HIDDEN)


def test_the_band_never_tells_whether_it_was_one_or_two() -> None:
    sizes = np.repeat(np.arange(10, 200), 2)
    table = pd.DataFrame(
        {"x": np.arange(sizes.size), "judged": sizes, "met": np.tile([1, 2], sizes.size // 2)}
    )
    bands = suppress(table)[["share_low", "share_high"]].to_numpy()
    assert (bands[::2] == bands[1::2]).all()
    assert (bands[::2, 1] >= 2 / sizes[::2]).all()


def test_everybody_met_in_a_province_would_tell_about_each_hidden_commune() -> None:
    table = pd.DataFrame(
        {
            "province": "01",
            "commune": ["a", "b", "c"],
            "judged": [4, 5, 40],
            "met": [4, 5, 40],
        }
    )
    released = suppress(table, [("province",)])
    assert not audit(released)["breach"].any()
    assert released.loc[3, "status"] == Status.UNDER_THREE


def correction(table: pd.DataFrame, **changes: tuple[int, int]) -> pd.DataFrame:
    new = table.copy()
    for commune, (judged, met) in changes.items():
        new.loc[new["commune"] == commune, ["judged", "met"]] += [judged, met]
    return new


FOUR = pd.DataFrame(
    {
        "province": "01",
        "commune": list("abcd"),
        "judged": [40, 50, 60, 70],
        "met": [20, 30, 40, 50],
    }
)


def test_a_correction_of_three_cases_cannot_be_found_by_subtraction() -> None:
    first = suppress(FOUR, [("province",)])
    changed = correction(FOUR, a=(3, 0))
    careless = suppress(changed, [("province",)])
    careful = suppress(changed, [("province",)], previous=first)
    assert careless.loc[0, "status"] == Status.SHOWN
    assert careful.loc[0, "status"] == Status.HIDDEN
    assert not audit(careful, previous=first)["breach"].any()


def test_a_correction_hidden_in_one_cell_may_not_show_in_the_total_either() -> None:
    first = suppress(FOUR, [("province",)])
    released = suppress(correction(FOUR, a=(3, 0), b=(12, 6)), [("province",)], previous=first)
    report = audit(released, previous=first)
    assert not report["breach"].any()
    careless = released.copy()
    careless.loc[4, ["status", "judged", "met"]] = [Status.SHOWN, 235.0, 146.0]
    careless.loc[1:3, "status"] = Status.SHOWN
    careless.loc[1:3, ["judged", "met"]] = [[62.0, 36.0], [60.0, 40.0], [70.0, 50.0]]
    assert audit(careless, previous=first)["breach"].any()


def test_what_was_hidden_stays_hidden_and_the_unchanged_stays_as_it_was() -> None:
    table = correction(FOUR, a=(-35, -18))
    first = suppress(table, [("province",)])
    again = suppress(table, [("province",)], previous=first)
    pd.testing.assert_frame_equal(first, again)
    later = suppress(correction(table, a=(20, 10)), [("province",)], previous=first)
    was_hidden = first["status"] == Status.HIDDEN
    assert (later.loc[was_hidden, "status"] == Status.HIDDEN).all()


def test_releases_repeat_themselves_to_the_byte() -> None:
    table = commune_table(3, 18, 3)
    one, two = suppress(table, CROSSED), suppress(table.sample(frac=1, random_state=1), CROSSED)
    keys = ["province", "commune", "service"]
    pd.testing.assert_frame_equal(
        one.sort_values(keys).reset_index(drop=True), two.sort_values(keys).reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(one, suppress(table, CROSSED), check_exact=True)


def test_no_cells_give_an_empty_release() -> None:
    empty = pd.DataFrame({"commune": [], "judged": [], "met": []})
    released = suppress(empty)
    assert released.empty
    assert audit(released).empty


def test_impossible_tables_are_refused() -> None:
    good = pd.DataFrame({"commune": ["a"], "judged": [12], "met": [4]})
    with pytest.raises(ValueError, match="does not have"):
        suppress(good, [("province",)])
    with pytest.raises(ValueError, match="kept for margins"):
        suppress(good.assign(commune=ALL))
    with pytest.raises(ValueError, match="between 0 and"):
        suppress(good.assign(met=13))
    with pytest.raises(ValueError, match="twice"):
        tie(pd.DataFrame({"commune": ["a", "a"]}))


def test_a_release_of_the_whole_country_takes_seconds() -> None:
    table = commune_table(4, 1650, 4, per_province=66)
    started = time.process_time()
    released = suppress(table, NESTED)
    assert not audit(released)["breach"].any()
    assert time.process_time() - started < 30
