"""Extremes of every anonymous field are refused with a sentence.

Nothing they leave stops scoring, comparisons or the nightly check; nor do rows from before days
were checked.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from scorecards import periods, tasks
from scorecards.models import PendingComparison, Score, ScoreAlarm
from scorecards.pipeline import comparison_queue, full_run, workday_table
from scorecards.storage import partitions
from scorecards.tests.nation import draw_cases, draw_meetings, make_nation, tell_everything
from scorecards.verification import nightly
from surveys.models import Case, ObservationChange

pytestmark = pytest.mark.django_db

DAYS = [
    *("0001-01-01", "0000-00-00", "1500-06-15", "1970-01-01", "1999-12-31", "9999-12-31"),
    *("2569-03-01", "2100-01-01", "2026-02-30", "10000-01-01", "-0001-01-01", "x" * 5000),
    *("\x00", "\ud800", "²", "1e400", None, 20260302, 1e300, True, [], {}, "2026-03-02T99:99"),
]
NUMBERS = [
    *("9" * 5000, "²", "①", "1e999", "-1", "NaN", "\x00", "\ud800", 10**30, -(10**30), 2**63),
    *(1e300, 0.5, True, [], {}, "0x10", "٣"),
]
WORDS = ["\x00", "\ud800", "x" * 100_000, 5, [], {}, True, "'; --", "%", "²", "../..", "𐀀"]
GOOD = {
    "service": "certified-copy",
    "commune": "010201",
    "asked_on": "2026-04-10",
    "received_on": "2026-04-21",
    "status": "received",
    "fee_paid": 4000,
    "visits": 3,
}
EXTREMES = {
    **dict.fromkeys(("asked_on", "received_on"), DAYS),
    **dict.fromkeys(("fee_paid", "visits"), NUMBERS),
    **dict.fromkeys(("service", "commune", "status", "option", "provider", "currency"), WORDS),
    "receipt": [*WORDS, 1, "yes"],
    "number": WORDS,
    "wanted": WORDS,
    "code": [*WORDS, *NUMBERS],
    "key": NUMBERS,
    "ciphertext": WORDS,
    "id": [*WORDS, None],
}
ADDRESSES = ("tell", "requests/keep", "requests/find", "requests/close", "sealed")


def follow_up() -> None:
    """Run everything that happens by itself after a change, and at night."""
    tasks.recompute_changed()
    tasks.compare()
    for code in full_run.provinces_to_do():
        nightly.check_province(code)
    nightly.check_sums()
    nightly.check_comparisons()


def years_with_parts() -> set[str]:
    """The years of which any table of scores has a part."""
    tables = (partitions.FACTS, partitions.SCORES, partitions.COMPARISONS, partitions.ON_TIME)
    return {code[:4] for table in tables for code in partitions.parts(table)}


@pytest.fixture
def nation(db: None) -> None:
    make_nation()
    workday_table.refresh(timezone.localdate())
    draw_cases(150)
    draw_meetings(4)
    tell_everything()


@pytest.mark.parametrize("address", ADDRESSES)
def test_extremes_of_every_anonymous_field_leave_scoring_alone(
    nation: None, client: Any, address: str
) -> None:
    before = years_with_parts()
    number = 0
    for field, values in EXTREMES.items():
        for value in values:
            cache.clear()  # the limits of messages from one address
            number += 1
            fields = {**GOOD, "id": f"{number:020d}", field: value}
            answer = client.post(f"/app/{address}", fields, content_type="application/json")
            assert answer.status_code < 500, (field, value)
            if answer.status_code >= 400:
                assert answer.json()["errors"], (field, value)
    days = periods.observable()
    assert all(case.asked_on in days for case in Case.objects.all())
    follow_up()
    assert years_with_parts() - before <= {"2026"}
    assert Score.objects.filter(period="2026", level="nation").exists()
    assert not PendingComparison.objects.exists()


def test_anonymous_days_have_a_shorter_range_than_those_of_facilitators(
    nation: None, client: Any, settings: Any
) -> None:
    long_ago = timezone.localdate() - timedelta(days=settings.ANONYMOUS_DAYS_BACK + 1)
    fields = {**GOOD, "id": "0" * 20, "status": "open", "asked_on": long_ago.isoformat()}
    for gone in ("received_on", "fee_paid", "visits"):
        fields.pop(gone)
    refused = client.post(
        "/app/tell", fields, content_type="application/json", headers={"X-Language": "en"}
    )
    assert refused.status_code == 400
    assert "too long ago" in refused.json()["errors"]["asked_on"][0]
    settings.ANONYMOUS_DAYS_BACK += 2
    taken = client.post("/app/tell", {**fields, "id": "1" * 20}, content_type="application/json")
    assert taken.status_code == 200, taken.content


@pytest.mark.parametrize(
    "bad",
    [
        [date(1, 1, 1), date(1, 12, 31), date(9999, 12, 31)],
        [date(1500 + year, 3, 2) for year in range(425)],
        [date(1970, 1, 1), date(2150, 6, 1)],
    ],
)
def test_bad_days_from_before_are_left_out_and_reported(nation: None, bad: list[date]) -> None:
    cases = list(Case.objects.order_by("pk")[:1])
    fresh = []
    for number, day in enumerate(bad):
        case = Case.objects.get(pk=cases[0].pk)
        case.pk, case.case_id, case.asked_on = None, f"bad-{number}", day
        case.received_on, case.status = None, "open"
        fresh.append(case)
    Case.objects.bulk_create(fresh)
    tell_everything()
    PendingComparison.objects.create(period="0001")
    PendingComparison.objects.create(period="9999-12")
    partitions.ensure(partitions.SCORES, ["0001"])
    partitions.ensure(partitions.FACTS, ["0001-01"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class")
        (before,) = cursor.fetchone()
    follow_up()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class")
        (after,) = cursor.fetchone()
    assert after - before < 400, "tables were made for days that cannot be right"
    assert years_with_parts() == {"0001", "2026"}
    assert nightly.report_implausible_days() == len(bad)
    assert not ObservationChange.objects.exists()
    assert comparison_queue.noted() == {}
    assert not ScoreAlarm.objects.exists()
    assert Score.objects.filter(period="2026", level="nation").exists()


def test_one_failing_period_does_not_stop_the_others(
    nation: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scorecards.pipeline import comparisons

    tasks.recompute_changed()
    compute = comparisons.compute

    def failing(period: periods.Period) -> Any:
        if period.code == "2026-03":
            raise ValueError("a bad period")
        return compute(period)

    monkeypatch.setattr(comparisons, "compute", failing)
    with pytest.raises(ExceptionGroup, match="2026-03"):
        comparisons.work_off()
    assert set(comparison_queue.noted()) == {"2026-03"}
    monkeypatch.undo()
    comparisons.work_off()
    assert comparison_queue.noted() == {}
