"""One case at a time, and the whole against a naive judge on generated cases."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.method.judging.cases import (
    RULE_OF_INDICATOR,
    RULES,
    excess_paid,
    extra_documents,
    judge,
    judge_fee,
    judge_time,
)
from scorecards.method.vocabulary import Outcome

FRIDAY = pd.Timestamp("2026-03-06")
AS_OF = pd.Timestamp("2026-04-30")


def case(**changes: Any) -> dict[str, Any]:
    """A finished case at a fee of 1,000 riel a sheet, 3 working days, all well."""
    return {
        "status": "delivered",
        "asked_on": FRIDAY,
        "received_on": FRIDAY + pd.Timedelta(days=5),
        "fee_paid": 1000.0,
        "gift_paid": 0.0,
        "units": 1.0,
        "entitled": False,
        "fee_official": 1000.0,
        "fee_concession": 500.0,
        "days_max": 3.0,
        "day_kind": "working",
        "documents_asked": ["original"],
        "documents_official": ["original", "copy"],
        "visits": 2,
        "receipt_given": True,
        "in_posted_hours": True,
        "officer_present": True,
        "holds_card": True,
        "informal_fee": 0.0,
        "medicine_prescribed": True,
        "medicine_given": True,
        "lesson_days_lost": 0,
        "plan_seen": True,
    } | changes


def outcome(rule: str, **changes: Any) -> Outcome:
    return Outcome(judge(pd.DataFrame([case(**changes)]), rule, as_of=AS_OF).iloc[0])


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        ("fee", {}, "MET"),
        ("fee", {"fee_paid": 1001}, "NOT_MET"),
        ("fee", {"fee_paid": 3000, "units": 3}, "MET"),
        ("fee", {"fee_paid": 500, "gift_paid": 600}, "NOT_MET"),
        ("fee", {"fee_paid": np.nan, "gift_paid": 1200}, "NOT_MET"),
        ("fee", {"fee_paid": np.nan}, "UNKNOWN_ANSWER"),
        ("fee", {"fee_official": np.nan}, "NO_STANDARD"),
        ("fee", {"fee_official": 0, "fee_concession": np.nan, "fee_paid": 0}, "MET"),
        ("fee", {"fee_official": 0, "fee_concession": np.nan, "units": np.nan}, "NOT_MET"),
        ("fee", {"entitled": True}, "NOT_MET"),
        ("fee", {"entitled": True, "fee_concession": np.nan}, "MET"),
        ("fee", {"entitled": None}, "UNKNOWN_ANSWER"),
        ("fee", {"entitled": None, "fee_paid": 400}, "MET"),
        ("fee", {"entitled": None, "fee_paid": 1500}, "NOT_MET"),
        ("fee", {"units": np.nan}, "MET"),
        ("fee", {"units": np.nan, "fee_paid": 2000}, "UNKNOWN_ANSWER"),
        ("fee", {"status": "open"}, "STILL_OPEN"),
        ("fee", {"status": "withdrawn"}, "DOES_NOT_APPLY"),
        ("fee", {"status": "refused"}, "MET"),
        ("fee", {"fee_currency": "USD", "paid_currency": "KHR"}, "UNKNOWN_ANSWER"),
        ("fee", {"fee_currency": "USD", "paid_currency": "USD"}, "MET"),
        ("time", {}, "MET"),
        ("time", {"received_on": FRIDAY + pd.Timedelta(days=6)}, "NOT_MET"),
        ("time", {"received_on": FRIDAY + pd.Timedelta(days=5), "day_kind": "calendar"}, "NOT_MET"),
        ("time", {"day_kind": None}, "NO_STANDARD"),
        ("time", {"days_max": np.nan}, "NO_STANDARD"),
        ("time", {"received_on": pd.NaT}, "UNKNOWN_ANSWER"),
        ("time", {"received_on": FRIDAY - pd.Timedelta(days=9)}, "UNKNOWN_ANSWER"),
        ("time", {"received_on": AS_OF + pd.Timedelta(days=1)}, "UNKNOWN_ANSWER"),
        ("time", {"status": "open", "received_on": pd.NaT}, "NOT_MET"),
        ("time", {"status": "open", "received_on": pd.NaT, "asked_on": AS_OF}, "STILL_OPEN"),
        ("time", {"status": "refused"}, "DOES_NOT_APPLY"),
        ("documents", {}, "MET"),
        ("documents", {"documents_asked": []}, "MET"),
        ("documents", {"documents_asked": ["original", "photo"]}, "NOT_MET"),
        ("documents", {"documents_asked": None}, "UNKNOWN_ANSWER"),
        ("documents", {"documents_official": None}, "NO_STANDARD"),
        ("documents", {"documents_official": [], "documents_asked": ["photo"]}, "NOT_MET"),
        ("visits", {}, "MET"),
        ("visits", {"visits": 3}, "NOT_MET"),
        ("visits", {"visits": np.nan}, "UNKNOWN_ANSWER"),
        ("visits", {"status": "open"}, "STILL_OPEN"),
        ("receipt", {}, "MET"),
        ("receipt", {"receipt_given": False}, "NOT_MET"),
        ("receipt", {"receipt_given": None}, "UNKNOWN_ANSWER"),
        ("receipt", {"fee_paid": 0}, "DOES_NOT_APPLY"),
        ("receipt", {"fee_paid": np.nan}, "UNKNOWN_ANSWER"),
        ("presence", {}, "MET"),
        ("presence", {"officer_present": False}, "NOT_MET"),
        ("presence", {"in_posted_hours": False}, "DOES_NOT_APPLY"),
        ("presence", {"in_posted_hours": None}, "UNKNOWN_ANSWER"),
        ("card_holder_free", {}, "NOT_MET"),
        ("card_holder_free", {"fee_paid": 0}, "MET"),
        ("card_holder_free", {"fee_paid": 0, "gift_paid": 100}, "NOT_MET"),
        ("card_holder_free", {"holds_card": False}, "DOES_NOT_APPLY"),
        ("card_holder_free", {"holds_card": None}, "UNKNOWN_ANSWER"),
        ("no_informal_fee", {}, "MET"),
        ("no_informal_fee", {"informal_fee": 500}, "NOT_MET"),
        ("no_informal_fee", {"informal_fee": np.nan}, "UNKNOWN_ANSWER"),
        ("medicine", {}, "MET"),
        ("medicine", {"medicine_given": False}, "NOT_MET"),
        ("medicine", {"medicine_prescribed": False}, "DOES_NOT_APPLY"),
        ("teacher_present", {}, "MET"),
        ("teacher_present", {"lesson_days_lost": 1}, "NOT_MET"),
        ("plan_seen", {"plan_seen": False}, "NOT_MET"),
        ("plan_seen", {"plan_seen": pd.NA}, "UNKNOWN_ANSWER"),
    ],
)
def test_each_rule_on_one_case(rule: str, changes: dict[str, Any], expected: str) -> None:
    assert outcome(rule, **changes).name == expected


def test_working_days_skip_weekends_and_holidays() -> None:
    late = pd.DataFrame([case(received_on=FRIDAY + pd.Timedelta(days=6))])
    assert judge_time(late).iloc[0] == Outcome.NOT_MET
    holidays = ["2026-03-09", "2026-03-14"]
    assert judge_time(late, holidays=holidays).iloc[0] == Outcome.MET
    assert judge_time(late.assign(working_days=3)).iloc[0] == Outcome.MET


def test_excess_is_riel_beyond_the_fee_and_never_negative() -> None:
    cases = pd.DataFrame([case(fee_paid=1500), case(fee_paid=200), case(fee_paid=np.nan)])
    assert excess_paid(cases).iloc[:2].tolist() == [500.0, 0.0]
    assert np.isnan(excess_paid(cases).iloc[2])


def test_excess_is_unknown_where_the_amount_owed_is_uncertain() -> None:
    cases = pd.DataFrame([case(entitled=None, fee_paid=2000)])
    assert judge_fee(cases).iloc[0] == Outcome.NOT_MET
    assert excess_paid(cases).isna().all()


def test_extra_documents_are_named_once_in_the_order_asked() -> None:
    asked = ["photo", "original", "letter", "photo"]
    cases = pd.DataFrame([case(documents_asked=asked), case(documents_asked=None)])
    assert extra_documents(cases).tolist() == [("photo", "letter"), ()]


def test_no_cases_give_no_outcomes_and_the_index_is_kept() -> None:
    cases = pd.DataFrame([case(), case()], index=[7, 9])
    for rule in RULES:
        assert judge(cases.iloc[:0], rule, as_of=AS_OF).empty
        assert judge(cases, rule, as_of=AS_OF).index.tolist() == [7, 9]
        assert judge(cases, rule, as_of=AS_OF).dtype == np.int8


def test_every_compliance_indicator_has_a_rule() -> None:
    assert set(RULE_OF_INDICATOR.values()) == set(RULES)


def test_reasons_have_names_and_judged_outcomes_have_none() -> None:
    assert Outcome.NO_STANDARD.reason == "no_standard"
    assert Outcome.MET.reason == ""


def naive_fee(row: dict[str, Any]) -> str:
    """Judge a fee by trying every possible owed amount."""
    if row["status"] == "withdrawn":
        return "DOES_NOT_APPLY"
    if row["fee_official"] is None:
        return "NO_STANDARD"
    if row["status"] == "open":
        return "STILL_OPEN"
    fees = set()
    for entitled in [True, False] if row["entitled"] is None else [row["entitled"]]:
        concession = row["fee_concession"]
        fees.add(concession if entitled and concession is not None else row["fee_official"])
    units = range(1, 50) if row["units"] is None else [row["units"]]
    paid = range(0, 9001, 500) if row["fee_paid"] is None else [row["fee_paid"]]
    gift = row["gift_paid"] or 0
    answers = {p + gift <= fee * n for p in paid for fee in fees for n in units}
    if row["fee_paid"] is None:
        answers |= set() if answers == {False} else {True, False}
    return "UNKNOWN_ANSWER" if len(answers) > 1 else ("MET" if answers.pop() else "NOT_MET")


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


fee_rows = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["open", "delivered", "refused", "withdrawn"]),
        "fee_paid": maybe(0, 500, 1000, 2000, 4000),
        "gift_paid": maybe(0, 500, 5000),
        "units": maybe(1, 2, 3),
        "entitled": maybe(True, False),
        "fee_official": maybe(0, 1000, 2000),
        "fee_concession": maybe(0, 500),
    }
)


@given(st.lists(fee_rows, min_size=1, max_size=30))
def test_fees_are_judged_as_the_naive_judge_does(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["fee_official"] == 0 and row["fee_concession"] is not None:
            row["fee_concession"] = 0
    got = [Outcome(value).name for value in judge_fee(pd.DataFrame(rows))]
    assert got == [naive_fee(row) for row in rows]


def naive_working_days(asked: dt.date, until: dt.date, holidays: set[dt.date]) -> int:
    days = [asked + dt.timedelta(days=step) for step in range(1, (until - asked).days + 1)]
    return sum(day.weekday() < 5 and day not in holidays for day in days)


dates = st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 1))


@settings(max_examples=60)
@given(dates, st.integers(0, 40), st.sets(dates, max_size=10), st.integers(0, 30))
def test_time_is_judged_as_counting_days_one_by_one(
    asked: dt.date, took: int, holidays: set[dt.date], limit: int
) -> None:
    until = asked + dt.timedelta(days=took)
    row = case(asked_on=pd.Timestamp(asked), received_on=pd.Timestamp(until), days_max=limit)
    got = judge_time(
        pd.DataFrame([row]), holidays=np.array(sorted(holidays), dtype="datetime64[D]")
    )
    expected = naive_working_days(asked, until, holidays) <= limit
    assert bool(got.iloc[0]) is expected
