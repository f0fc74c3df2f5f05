"""What a case's page says of each rule, and that it is what the scores count."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from django.utils import timezone, translation

from scorecards.models import JudgedCase
from scorecards.pipeline import judge_cases, workday_table
from scorecards.pipeline.scope import Scope
from scorecards.reading.case_verdicts import verdicts
from scorecards.storage import partitions
from standards.models import Holiday, Standard
from surveys.models import Case
from surveys.services import record_case
from surveys.tests.country import make_country, reported_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def country() -> None:
    make_country()


def verdict_texts(**values: Any) -> dict[str, str]:
    """What the page says of a case told so, in English, by rule."""
    case = record_case(by=None, job="test", reported=reported_case(**values)).observation
    with translation.override("en"):
        return {verdict.label: verdict.text for verdict in verdicts(case)}


def terms(**values: Any) -> None:
    Standard.objects.filter(service__code="certified-copy").update(**values)


COPY = {"service": "certified-copy", "provider": "owso-0102", "case_id": "V"}


def test_an_overpaid_and_late_case_says_by_how_much() -> None:
    terms(fee=1000, fee_concession=None, days_max=3, day_kind="working")
    Holiday.objects.create(date=date(2026, 11, 9), name_km="បុណ្យ", name_en="Feast")
    result = verdict_texts(
        **COPY,
        asked_on=date(2026, 10, 30),
        received_on=date(2026, 11, 20),
        fee_paid=2000,
        units=1,
        poor_card=False,
        visits=3,
        receipt=False,
    )
    assert (
        result["Fee"]
        == "Paid 2,000\u00a0riel, official 1,000\u00a0riel: overpaid by 1,000\u00a0riel."
    )
    # Monday 2 to Wednesday 4 November are the three working days; then 11 less the feast day
    assert result["Time"] == (
        "Promised by 04/11/2026, received on 20/11/2026: 11 working days late."
    )
    assert result["Visits"] == "3 visits: more than 2."
    assert result["Receipt"] == "Paid, but no receipt was given."


def test_several_sheets_and_an_unknown_right_to_the_reduced_fee_are_said() -> None:
    terms(fee=1000, fee_concession=500, days_max=None, day_kind="")
    result = verdict_texts(**COPY, fee_paid=1500, units=2, poor_card=None)
    assert result["Fee"].startswith("Paid 1,500\u00a0riel, official 1,000\u00a0riel or 2,000")
    assert "not judged" in result["Fee"]
    assert "No time was published" in result["Time"]


@pytest.mark.parametrize(
    ("values", "rule", "words"),
    [
        ({"fee_paid": None}, "Fee", "not known how much was paid"),
        ({"fee_paid": 3, "currency": "USD"}, "Fee", "another currency"),
        ({"fee_paid": 0}, "Receipt", "no receipt was needed"),
        ({"status": "open", "received_on": None}, "Visits", "still open"),
        ({"status": "abandoned", "received_on": None}, "Fee", "abandoned"),
        ({"documents_asked": None}, "Documents", "not"),
    ],
)
def test_what_is_not_judged_says_why(values: dict[str, Any], rule: str, words: str) -> None:
    terms(fee=1000, fee_concession=None)
    assert words in verdict_texts(**COPY | values)[rule]


def test_documents_beyond_the_list_are_named() -> None:
    terms(documents_known=True)
    result = verdict_texts(**COPY, documents_asked=["a letter from the chief"])
    assert result["Documents"] == "Asked for beyond the official list: a letter from the chief."


def test_the_page_says_what_the_scores_count() -> None:
    terms(fee=1000, fee_concession=500, days_max=3, day_kind="working")
    number = 0
    for paid, card, days, status, receipt, visits in product(
        (None, 0, 500, 750, 1000, 2000),
        (None, True, False),
        (2, 30),
        ("received", "open", "refused", "abandoned"),
        (None, True, False),
        (None, 3),
    ):
        number += 1
        if number % 7:
            continue
        asked = date(2026, 11, 2)
        record_case(
            by=None,
            job="test",
            reported=reported_case(
                **COPY | {"case_id": f"V-{number}"},
                asked_on=asked,
                received_on=date(2026, 11, days - 0 if days == 2 else 27)
                if status == "received"
                else None,
                status=status,
                fee_paid=paid,
                poor_card=card,
                receipt=receipt,
                visits=visits,
                documents_asked=[None, [], ["x"]][number % 3],
            ),
        )
    workday_table.refresh(timezone.localdate())
    partitions.ensure(partitions.FACTS, ["2026-11"])
    judge_cases.refresh(Scope("01"), ["2026-11"], as_of=timezone.localdate())
    judged = {row.case_id: row for row in JudgedCase.objects.all()}
    words = {1: "met", 0: "not_met"}
    rules = ("fee", "time", "documents", "visits", "receipt", "presence")
    assert len(judged) > 100
    for case in Case.objects.select_related("standard", "provider"):
        row = judged[case.pk]
        expected = [words.get(getattr(row, rule), "not_judged") for rule in rules]
        assert [v.outcome for v in verdicts(case)] == expected, case.case_id
