"""Stored scores equal a recount by dictionaries and loops, on cases nobody chose."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecards import tasks
from scorecards.models import Score
from scorecards.periods import period_of
from scorecards.pipeline import workday_table
from scorecards.tests.nation import tell_everything
from standards.models import Provider, Service, Standard
from surveys.models import Case

FIRST = date(2026, 3, 25)
reported = st.fixed_dictionaries(
    {
        "day": st.integers(0, 12),
        "fee_paid": st.sampled_from([None, 0, 1000, 60_000]),
        "visits": st.sampled_from([None, 1, 2, 3, 9]),
        "receipt": st.sampled_from([None, True, False]),
        "staffed": st.sampled_from([None, True, False]),
        "status": st.sampled_from(["refused", "open", "abandoned"]),
        "commune": st.sampled_from(["010201", "010202", "020101"]),
        "voided": st.booleans(),
    }
)


def naive(rows: list[dict[str, Any]]) -> Counter[tuple[str, str, str, int]]:
    """Visits, receipt and presence of the halls, counted the way one tells it to a child."""
    counts: Counter[tuple[str, str, str, int]] = Counter()
    for row in rows:
        if row["voided"]:
            continue
        asked = FIRST + timedelta(days=row["day"])
        judged: dict[str, int] = {}
        if row["status"] == "refused" and row["visits"] is not None:
            judged["CA-C4"] = int(row["visits"] <= 2)
        if row["fee_paid"] and row["receipt"] is not None:
            judged["CA-C5"] = int(row["receipt"])
        if row["staffed"] is not None:
            judged["CA-C6"] = int(row["staffed"])
        for code, met in judged.items():
            for length in ("month", "quarter", "year"):
                period = period_of(asked, length).code
                for place in (row["commune"], row["commune"][:2], ""):
                    counts[period, place, code, met] += 1
    return counts


@pytest.mark.django_db
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(reported, min_size=1, max_size=40))
def test_stored_scores_equal_a_naive_recount(nation: None, rows: list[dict[str, Any]]) -> None:
    workday_table.refresh(timezone.localdate())
    with transaction.atomic():
        point = transaction.savepoint()
        service = Service.objects.filter(provider_kind="commune")[0]
        standard = Standard.objects.filter(service=service).last()
        halls = {p.place_id: p for p in Provider.objects.filter(kind="commune")}
        now = timezone.now()
        for number, row in enumerate(rows):
            given_ = {
                name: row[name] for name in ("fee_paid", "visits", "receipt", "staffed", "status")
            }
            Case.objects.create(
                case_id=f"naive-{number}",
                province_code=row["commune"][:2],
                commune_id=row["commune"],
                provider=halls.get(row["commune"]) or next(iter(halls.values())),
                service=service,
                standard=standard,
                asked_on=FIRST + timedelta(days=row["day"]),
                channel="api",
                voided_at=now if row["voided"] else None,
                void_reason="twice" if row["voided"] else "",
                **given_,
            )
        tell_everything()
        tasks.recompute_changed()
        expected = naive(rows)
        codes = ("CA-C4", "CA-C5", "CA-C6")
        results: Counter[tuple[str, str, str, int]] = Counter()
        for score in Score.objects.filter(indicator__in=codes, service="", provider_kind="commune"):
            key = (score.period, score.place_code, score.indicator)
            results[(*key, 1)] = score.numerator
            results[(*key, 0)] = score.denominator - score.numerator
        assert +results == +expected
        transaction.savepoint_rollback(point)
