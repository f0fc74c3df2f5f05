"""Rounding and the rules of a release: published properties, and a second program's answers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.method.disclosure import rounding
from scorecards.method.disclosure.record_keys import Kind, draws, record_keys
from scorecards.tests.method import rounding_in_loops
from scorecards.verification import rounding_in_columns as second

SECRET = "a secret of the tests"
CUBE = {"indicator": "CA-C1", "provider_kind": "commune", "self_assessment": False}


def table(records: list[tuple[str, str, bool, int]]) -> pd.DataFrame:
    """Cells and all totals from records: commune, service, met, number of the record."""
    sides: dict[tuple[str, str], list[list[int]]] = {}
    keys = record_keys(Kind.CASE, [number for *_, number in records], SECRET).tolist()
    for (commune, service, met, _), key in zip(records, keys, strict=True):
        for place in (commune, commune[:2], ""):
            for part in {service, ""}:
                sides.setdefault((place, part), [[], []])[0 if met else 1].append(key)
    rows = [
        CUBE
        | {"place_code": place, "service": part, "met": len(good), "not_met": len(bad)}
        | {"met_key": sum(good) % 2**64, "not_met_key": sum(bad) % 2**64}
        for (place, part), (good, bad) in sides.items()
    ]
    names = [*CUBE, "place_code", "service", "met", "not_met", "met_key", "not_met_key"]
    return pd.DataFrame(rows, columns=pd.Index(names)).astype(
        {"met_key": np.uint64, "not_met_key": np.uint64}
    )


def drawn(seed: int, size: int, services: int = 3) -> list[tuple[str, str, bool, int]]:
    rng = np.random.default_rng(seed)
    communes = np.array(["010101", "010102", "010103", "020101", "020102"])
    weights = rng.dirichlet(np.full(5, 0.8))
    picked = rng.choice(communes, size, p=weights)
    service = rng.choice([f"s{n}" for n in range(services)], size)
    met = rng.random(size) < rng.uniform(0.1, 0.95)
    numbers = rng.permutation(size * 3)[:size]
    return [
        (str(c), str(s), bool(m), int(n))
        for c, s, m, n in zip(picked, service, met, numbers, strict=True)
    ]


def changed(
    records: list[tuple[str, str, bool, int]], seed: int
) -> list[tuple[str, str, bool, int]]:
    """The same records after corrections: some gone, some turned, some new."""
    rng = np.random.default_rng(seed)
    gone, turned = rng.uniform(0, 0.3), rng.uniform(0, 0.1)
    stays = [r for r in records if rng.random() > gone]
    stays = [(c, s, not m if rng.random() < turned else m, n) for c, s, m, n in stays]
    new = drawn(seed + 1, int(rng.integers(0, 15)))
    return stays + [(c, s, m, n + 10_000_000 + seed) for c, s, m, n in new]


def test_counts_become_multiples_of_three_and_their_mean_stays() -> None:
    keys = np.random.default_rng(3).integers(0, 2**63, 60_000, dtype=np.uint64)
    for count in range(8):
        prints = rounding.rounded(np.full(keys.size, count), keys, SECRET)
        assert set(np.unique(prints)) <= {count - count % 3, count + (-count % 3)}
        up = count % 3 / 3
        assert prints.mean() == pytest.approx(count, abs=5 * 3 * (up * (1 - up) / keys.size) ** 0.5)
    assert rounding.rounded(0, 12345678901234567890, SECRET) == 0


def test_the_same_records_give_the_same_number_under_one_secret_only() -> None:
    keys = record_keys(Kind.CASE, range(5000), SECRET)
    again = record_keys(Kind.CASE, list(range(5000)), SECRET.encode())
    assert (keys == again).all()
    assert len(np.unique(keys)) == 5000
    assert not np.intersect1d(keys, record_keys(Kind.VOTE, range(5000), SECRET)).size
    one = rounding.rounded(np.full(5000, 4), keys, SECRET)
    assert (one == rounding.rounded(np.full(5000, 4), keys.astype(object), SECRET)).all()
    assert (one == rounding.rounded(np.full(5000, 4), keys.view(np.int64), SECRET)).all()
    other = rounding.rounded(np.full(5000, 4), keys, "another secret")
    assert 0.3 < (one != other).mean() < 0.6


def test_draws_are_a_bijection_and_evenly_spread() -> None:
    sums = np.arange(200_000, dtype=np.uint64)
    spread = draws(sums, SECRET)
    assert len(np.unique(spread)) == sums.size
    counts = np.bincount((spread >> np.uint64(56)).astype(int), minlength=256)
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() == pytest.approx(255, abs=90)


@pytest.mark.parametrize("counts", [[-1], [1.5], [float("nan")]])
def test_impossible_counts_are_refused(counts: list[float]) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        rounding.rounded(counts, [1], SECRET)


def test_a_column_that_is_missing_or_a_cell_that_stands_twice_is_refused() -> None:
    cells = table(drawn(1, 50))
    with pytest.raises(ValueError, match="met_key"):
        rounding.release(cells.drop(columns="met_key"), None, SECRET)
    with pytest.raises(ValueError, match="twice"):
        rounding.release(pd.concat([cells, cells]), None, SECRET)


def same(first: pd.DataFrame, records: pd.DataFrame, kept: pd.DataFrame) -> None:
    """Three programs decide alike, cell by cell: the product's two, and plain loops."""
    loops = rounding_in_loops.decide(rounding_in_loops.table_of(records, kept), SECRET)
    again = second.decide(records, kept, SECRET)
    assert second.differences(first, again).empty
    assert len(first) == len(again) == len(loops)
    assert rounding_in_loops.differences(first, loops).empty
    if len(first):
        wrong = again.assign(kept_met=again["kept_met"] + 3)
        differences = second.differences(first, wrong)
        assert len(differences) == again["kept_met"].notna().sum()


@given(
    st.integers(0, 10**6),
    st.integers(0, 400),
    st.integers(1, 4),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=25, deadline=None)
@pytest.mark.slow
def test_a_naive_second_program_decides_the_same_over_corrections(
    seed: int, size: int, services: int, releases: int, own: bool, votes: bool
) -> None:
    records, earlier = drawn(seed, size, services), []
    for turn in range(releases):
        cells = table(records).assign(self_assessment=own, is_vote=votes)
        release = rounding.release(cells, earlier, SECRET)
        same(release, cells, rounding.states(earlier))
        joined = pd.concat(earlier) if earlier else None
        again = rounding.release(cells, joined, SECRET)
        pd.testing.assert_frame_equal(release, again, check_dtype=False)
        earlier.append(release)
        records = changed(records, seed + turn)


@given(st.integers(0, 10**6), st.integers(30, 900), st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_a_first_release_keeps_every_promise(seed: int, size: int, services: int) -> None:
    cells = table(drawn(seed, size, services))
    release = rounding.release(cells, None, SECRET)
    printed = release[release["status"] == "printed"].set_index(["place_code", "service"])
    sides = printed[["printed_met", "printed_not_met"]].to_numpy()
    truth = printed[["met", "not_met"]].to_numpy()
    assert (sides % 3 == 0).all()
    assert (np.abs(sides - truth) <= 2).all()
    assert (truth.sum(axis=1) >= 10).all()
    assert (printed["printed_judged"] >= 9).all()
    for (place, service), row in printed.iterrows():
        for above in {(place[:n], s) for n in range(len(place) + 1) for s in (service, "")}:
            if above == (place, service) or above not in printed.index:
                continue
            total = printed.loc[above]
            assert total["printed_met"] >= row["printed_met"]
            assert total["printed_not_met"] >= row["printed_not_met"]
            rest = total["met"] + total["not_met"] - row["met"] - row["not_met"]
            assert rest == 0 or rest >= 10
            assert rest == 0 or total["printed_judged"] - row["printed_judged"] >= 9
            if rest == 0:
                assert (
                    total[["printed_met", "printed_not_met"]]
                    == row[["printed_met", "printed_not_met"]]
                ).all()


@pytest.mark.parametrize("communes", range(1, 7))
@pytest.mark.parametrize("votes", [True, False])
def test_votes_of_several_communes_are_added_up_from_five_on(communes: int, votes: bool) -> None:
    records = [
        (f"0101{commune:02}", "", n % 3 > 0, 100 * commune + n)
        for commune in range(communes)
        for n in range(20)
    ]
    release = rounding.release(table(records).assign(is_vote=votes), None, SECRET)
    printed = set(release.loc[release["status"] == "printed", "place_code"])
    finest = {f"0101{commune:02}" for commune in range(communes)}
    several = {"01", ""} if communes > (4 if votes else 1) else set()  # one has too few people
    assert printed == finest | several
    groups = [(place, "women:yes", met, n) for place, _all, met, n in records]
    of_groups = table(groups).query("service != ''").assign(is_vote=votes)
    release = rounding.release(of_groups, None, SECRET)
    groups_printed = set(release.loc[release["status"] == "printed", "place_code"])
    if not votes:
        assert groups_printed == printed
    elif communes < 5:
        assert not groups_printed
    else:
        assert groups_printed == {"01", ""}


def one_cell(met: int, judged: int, first: int = 0) -> pd.DataFrame:
    records = [("010101", "s0", n < met, first + n) for n in range(judged)]
    return table(records)


def test_a_number_is_not_given_away_by_going_back() -> None:
    """The releases 40 of 25, 52 of 31, 41 of 26: the third repeats the first."""
    for secret in ("one", "two", "three", "four", "five"):
        first = rounding.release(one_cell(25, 40), None, secret)
        second_ = rounding.release(one_cell(31, 52), first, secret)
        third = rounding.release(one_cell(26, 41), [first, second_], secret)
        names = ["printed_met", "printed_judged"]
        pd.testing.assert_frame_equal(third[names], first[names])
        assert second_["is_new"].all()
        assert not third["is_new"].any()


def test_one_late_case_does_not_bring_a_hidden_nine_to_light() -> None:
    first = rounding.release(one_cell(5, 9), None, SECRET)
    assert (first["status"] == "not_printed").all()
    late = rounding.release(one_cell(5, 10), first, SECRET)
    assert (late["status"] == "not_printed").all()
    assert (rounding.release(one_cell(5, 10), None, SECRET)["status"] == "printed").any()


def test_six_wrong_records_in_a_small_cell_are_withdrawn_at_once() -> None:
    for judged in range(12, 17):
        first = rounding.release(one_cell(8, judged), None, SECRET)
        fixed = rounding.release(one_cell(2, judged), first, SECRET)
        assert (fixed.loc[first["status"] == "printed", "status"] == "withdrawn").all()
        assert fixed["printed_met"].isna().all()
        assert not fixed["is_new"].any()


def test_a_withdrawn_figure_comes_back_when_ten_have_changed() -> None:
    first = rounding.release(one_cell(12, 16), None, SECRET)
    less = rounding.release(one_cell(6, 16), first, SECRET)
    anew = rounding.release(one_cell(2, 16), [first, less], SECRET)
    small = first["place_code"].str.len() == 6  # larger places need thirty
    assert (less.loc[small, "status"] == "withdrawn").all()
    assert (anew.loc[small, "status"] == "printed").all()
    assert anew["is_new"].all()


def test_a_share_that_turned_withdraws_nothing_while_few_changed() -> None:
    first = rounding.release(one_cell(0, 16), None, SECRET)
    for late in (0, 1):
        release = rounding.release(one_cell(late, 17), first, SECRET)
        pd.testing.assert_series_equal(release["printed_met"], first["printed_met"])


@pytest.mark.slow
def test_without_rule_three_a_part_gives_its_total_away() -> None:
    """A commune (20, 2) with a service (10, 1): printed 0 and 3 not met they would be 2 and 1."""
    result = 0
    for first in range(0, 10_000, 50):
        records = [("010101", "s0", n >= 1, first + n) for n in range(11)]
        records += [("010101", "s1", n >= 1, first + 11 + n) for n in range(11)]
        cells = table(records)
        free = rounding.release(cells, None, SECRET, without=(3, 4))
        kept = rounding.release(cells, None, SECRET, without=(4,))
        by_cell = {(r["place_code"], r["service"]): r for r in free.to_dict("records")}
        total, part = by_cell[("010101", "")], by_cell[("010101", "s0")]
        result += total["printed_not_met"] == 0 and part["printed_not_met"] == 3
        safe = {(r["place_code"], r["service"]): r for r in kept.to_dict("records")}
        assert safe[("010101", "s0")]["printed_not_met"] <= safe[("010101", "")]["printed_not_met"]
    assert result > 5
