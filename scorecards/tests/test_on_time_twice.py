"""On time with open requests is computed a second time, and what differs raises an alarm."""

import random
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from scorecards import periods
from scorecards.method.vocabulary import Outcome
from scorecards.models import JudgedCase, OnTime, PendingComparison, Score, ScoreAlarm
from scorecards.pipeline import comparisons, on_time_open_requests, workday_table
from scorecards.storage import partitions
from scorecards.tasks import compare, recompute_changed
from scorecards.tests.nation import COMMUNES, draw_cases, tell_everything
from scorecards.tests.test_second_look import standing
from scorecards.verification import nightly, period_check
from scorecards.verification.statistics_in_sql import on_time
from standards.models import Service

YEAR = periods.parse("2026")


def put_facts(rng: random.Random, count: int) -> None:
    """Facts of every sort: ties, open to the very day, all served early, nobody followed."""
    services = list(Service.objects.order_by("pk").values_list("pk", flat=True)[:3])
    longest = rng.choice([2, 6, 30])
    now = timezone.now()
    facts = []
    for number in range(count):
        days, most = rng.randrange(longest + 1), rng.choice([0, 3, 5])
        is_open = rng.random() < rng.choice([0.1, 0.5])
        outcome = Outcome.STILL_OPEN if is_open else Outcome.MET
        commune = rng.choice(COMMUNES)
        facts.append(
            JudgedCase(
                month=rng.choice(["2026-02", "2026-03"]),
                case_id=number,
                province_code=commune[:2],
                commune_code=commune,
                provider_id=1,
                provider_kind=rng.choice(["commune", "health_centre"]),
                service_id=rng.choice(services),
                asked_on=now.date(),
                observed_at=now,
                is_open=is_open,
                time=int(Outcome.NOT_MET if days > most else outcome),
                days=days,
                days_max=most,
                days_known=rng.random() < 0.8,
            )
        )
    JudgedCase.objects.all().delete()
    JudgedCase.objects.bulk_create(facts)


def put_effects(rng: random.Random) -> None:
    """Plain shares of most of the cells, each with a design effect of its own."""
    Score.objects.all().delete()
    keys = ["provider_kind", "service", "place_code", "level"]
    outcome = on_time_open_requests.on_time_of(YEAR)
    cells = outcome[keys].to_dict("records") if len(outcome) else []
    Score.objects.bulk_create(
        Score(
            period="2026",
            indicator=on_time_open_requests.INDICATOR,
            numerator=0,
            denominator=10,
            deff=rng.choice([1.0, 1.7, 2.9]),
            status="pale",
            computed_at=timezone.now(),
            **cell,
        )
        for cell in cells
        if rng.random() < 0.8
    )


def test_sql_and_numpy_agree_on_random_countries(nation: None) -> None:
    partitions.ensure(partitions.FACTS, ["2026-02", "2026-03"])
    partitions.ensure(partitions.SCORES, ["2026"])
    seen: set[str] = set()
    for seed in range(40):
        put_facts(random.Random(seed), 1 + seed * 3)
        put_effects(random.Random(seed))
        key = list(on_time.ON_TIME.key)
        outcome, again = on_time_open_requests.on_time_of(YEAR), on_time._on_time(YEAR)
        assert len(outcome) == len(again)
        if outcome.empty:
            continue
        outcome, again = (t.sort_values(key, ignore_index=True) for t in (outcome, again))
        assert outcome[[*key, "level"]].astype(str).equals(again[[*key, "level"]].astype(str))
        for name in on_time.ON_TIME.numbers:
            one, other = (t[name].astype(float) for t in (outcome, again))
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-9, err_msg=f"{seed} {name}")
        shares = outcome["share"]
        seen |= {"unknown"} if shares.isna().any() else set()
        seen |= {"all"} if (shares == 1).any() else set()
        seen |= {"none"} if (shares == 0).any() else set()
        seen |= {"between"} if shares.between(0.01, 0.99).any() else set()
    assert seen == {"unknown", "all", "none", "between"}


@pytest.fixture
def young(nation: None) -> str:
    """Requests of last week, too young to judge, beside older ones; the period with both."""
    asked = timezone.localdate() - timedelta(days=6)
    workday_table.refresh(timezone.localdate())
    draw_cases(200, asked_on=asked, received_on=None, status="open")
    draw_cases(300, seed=4)
    tell_everything()
    recompute_changed()
    compare()
    return periods.period_of(asked, "year").code


def test_a_falsified_share_is_named_by_an_alarm_and_an_honest_one_is_not(
    young: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [periods.parse(young)]
    monkeypatch.setattr(period_check, "periods_to_check", lambda: chosen)
    assert nightly.check_comparisons() == 0
    changes: list[dict[str, Any]] = [
        {"share": 0.5, "low": 0.4, "high": 0.6},
        {"median_days": 77.0},
        {"still_open": 1},
    ]
    for change in changes:
        on_times = OnTime.objects.filter(period=young, share__isnull=False)
        row = on_times.exclude(still_open=1).order_by("pk")[0]
        OnTime.objects.filter(pk=row.pk).update(**change)
        assert nightly.check_comparisons() == 1
        alarm = ScoreAlarm.objects.get(resolved_at=None)
        cell = (alarm.about, alarm.period, alarm.service, alarm.provider_kind, alarm.place_code)
        assert cell == ("ontime", young, row.service, row.provider_kind, row.place_code)
        assert alarm.field in change
        OnTime.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in change})
        assert nightly.check_comparisons() == 0
        assert standing() == []
    OnTime.objects.filter(pk=row.pk).delete()
    assert nightly.check_comparisons() == 1
    assert {place[-1] for place in standing()} == {"cell"}


def test_a_night_in_which_requests_only_grow_older_is_no_difference(young: str) -> None:
    """A day ago every open request was a day younger: no score changed since, the curve did."""
    waiting_now = JudgedCase.objects.filter(time=int(Outcome.STILL_OPEN), days__gt=1)
    waiting_now.update(days=1)
    comparisons.compute(periods.parse(young))
    assert not PendingComparison.objects.exists()
    before = dict(OnTime.objects.filter(period=young).values_list("pk", "share"))
    for code in ("01", "02"):
        nightly.let_time_pass(code, timezone.localdate())
    assert PendingComparison.objects.exists()
    assert young not in {period.code for period in period_check.periods_to_check()}
    compare()
    assert dict(OnTime.objects.filter(period=young).values_list("pk", "share")) != before
    assert nightly.check_comparisons() == 0
