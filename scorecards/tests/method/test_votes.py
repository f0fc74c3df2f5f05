"""Votes: the distribution first, nobody rounded up, no small group shown."""

import math
import statistics
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.method.estimates.votes import (
    TOTALS,
    against_provider,
    distribution,
    gaps_of_meetings,
    group_gaps,
    group_may_be_shown,
)
from scorecards.method.vocabulary import Status

ballots = st.lists(
    st.fixed_dictionaries(
        {
            "indicator": st.sampled_from(["CA-P1", "CA-P2"]),
            "score": st.sampled_from([1, 2, 3, 4, 5, None]),
            "side": st.sampled_from(["community", "provider"]),
            "meeting": st.sampled_from(["a", "b", "c"]),
            "women": st.sampled_from([True, False, None]),
        }
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=40)
@given(ballots)
def test_distribution_equals_the_naive_one(votes: list[dict[str, Any]]) -> None:
    naive: dict[str, list[int]] = defaultdict(list)
    for vote in votes:
        if vote["score"] is not None:
            naive[vote["indicator"]].append(vote["score"])
    table = distribution(pd.DataFrame(votes)).set_index("indicator")
    assert list(table.index) == sorted(naive)
    for indicator, scores in naive.items():
        row = table.loc[indicator]
        assert [row[f"votes_{score}"] for score in range(1, 6)] == [
            scores.count(score) for score in range(1, 6)
        ]
        assert row["median"] == statistics.median(scores)
        assert row["mean"] == pytest.approx(statistics.fmean(scores))
        assert row["satisfied"] == pytest.approx(sum(s >= 4 for s in scores) / len(scores))


@settings(max_examples=40)
@given(ballots)
def test_the_gap_to_the_provider_equals_the_naive_one(votes: list[dict[str, Any]]) -> None:
    table = against_provider(pd.DataFrame(votes)).set_index("indicator")
    for indicator, row in table.iterrows():
        means = {}
        for side in ("community", "provider"):
            scores = [
                vote["score"]
                for vote in votes
                if (vote["indicator"], vote["side"]) == (indicator, side) and vote["score"]
            ]
            means[side] = statistics.fmean(scores) if scores else math.nan
            assert row[f"{side}_voters"] == len(scores)
        expected = means["community"] - means["provider"]
        assert row["gap"] == pytest.approx(expected, nan_ok=True)


def test_two_and_a_half_stays_two_and_a_half() -> None:
    votes = pd.DataFrame({"indicator": "x", "score": [2, 3]})
    assert distribution(votes)["median"].iloc[0] == 2.5


def test_a_vote_outside_one_to_five_is_refused() -> None:
    for score in (0, 6, 2.5):
        with pytest.raises(ValueError, match="from 1 to 5"):
            distribution(pd.DataFrame({"indicator": ["x"], "score": [score]}))


def meeting_votes(women: int, men: int, meetings: int = 4) -> pd.DataFrame:
    number = np.arange(women + men)
    return pd.DataFrame(
        {
            "indicator": "x",
            "score": np.where(number < women, 2, 4),
            "women": number < women,
            "meeting": number % meetings,
        }
    )


@pytest.mark.parametrize(
    ("women", "men", "status"),
    [
        (5, 5, Status.SHOWN),
        (4, 30, Status.TOO_FEW),
        (18, 2, Status.TOO_FEW),
        (30, 0, Status.TOO_FEW),
        (0, 30, Status.NO_DATA),
    ],
)
def test_a_group_is_shown_only_if_neither_it_nor_the_rest_is_small(
    women: int, men: int, status: Status
) -> None:
    row = group_gaps(meeting_votes(women, men), ["women"]).iloc[0]
    assert row["status"] == status
    if status is not Status.SHOWN:
        assert math.isnan(row["mean"])
        assert math.isnan(row["voters"])


def test_the_rule_for_groups_counts_the_rest_too() -> None:
    assert group_may_be_shown(5, 10)
    assert group_may_be_shown(20, 20)
    assert not group_may_be_shown(18, 20)
    assert not group_may_be_shown(4, 30)


def test_a_gap_has_an_interval_from_meetings_and_none_from_one_meeting() -> None:
    row = group_gaps(meeting_votes(20, 20), ["women"]).iloc[0]
    assert (row["gap"], row["low"], row["high"]) == (-2, -2, -2)
    alone = group_gaps(meeting_votes(20, 20, meetings=1), ["women"]).iloc[0]
    assert alone["gap"] == -2
    assert math.isnan(alone["low"])
    pd.testing.assert_frame_equal(
        group_gaps(meeting_votes(9, 7), ["women"]), group_gaps(meeting_votes(9, 7), ["women"])
    )


@settings(max_examples=40)
@given(ballots)
def test_gaps_from_sums_of_meetings_are_those_of_the_single_votes(
    votes: list[dict[str, Any]],
) -> None:
    table = pd.DataFrame(votes).sort_values("meeting", kind="stable", ignore_index=True)
    cast = table[table["score"].notna()]
    member = cast["women"].map({True: 1.0, False: 0.0}).astype(float)
    sums = cast.assign(
        score_inside=cast["score"].where(member == 1, 0),
        inside=(member == 1).astype(int),
        score_outside=cast["score"].where(member == 0, 0),
        outside=(member == 0).astype(int),
    )
    meetings = sums.groupby(["indicator", "meeting"])[TOTALS].sum().reset_index()
    outcome = gaps_of_meetings(meetings, ["indicator"], draws=60)
    single = group_gaps(table, ["women"], draws=60)
    assert list(outcome["status"]) == list(single["status"])
    for name in ("mean", "others_mean", "gap", "low", "high"):
        np.testing.assert_allclose(outcome[name], single[name].astype(float), atol=1e-9)
    shown = outcome["status"] == Status.SHOWN
    assert list(outcome.loc[shown, "voters"]) == list(single.loc[shown.to_numpy(), "voters"])


def test_the_bootstrap_by_meeting_holds_the_truth_about_as_often_as_promised() -> None:
    rng = np.random.default_rng(13)
    held = 0
    for trial in range(300):
        mood = rng.normal(0, 0.6, 30).repeat(20)
        women = rng.random(600) < 0.5
        score = np.clip(np.round(3.2 + mood + rng.normal(0, 1, 600)), 1, 5)
        votes = pd.DataFrame(
            {"indicator": "x", "score": score, "women": women, "meeting": np.arange(600) // 20}
        )
        row = group_gaps(votes, ["women"], draws=300, seed=trial).iloc[0]
        held += row["low"] <= 0 <= row["high"]
    assert 0.90 <= held / 300 <= 0.98


def test_no_votes_give_empty_tables() -> None:
    empty = pd.DataFrame({"indicator": [], "score": [], "side": [], "meeting": [], "women": []})
    assert distribution(empty).empty
    assert against_provider(empty).empty
    assert group_gaps(empty, ["women"]).empty
