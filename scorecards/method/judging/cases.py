"""Judging cases against the standard in force on the day of the request (method, 1).

Every rule takes one DataFrame of cases *already joined to their standard*, one row a
case, and answers a Series of ``Outcome`` codes (int8, the index of the cases): 1 met,
0 not met, below zero not judged with the reason. Each rule reads only the columns it
names. A missing value (NaN, None, NaT, pd.NA) always means "not known", never zero;
in a column of the standard it means "never published".

The case
    status              "open", "delivered", "refused" or "withdrawn"
    asked_on            day of the request (datetime64)
    received_on         day of delivery (datetime64), missing while open
    working_days        optional: working days from the request to delivery (or to the
                        moment of the data), when the caller has counted them already
    fee_paid            paid at the counter, in the currency of the standard (riel)
    gift_paid           optional: gift or "tea money", same currency; missing is none known
    units               optional: certificates, sheets, rooms ... asked for; missing column is 1
    entitled            optional: entitled to the concession fee (yes, no, not known)
    paid_currency       optional: currency of fee_paid, compared with fee_currency
    documents_asked     list of document codes; an empty list is "none asked"
    visits              number of times the person came
    receipt_given       yes, no, not known
    in_posted_hours     was the visit within posted hours: yes, no, not known
    officer_present     could somebody serve: yes, no, not known
    holds_card          poor-card holder: yes, no, not known
    informal_fee        amount asked beyond any fee (riel)
    medicine_prescribed, medicine_given     yes, no, not known
    lesson_days_lost    school days without a teacher last week
    plan_seen           was shown the school's plan and budget: yes, no, not known

The standard
    fee_official, fee_concession, fee_currency      per unit
    days_max, day_kind                              "working" or "calendar"
    documents_official                              list of codes; missing: never published
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from scorecards.method.arrays import Booleans, Floats, floats
from scorecards.method.judging.elapsed_days import days_elapsed
from scorecards.method.judging.payments import amount_owed_range, amount_paid
from scorecards.method.vocabulary import CaseStatus, Outcome

MOST_VISITS = 2

Rule = Callable[[pd.DataFrame], "pd.Series[int]"]


def judge_fee(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if everything paid is at most the official fee x units of a finished case.

    Where the units or the right to a concession are not known, the case is judged only
    if the answer would be the same either way.
    """
    paid, owed = amount_paid(cases), amount_owed_range(cases)
    return _decide(
        cases,
        (_status(cases, CaseStatus.WITHDRAWN), Outcome.DOES_NOT_APPLY),
        (_missing(cases, "fee_official"), Outcome.NO_STANDARD),
        (_status(cases, CaseStatus.OPEN), Outcome.STILL_OPEN),
        (paid.least > owed.most, Outcome.NOT_MET),
        (np.isnan(paid.amount) | ~paid.comparable, Outcome.UNKNOWN_ANSWER),
        (paid.amount <= owed.least, Outcome.MET),
    )


def excess_paid(cases: pd.DataFrame) -> "pd.Series[float]":
    """Return what was paid beyond the official fee x units, per case, in the standard's currency.

    Never below 0. NaN unless the case is judged by ``judge_fee`` and the amount owed is certain.
    """
    judged = judge_fee(cases) >= 0
    paid, owed = amount_paid(cases), amount_owed_range(cases)
    certain = judged.to_numpy() & (owed.least == owed.most)
    excess = np.where(certain, np.maximum(paid.amount - owed.least, 0.0), np.nan)
    return pd.Series(excess, index=cases.index, name="excess")


def judge_time(
    cases: pd.DataFrame,
    *,
    as_of: pd.Timestamp | None = None,
    holidays: ArrayLike | None = None,
) -> "pd.Series[int]":
    """Met if delivered within the standard's days, counted in its own kind of day.

    An open case past the standard is not met; a younger one is still open. A promise
    without a kind of day is no standard to judge by. ``as_of`` and ``holidays`` as in
    ``days_elapsed``.
    """
    elapsed = days_elapsed(cases, as_of=as_of, holidays=holidays)
    limit = _numbers(cases, "days_max")
    is_open = _status(cases, CaseStatus.OPEN)
    gone = _status(cases, CaseStatus.WITHDRAWN) | _status(cases, CaseStatus.REFUSED)
    return _decide(
        cases,
        (gone, Outcome.DOES_NOT_APPLY),
        (np.isnan(limit) | _missing(cases, "day_kind"), Outcome.NO_STANDARD),
        (np.isnan(elapsed) | (elapsed < 0), Outcome.UNKNOWN_ANSWER),
        (elapsed > limit, Outcome.NOT_MET),
        (is_open, Outcome.STILL_OPEN),
        (_status(cases, CaseStatus.DELIVERED), Outcome.MET),
    )


def judge_documents(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if every document asked is on the official list."""
    extra = extra_documents(cases)
    has_extra = np.array([bool(names) for names in extra], dtype=bool)
    return _decide(
        cases,
        (~_listed(cases, "documents_official"), Outcome.NO_STANDARD),
        (~_listed(cases, "documents_asked"), Outcome.UNKNOWN_ANSWER),
        (has_extra, Outcome.NOT_MET),
        (~has_extra, Outcome.MET),
    )


def extra_documents(cases: pd.DataFrame) -> "pd.Series[str]":
    """Return the documents asked beyond the official list, per case, as a tuple of their names.

    In the order asked, each once; an empty tuple where none, or where either list is
    not known.
    """
    is_known = _listed(cases, "documents_asked") & _listed(cases, "documents_official")
    pairs = zip(cases["documents_asked"], cases["documents_official"], is_known, strict=True)
    extra = [
        tuple(dict.fromkeys(name for name in asked if name not in official)) if sure else ()
        for asked, official, sure in pairs
    ]
    return pd.Series(extra, index=cases.index, name="extra_documents", dtype=object)


def judge_visits(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if a finished case took at most two visits: hand in, pick up."""
    visits = _numbers(cases, "visits")
    return _decide(
        cases,
        (_status(cases, CaseStatus.WITHDRAWN), Outcome.DOES_NOT_APPLY),
        (_status(cases, CaseStatus.OPEN), Outcome.STILL_OPEN),
        (np.isnan(visits), Outcome.UNKNOWN_ANSWER),
        (visits <= MOST_VISITS, Outcome.MET),
        (visits > MOST_VISITS, Outcome.NOT_MET),
    )


def judge_receipt(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if a receipt was given; judged only where something was paid."""
    paid = amount_paid(cases)
    return _decide(
        cases,
        (paid.amount == 0, Outcome.DOES_NOT_APPLY),
        (~(paid.least > 0), Outcome.UNKNOWN_ANSWER),
        *_yes(cases, "receipt_given"),
    )


def judge_presence(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if somebody could serve; judged only for visits in posted hours."""
    return _decide(
        cases,
        *_applies(cases, "in_posted_hours"),
        *_yes(cases, "officer_present"),
    )


def judge_card_holder_free(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if a poor-card holder paid nothing at all; others do not apply."""
    paid = amount_paid(cases)
    return _decide(
        cases,
        *_applies(cases, "holds_card"),
        (paid.least > 0, Outcome.NOT_MET),
        (_status(cases, CaseStatus.OPEN), Outcome.STILL_OPEN),
        (np.isnan(paid.amount), Outcome.UNKNOWN_ANSWER),
        (paid.amount == 0, Outcome.MET),
    )


def judge_no_informal_fee(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if no informal payment was asked (``informal_fee`` is zero)."""
    return _zero(cases, "informal_fee")


def judge_medicine(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if all medicine prescribed was given the same day; judged with a prescription."""
    return _decide(
        cases,
        *_applies(cases, "medicine_prescribed"),
        *_yes(cases, "medicine_given"),
    )


def judge_teacher_present(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if no lesson day was lost last week (``lesson_days_lost`` is zero)."""
    return _zero(cases, "lesson_days_lost")


def judge_yes(cases: pd.DataFrame, column: str) -> "pd.Series[int]":
    """Met where ``column`` is yes, not met where no: plain questions and input checks."""
    return _decide(cases, *_yes(cases, column))


def judge_plan_seen(cases: pd.DataFrame) -> "pd.Series[int]":
    """Met if the school's plan and budget were shown to the parent this year."""
    return judge_yes(cases, "plan_seen")


RULES: dict[str, Rule] = {
    "fee": judge_fee,
    "time": judge_time,
    "documents": judge_documents,
    "visits": judge_visits,
    "receipt": judge_receipt,
    "presence": judge_presence,
    "card_holder_free": judge_card_holder_free,
    "no_informal_fee": judge_no_informal_fee,
    "medicine": judge_medicine,
    "teacher_present": judge_teacher_present,
    "plan_seen": judge_plan_seen,
}

RULE_OF_INDICATOR: dict[str, str] = {
    "CA-C1": "fee",
    "CA-C2": "time",
    "CA-C3": "documents",
    "CA-C4": "visits",
    "CA-C5": "receipt",
    "CA-C6": "presence",
    "HC-C1": "fee",
    "HC-C2": "card_holder_free",
    "HC-C3": "presence",
    "HC-C4": "medicine",
    "PS-C1": "no_informal_fee",
    "PS-C2": "teacher_present",
    "PS-C3": "plan_seen",
}


def judge(
    cases: pd.DataFrame,
    rule: str,
    *,
    as_of: pd.Timestamp | None = None,
    holidays: ArrayLike | None = None,
) -> "pd.Series[int]":
    """Judge all cases by the rule of that name (a key of ``RULES``); outcome codes.

    ``as_of`` (the moment of the data) and ``holidays`` matter to "time" alone. Raises
    ``KeyError`` for an unknown rule or a column the rule needs and does not find.
    """
    if rule == "time":
        return judge_time(cases, as_of=as_of, holidays=holidays)
    return RULES[rule](cases)


def _decide(cases: pd.DataFrame, *answers: tuple[Booleans, Outcome]) -> "pd.Series[int]":
    """Return the first answer whose condition holds, for each case; else "unknown answer"."""
    outcome = np.select(
        [condition for condition, _ in answers],
        [np.int8(answer) for _, answer in answers],
        default=np.int8(Outcome.UNKNOWN_ANSWER),
    )
    return pd.Series(outcome, index=cases.index, name="outcome", dtype=np.int8)


def _zero(cases: pd.DataFrame, column: str) -> "pd.Series[int]":
    amount = _numbers(cases, column)
    return _decide(cases, (amount == 0, Outcome.MET), (amount > 0, Outcome.NOT_MET))


def _yes(cases: pd.DataFrame, column: str) -> tuple[tuple[Booleans, Outcome], ...]:
    answer = _numbers(cases, column)
    return ((answer == 1, Outcome.MET), (answer == 0, Outcome.NOT_MET))


def _applies(cases: pd.DataFrame, column: str) -> tuple[tuple[Booleans, Outcome], ...]:
    answer = _numbers(cases, column)
    return (
        (answer == 0, Outcome.DOES_NOT_APPLY),
        (np.isnan(answer), Outcome.UNKNOWN_ANSWER),
    )


def _numbers(cases: pd.DataFrame, column: str) -> Floats:
    return floats(cases[column])


def _missing(cases: pd.DataFrame, column: str) -> Booleans:
    return cases[column].isna().to_numpy(dtype=bool)


def _status(cases: pd.DataFrame, status: CaseStatus) -> Booleans:
    return (cases["status"] == status).to_numpy(dtype=bool, na_value=False)


def _listed(cases: pd.DataFrame, column: str) -> Booleans:
    """Return whether the column holds a list of documents, even an empty one."""
    kinds = (list, tuple, set, frozenset, np.ndarray)
    return np.array([isinstance(value, kinds) for value in cases[column]], dtype=bool)
