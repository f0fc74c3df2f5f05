"""What votes say beside the share of the satisfied, and what is not said."""

import pandas as pd
import pytest
from django.utils import translation

from dashboards.text import votes

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
        ({}, "Women (12 votes) scored 0.8 lower than the others (8 votes)"),
        ({}, "likely lower by 0.1 to 1.5 (95%)."),
        ({"gap": 0.8, "low": 0.1, "high": 1.5}, "scored 0.8 higher than the others"),
        ({"low": -1.7, "high": 0.1}, "do not clearly differ: 3.2 and 4 on average."),
        ({"low": float("nan"), "high": float("nan")}, "one meeting cannot say how much"),
        ({"among": "poor_card"}, "Holders of an Equity card (IDPoor) (12 votes)"),
    ],
)
def test_a_difference_is_named_only_where_its_interval_leaves_out_zero(
    sentences, changed, expected
) -> None:
    assert expected in sentences([FIGURE], GAP | changed)
