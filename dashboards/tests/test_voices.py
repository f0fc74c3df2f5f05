"""What votes say beside the share of the satisfied, and what is not said."""

import re

import pandas as pd
import pytest
from django.utils import translation

from dashboards.text import votes
from scorecards.reading.clear_differences import is_clear_gap, is_clearly_better

FIGURE = {
    "provider_kind": "commune",
    "indicator": "CA-P1",
    "service": "",
    "provider_id": 0,
    "self_assessment": False,
    "numerator": 12.0,
    "denominator": 20.0,
    "share": 0.6,
    "median": 3.5,
    "distribution": [1, 2, 5, 8, 4],
}
GAP = {
    "provider_kind": "commune",
    "indicator": "CA-P1",
    "among": "women",
    "voters": 12,
    "others": 8,
    "mean": 3.2,
    "others_mean": 4.0,
    "gap": -0.8,
    "low": -1.5,
    "high": -0.1,
    **dict.fromkeys(("share", "others_share", "share_gap", "share_low", "share_high")),
}
RELEASED = {
    **dict.fromkeys(("mean", "others_mean", "gap", "low", "high")),
    "voters": 12,
    "others": 9,
    "share": 0.25,
    "others_share": 2 / 3,
    "share_gap": -0.4167,
    "share_low": -0.74,
    "share_high": 0.04,
}


@pytest.fixture
def sentences(monkeypatch: pytest.MonkeyPatch):
    def of(figures: list[dict[str, object]], *gaps: dict[str, object]) -> str:
        table = pd.DataFrame([*gaps], columns=list(GAP))
        monkeypatch.setattr(votes.statistics, "gaps", lambda *_, **__: table)
        of_place = votes.of_place(None, "010203", "2026-Q1", pd.DataFrame(figures))
        return " ".join(of_place.get(("commune", "CA-P1"), ()))

    with translation.override("en"):
        yield of


def test_the_spread_comes_before_the_median_and_two_and_a_half_stays(sentences) -> None:
    text = sentences([{**FIGURE, "median": 2.5}])
    assert "1, 2, 5, 8, 4; median 2.5, average 3.6." in text
    with translation.override("km"):
        assert "២,៥" in sentences([{**FIGURE, "median": 2.5}])


def test_the_office_stands_beside_the_community(sentences) -> None:
    own = {**FIGURE, "self_assessment": True, "median": 4.5, "denominator": 6.0}
    assert "gave itself 4.5 in the middle, the community 3.5." in sentences([FIGURE, own])
    assert "gave itself" not in sentences([FIGURE, {**own, "denominator": 4.0}])
    released = {"median": float("nan"), "distribution": None}
    text = sentences([FIGURE | released, own | released | {"share": 0.9}])
    assert "own people 90% were satisfied, of the community 60%." in text
    assert "median" not in text
    assert sentences([FIGURE | released, own | released | {"share": float("nan")}]) == ""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "Women: 3.2 on average of 12 votes; the others 4.0 of 8."),
        ({}, "The difference is likely between −1.5 and −0.1 (95%)."),
        ({"low": None, "high": None}, "One meeting cannot say how much of that is chance."),
        ({"among": "poor_card"}, "Holders of an Equity card (IDPoor): 3.2 on average"),
        (RELEASED, "Women: 25 in a hundred were satisfied (about 12 votes); of the others 67"),
        (RELEASED, "The difference is likely between −74 and 4 points (95%)."),
        (RELEASED | {"voters": None, "share_gap": None}, "Women: Being corrected"),
    ],
)
def test_groups_are_told_with_their_range_and_without_a_judgement(
    sentences, changed, expected
) -> None:
    text = sentences([FIGURE], GAP | changed)
    assert expected in text
    assert not re.search("nan|lower|higher|worse|better", text)


@pytest.mark.parametrize(
    ("gap", "low", "high", "clear"),
    [
        (-0.4, -0.6, -0.2, True),
        (-0.4, -0.7, -0.1, False),  # clear at 95%, not at 99.8%
        (0.04, 0.03, 0.05, False),  # fewer than five points
        (0.4, 0.2, 0.6, True),
        (0.4, None, None, False),
    ],
)
def test_a_group_is_said_to_be_less_satisfied_by_the_rule_of_alarms_only(
    gap, low, high, clear
) -> None:
    released = {"share_gap": gap, "share_low": low, "share_high": high}
    working = {"gap": 4 * gap, "low": low and 4 * low, "high": high and 4 * high}
    for row in (GAP | released, GAP | working):
        assert is_clear_gap(row) is clear


@pytest.mark.parametrize(
    ("low_of_better", "high_of_worse", "clear"),
    [(0.75, 0.65, True), (0.71, 0.69, False), (0.65, 0.75, False)],
)
def test_a_commune_is_better_than_another_by_the_rule_of_alarms_only(
    low_of_better, high_of_worse, clear
) -> None:
    """Intervals of 95% that just do not touch are not enough."""
    one = {"share": 0.8, "low": low_of_better, "high": 0.9}
    other = {"share": 0.6, "low": 0.5, "high": high_of_worse}
    assert is_clearly_better(one, other) is clear
    assert not is_clearly_better(other, one)
