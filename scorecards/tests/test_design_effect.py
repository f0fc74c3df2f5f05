"""The design effect: estimated in SQL as in numpy, used by both ways, honest in simulation."""

from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd
import pytest
from django.utils import timezone

from accounts.models import User
from scorecards import nightly, running, tasks
from scorecards.computing import calendar, runs, weighing
from scorecards.models import DesignEffect, JudgedCase, Score, ScoreAlarm
from scorecards.scoring.clustering import cluster_sums, design_effect
from scorecards.scoring.intervals import wilson
from scorecards.tests.nation import draw_cases, draw_meetings, tell_everything
from surveys.models import Case, Vote


@pytest.fixture
def scored(nation: None) -> None:
    """Cases of two facilitators with accounts, two known by name, and citizens' own."""
    calendar.refresh(timezone.localdate())
    people = [User.objects.create_user(f"caf-{n}") for n in range(2)]
    days = [date(2026, 2, 10), date(2026, 3, 4)]
    for n in range(4):
        named = {"facilitator": people[n]} if n < 2 else {"facilitator_name": f" Sok {n} "}
        for day in days:
            draw_cases(
                60,
                seed=n * 10 + day.month,
                asked_on=day,
                received_on=None,
                status="refused",
                **named,
            )
    draw_cases(60, seed=77)
    draw_meetings(12)
    tell_everything()
    tasks.recompute_changed()


def rows_of(indicator: str) -> pd.DataFrame:
    """The judged cases of the commune family with their cluster, from the cases themselves."""
    met = dict(
        JudgedCase.objects.filter(
            provider_kind__in=["commune", "police", "owso"], fee__gte=0
        ).values_list("case_id", "fee")
    )
    rows = []
    for case in Case.objects.filter(pk__in=met):
        who = case.facilitator_id or (
            case.facilitator_name.strip().lower()
            and (case.facilitator_name.strip().lower(), case.commune_id)
        )
        cluster = (who or case.case_id, case.asked_on, case.provider_id)
        rows.append((met[case.pk], str(cluster), case.provider_id))
    return pd.DataFrame(rows, columns=["met", "cluster", "provider"])


def test_the_estimate_in_sql_is_that_of_numpy_with_names_and_citizens(scored: None) -> None:
    weighing.weigh()
    row = DesignEffect.objects.get(indicator="CA-C1", year="2026")
    table = rows_of("CA-C1")
    sums = cluster_sums(table["met"], table["cluster"], table["provider"])
    assert row.deff == round(sums.design_effect, 2) > 1.0
    assert (row.cases, row.clusters) == (len(table), table["cluster"].nunique())
    assert row.rho == pytest.approx(sums.rho, abs=1e-4)
    assert row.mean_size == pytest.approx(sums.mean_size, abs=0.01)
    votes = Vote.objects.filter(meeting__kind="community", indicator_code="CA-P1")
    told = pd.DataFrame(
        votes.values_list("score", "meeting__held_on", "meeting__provider_id"),
        columns=["score", "day", "provider"],
    )
    cluster = told["day"].astype(str) + told["provider"].astype(str)
    expected = design_effect((told["score"] >= 4).astype(int), cluster, told["provider"])
    own = DesignEffect.objects.filter(indicator="CA-P1", self_assessment=False).get()
    assert own.deff == round(expected, 2)
    assert DesignEffect.objects.filter(indicator="CA-I1", deff__gte=1).exists()


def test_both_ways_use_it_to_the_last_digit_and_a_second_run_finds_nothing(scored: None) -> None:
    moved = weighing.weigh()
    assert moved.effects > 5
    assert moved.scores > 50
    score = Score.objects.filter(indicator="CA-C1", denominator__gte=30).first()
    assert score is not None
    effect = DesignEffect.objects.get(indicator="CA-C1", year="2026").deff
    assert score.deff == effect
    expected = wilson(score.numerator, score.denominator, deff=effect)
    assert (score.low, score.high) == pytest.approx(expected, abs=1e-12)
    for code in runs.provinces_to_do():
        nightly.check_province(code)
    nightly.check_sums()
    assert list(ScoreAlarm.objects.all()) == []
    assert runs.compute_everything().changed == 0
    assert weighing.weigh(everything=True) == weighing.Weighed(0, 0)
    stamp = DesignEffect.objects.values_list("estimated_at", flat=True)[0]
    weighing.weigh()
    assert DesignEffect.objects.values_list("estimated_at", flat=True)[0] == stamp


def test_every_run_estimates_it_and_the_pandas_way_notices_where_it_was_not_used(
    scored: None,
) -> None:
    run = running.begin(kind="nightly")
    for code in running.provinces_of(run.pk):
        running.do_province(run.pk, code)
    running.finish(run.pk)
    assert DesignEffect.objects.filter(year="2026").count() > 10
    assert not ScoreAlarm.objects.exists()
    DesignEffect.objects.filter(indicator="CA-C1").update(deff=7.5)
    nightly.check_province("01")
    assert {a.field for a in ScoreAlarm.objects.all()} == {"low"}


@pytest.mark.parametrize("rho", [0.05, 0.1, 0.2])
def test_clustered_intervals_hold_the_truth_where_communes_differ(rho: float) -> None:
    """300 communes of 6 days x 10 people whose true shares spread from 0.5 to 0.95."""
    rng = np.random.default_rng(2026)
    inside = naive = cells = 0
    for _ in range(4):
        truth = rng.uniform(0.5, 0.95, 300)
        strength = (1 - rho) / rho
        chance = rng.beta(truth[:, None] * strength, (1 - truth[:, None]) * strength, (300, 6))
        met = rng.random((300, 6, 10)) < chance[:, :, None]
        place = np.repeat(np.arange(300), 60)
        cluster = np.repeat(np.arange(1800), 10)
        deff = design_effect(met.ravel().astype(int), cluster, place)
        count = met.sum(axis=(1, 2))
        low, high = wilson(count, np.full(300, 60), deff=deff)
        inside += int(((low <= truth) & (truth <= high)).sum())
        low, high = wilson(count, np.full(300, 60))
        naive += int(((low <= truth) & (truth <= high)).sum())
        cells += 300
        assert deff == pytest.approx(1 + 9 * rho, abs=0.2)
        # without strata the differences between communes count as clustering
        assert design_effect(met.ravel().astype(int), cluster) > deff
    assert 0.93 <= inside / cells <= 0.97
    assert naive / cells < 0.92


def test_strata_equal_a_naive_nested_analysis_of_variance() -> None:
    rng = np.random.default_rng(5)
    rows = [
        (int(rng.random() < 0.6), int(rng.integers(12)), int(rng.integers(4))) for _ in range(150)
    ]
    members: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for value, cluster, stratum in rows:
        members[stratum][cluster].append(value)
    among = within = inner = 0.0
    clusters = 0
    for groups in members.values():
        everybody = [value for group in groups.values() for value in group]
        mean = sum(everybody) / len(everybody)
        for group in groups.values():
            own = sum(group) / len(group)
            among += len(group) * (own - mean) ** 2
            within += sum((value - own) ** 2 for value in group)
            inner += len(group) ** 2 / len(everybody)
            clusters += 1
    among /= clusters - len(members)
    within /= len(rows) - clusters
    typical = (len(rows) - inner) / (clusters - len(members))
    values, labels, strata = zip(*rows, strict=True)
    sums = cluster_sums(values, labels, strata)
    assert sums.rho == pytest.approx((among - within) / (among + (typical - 1) * within))


def test_a_first_run_writes_no_score_twice(scored: None) -> None:
    Score.objects.all().delete()
    run = running.begin(kind="compute")
    running.prepare(run.pk)
    assert DesignEffect.objects.exists()
    assert not Score.objects.exists()
    estimated = set(DesignEffect.objects.values_list("pk", "estimated_at"))
    for code in running.provinces_of(run.pk):
        running.do_province(run.pk, code)
    running.finish(run.pk)
    assert Score.objects.filter(deff__gt=1).exists()
    assert set(DesignEffect.objects.values_list("pk", "estimated_at")) == estimated
    assert weighing.years_to_weigh() == ["2026"]  # the next run looks again
    first = dict(Score.objects.values_list("pk", "low"))
    assert weighing.weigh(everything=True) == weighing.Weighed(0, 0)
    assert dict(Score.objects.values_list("pk", "low")) == first


class Killed(BaseException):
    """What no code catches: as good as a process that ends here."""


@pytest.mark.parametrize("by", ["the next night", "the next comparison"])
def test_weighing_killed_before_the_intervals_is_finished(
    by: str, scored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(year: str) -> int:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(weighing, "put_into_intervals", killed)
        with pytest.raises(Killed):
            weighing.weigh()
    effect = DesignEffect.objects.get(indicator="CA-C1", year="2026").deff
    score = Score.objects.filter(indicator="CA-C1", denominator__gte=30)[0]
    assert score.deff == 1.0 < effect  # the intervals did not follow
    if by == "the next night":
        run = running.begin(kind="nightly")
        running.prepare(run.pk)
        for code in running.provinces_of(run.pk):
            running.do_province(run.pk, code)
        assert not ScoreAlarm.objects.exists()
        running.finish(run.pk)
    else:
        tasks.compare()
    score.refresh_from_db()
    assert score.deff == effect
    assert (score.low, score.high) == pytest.approx(
        wilson(score.numerator, score.denominator, deff=effect), abs=1e-12
    )
    assert not DesignEffect.objects.filter(estimated_at=weighing.UNFINISHED).exists()
    before = dict(Score.objects.values_list("pk", "computed_at"))
    assert weighing.weigh_new() == weighing.weigh(everything=True) == weighing.Weighed(0, 0)
    assert dict(Score.objects.values_list("pk", "computed_at")) == before
