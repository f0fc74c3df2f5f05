"""The design effect: estimated in SQL as in numpy, used by both ways, honest in simulation."""

from collections import defaultdict
from datetime import date
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.db import connection

from accounts.models import User
from scorecards import runs as scoring_runs
from scorecards import tasks
from scorecards.method.estimates.clustering import (
    cell_effect,
    cluster_sums,
    design_effect,
    held,
    intraclass_correlation,
)
from scorecards.method.estimates.intervals import wilson
from scorecards.models import DesignEffect, JudgedCase, Score, ScoreAlarm
from scorecards.pipeline import design_effects, full_run
from scorecards.tests.nation import draw_cases, draw_meetings, score_everything, tell_everything
from scorecards.verification import nightly
from standards.models import Provider, Service
from surveys.models import Case, Check, Vote

FIRST_DAYS = [date(2026, 2, 10), date(2026, 3, 4)]


@pytest.fixture
def scored(nation: None) -> None:
    """Cases of two facilitators with accounts, two by name, registers, and citizens' own."""
    people = [User.objects.create_user(f"caf-{n}") for n in range(2)]
    for n in range(4):
        named = {"facilitator": people[n]} if n < 2 else {"facilitator_name": f" Sok {n} "}
        for day in FIRST_DAYS:
            draw_cases(60, seed=n * 10 + day.month, **_refused(day), **named)
    draw_cases(50, seed=61, channel="import", **_refused(FIRST_DAYS[0]))
    draw_cases(30, seed=62, channel="import")
    for n, channel in enumerate(("citizen", "hotline")):
        draw_cases(60, seed=77 + n, channel=channel, **_refused(FIRST_DAYS[1]))
    draw_meetings(12)
    score_everything()


def _refused(day: date) -> dict[str, Any]:
    return {"asked_on": day, "received_on": None, "status": "refused"}


def rows_of(indicator: str, rule: str, kinds: list[str]) -> pd.DataFrame:
    """The judged cases of kinds of provider with their cluster, read from the cases themselves."""
    judged = JudgedCase.objects.filter(provider_kind__in=kinds, **{f"{rule}__gte": 0})
    met = dict(judged.values_list("case_id", rule))
    rows = []
    for case in Case.objects.filter(pk__in=met).select_related("service", "provider"):
        name = case.facilitator_name.strip().lower()
        source, who = "single", f"case {case.pk}"
        if case.facilitator_id or name:
            source, who = "gathered", str(case.facilitator_id or (name, case.commune_id))
        elif case.channel not in ("citizen", "hotline"):
            source, who = "register", "register"
        rows.append(
            {
                "met": met[case.pk],
                "cluster": f"{who} {case.asked_on} {case.provider_id}",
                "provider": case.provider_id,
                "kind": case.provider.kind,
                "commune": case.commune_id,
                "service": case.service.code,
                "month": f"{case.asked_on:%Y-%m}",
                "source": source,
            }
        )
    return pd.DataFrame(rows)


def pairs_of(rows: pd.DataFrame, source: str) -> int:
    """Ordered pairs of one cluster, counted one by one."""
    of_source = rows[rows["source"] == source]
    clusters = [list(group["cluster"]) for _, group in of_source.groupby("commune")]
    return sum(
        cluster[one] == cluster[other]
        for cluster in clusters
        for one in range(len(cluster))
        for other in range(len(cluster))
        if one != other
    )


def rho_in_use(indicator: str, source: str) -> float:
    return DesignEffect.objects.get(
        indicator=indicator, source=source, year="2026", self_assessment=False
    ).rho_used


def test_rho_of_each_source_in_sql_is_that_of_numpy(scored: None) -> None:
    design_effects.weigh()
    table = rows_of("CA-C1", "fee", ["commune", "police", "owso"])
    for source in ("gathered", "register"):
        row = DesignEffect.objects.get(indicator="CA-C1", year="2026", source=source)
        own = table[table["source"] == source]
        sums = cluster_sums(own["met"], own["cluster"], own["provider"])
        assert row.rho_used == held(sums.rho)
        assert (row.cases, row.clusters) == (len(own), own["cluster"].nunique())
        assert row.rho == pytest.approx(sums.rho, abs=1e-4)
        assert row.mean_size == pytest.approx(sums.mean_size, abs=0.01)
    votes = Vote.objects.filter(meeting__kind="community", indicator_code="CA-P1")
    result = pd.DataFrame(
        votes.values_list("score", "meeting__held_on", "meeting__provider_id"),
        columns=["score", "day", "provider"],
    )
    cluster = result["day"].astype(str) + result["provider"].astype(str)
    satisfied = (result["score"] >= 4).astype(int)
    own_vote = DesignEffect.objects.get(indicator="CA-P1", self_assessment=False)
    assert own_vote.rho_used == held(intraclass_correlation(satisfied, cluster, result["provider"]))
    assert DesignEffect.objects.filter(indicator="CA-I1", rho_used__gte=0.02).exists()


def test_every_cell_counts_its_own_clusters(scored: None) -> None:
    """Communes, provinces, the nation and providers; months to a year; one service and all."""
    design_effects.weigh()
    table = rows_of("CA-C1", "fee", ["commune", "police", "owso"])
    rho, register_rho = (rho_in_use("CA-C1", source) for source in ("gathered", "register"))
    months = {"2026-02": ["2026-02"], "2026-Q1": ["2026-01", "2026-02", "2026-03"]}
    seen: set[tuple[str, bool, bool, bool]] = set()
    for score in Score.objects.filter(indicator="CA-C1", denominator__gt=0):
        rows = table[table["kind"] == score.provider_kind]
        rows = rows[rows["month"].isin(months.get(score.period, [score.period]))]
        rows = table[table["kind"] == score.provider_kind] if score.period == "2026" else rows
        rows = rows[rows["service"] == score.service] if score.service else rows
        if score.provider_id:
            rows = rows[rows["provider"] == score.provider_id].assign(commune="one cell")
        else:
            rows = rows[rows["commune"].str.startswith(score.place_code)]
        if score.period not in (*months, "2026"):
            continue
        assert len(rows) == score.denominator
        pairs = [pairs_of(rows, source) for source in ("gathered", "register")]
        assert [score.cluster_pairs, score.register_pairs] == pairs, score
        effect = 1 + (pairs[0] * rho + pairs[1] * register_rho) / score.denominator
        assert score.deff == pytest.approx(effect, abs=1e-12)
        if score.denominator >= 10:
            expected = wilson(score.numerator, score.denominator, deff=effect)
            assert (score.low, score.high) == pytest.approx(expected, abs=1e-12)
        seen.add((score.level, bool(score.service), pairs[0] > 0, pairs[1] > 0))
    assert {level for level, *_ in seen} == {"commune", "province", "nation", "provider"}
    assert len(seen) > 12


def test_votes_and_checks_cluster_by_provider_and_day(scored: None) -> None:
    design_effects.weigh()
    votes = Vote.objects.filter(meeting__kind="community", indicator_code="CA-P1")
    of_day: dict[tuple[str, str, int, date], int] = defaultdict(int)
    for vote in votes.select_related("meeting__provider"):
        meeting = vote.meeting
        of_day[meeting.commune_id, meeting.provider.kind, meeting.provider_id, meeting.held_on] += 1
    scores = Score.objects.filter(
        indicator="CA-P1", period="2026", level="commune", self_assessment=False
    )
    assert scores.exists()
    for score in scores:
        own = [
            n
            for (commune, kind, _, _), n in of_day.items()
            if (commune, kind) == (score.place_code, score.provider_kind)
        ]
        assert score.cluster_pairs == sum(n * (n - 1) for n in own)
    check = Check.objects.filter(indicator_code="CA-I1", present=True)[0]
    for pk in ("one", "two"):  # three things seen on one visit
        check.pk, check.check_id = None, pk
        check.save()
    tell_everything()
    tasks.recompute_changed()
    where = {"place_code": check.commune_id, "period": f"{check.seen_on:%Y-%m}"}
    seen = Score.objects.filter(indicator="CA-I1", level="commune", **where)
    assert next(score.cluster_pairs for score in seen if score.cluster_pairs) >= 6


def test_the_import_of_a_register_moves_no_interval_elsewhere(scored: None) -> None:
    """Byte by byte: an office's own rows say nothing of how facilitators' cases resemble."""
    design_effects.weigh()
    office = "020101"

    def others() -> list[tuple[Any, ...]]:
        rows = Score.objects.filter(level__in=["commune", "provider"]).exclude(place_code=office)
        names = ("period", "indicator", "service", "provider_kind", "place_code", "provider_id")
        return sorted(rows.values_list(*names, "numerator", "denominator", "deff", "low", "high"))

    before = others()
    rho = dict(DesignEffect.objects.filter(source="gathered").values_list("pk", "rho_used"))
    provider = Provider.objects.filter(kind="commune", place__code=office).first()
    assert provider is not None
    ahead = Score.objects.get(
        indicator="CA-C1",
        period="2026-04",
        place_code=office,
        service="",
        provider_kind="commune",
        level="commune",
    )
    draw_cases(
        400,
        seed=900,
        communes=[office],
        channel="import",
        provider=provider,
        service=Service.objects.filter(provider_kind="commune").first(),
        **_refused(date(2026, 4, 22)),
        fee_paid=0,
        currency="KHR",
    )
    tell_everything()
    tasks.recompute_changed()
    design_effects.weigh()
    touched = DesignEffect.objects.filter(source="register").count()
    assert touched
    assert dict(DesignEffect.objects.filter(source="gathered").values_list("pk", "rho_used")) == rho
    ahead.refresh_from_db()
    assert ahead.register_pairs > 10_000
    alone = [row for row in others() if row not in before]
    # Other communes' own registers share the rho of registers; what facilitators gathered stays.
    mixed = set(
        Score.objects.filter(register_pairs__gt=0).values_list(
            "period", "indicator", "service", "provider_kind", "place_code", "provider_id"
        )
    )
    assert {row[:6] for row in alone} <= mixed
    gathered = [row for row in before if row[:6] not in mixed]
    assert len(gathered) > 100
    assert gathered == [row for row in others() if row[:6] not in mixed]


def test_a_cell_of_two_sources_has_the_effect_of_both_parts() -> None:
    """40 gathered in fours, 60 register rows in thirties: each share's own effect, weighed."""
    gathered, register = 10 * 4 * 3, 2 * 30 * 29
    effect = cell_effect([100], [[gathered], [register]], [0.1, 0.02])[0]
    apart = [1 + 3 * 0.1, 1 + 29 * 0.02]
    assert effect == pytest.approx(0.4 * apart[0] + 0.6 * apart[1])
    rng = np.random.default_rng(1)
    draws, p = 20_000, 0.7

    def sums(clusters: int, size: int, rho: float) -> Any:
        strength = (1 - rho) / rho
        chance = rng.beta(p * strength, (1 - p) * strength, (draws, clusters))
        return rng.binomial(size, chance).sum(axis=1)

    total = sums(10, 4, 0.1) + sums(2, 30, 0.02)
    assert total.var() / (100 * p * (1 - p)) == pytest.approx(effect, rel=0.05)
    assert cell_effect([0, 5], [[0, 0], [0, 0]], [0.1, 0.1]).tolist() == [1.0, 1.0]


def test_after_a_new_version_of_the_method_every_cell_is_counted_again(scored: None) -> None:
    design_effects.weigh()
    truth = dict(Score.objects.values_list("pk", "low"))
    Score.objects.update(cluster_pairs=0, register_pairs=0, deff=1.0)
    JudgedCase.objects.filter(facilitator_id=0).update(facilitator_id=None)
    note = import_module("scorecards.migrations.0018_count_everything_again")
    note.note_everything(None, connection)
    tasks.recompute_changed()
    assert dict(Score.objects.values_list("pk", "low")) == truth


def test_both_ways_use_it_to_the_last_digit_and_a_second_run_finds_nothing(scored: None) -> None:
    moved = design_effects.weigh()
    assert moved.effects > 5
    assert moved.scores > 50
    for code in full_run.provinces_to_do():
        nightly.check_province(code)
    nightly.check_sums()
    assert list(ScoreAlarm.objects.all()) == []
    assert full_run.compute_everything().changed == 0
    assert design_effects.weigh(everything=True) == design_effects.Weighed(0, 0)
    stamp = DesignEffect.objects.values_list("estimated_at", flat=True)[0]
    design_effects.weigh()
    assert DesignEffect.objects.values_list("estimated_at", flat=True)[0] == stamp


def test_every_run_estimates_it_and_the_pandas_way_notices_where_it_was_not_used(
    scored: None,
) -> None:
    run = scoring_runs.begin(kind="nightly")
    for code in scoring_runs.provinces_of(run.pk):
        scoring_runs.do_province(run.pk, code)
    scoring_runs.finish(run.pk)
    assert DesignEffect.objects.filter(year="2026").count() > 10
    assert not ScoreAlarm.objects.exists()
    DesignEffect.objects.filter(indicator="CA-C1").update(rho_used=0.29)
    nightly.check_province("01")
    assert {a.field for a in ScoreAlarm.objects.all()} <= {"low", "high"}
    assert ScoreAlarm.objects.filter(field="low").exists()
    Score.objects.filter(place_code="010201", service="").update(cluster_pairs=1)
    nightly.check_province("01")
    assert ScoreAlarm.objects.filter(field="cluster_pairs").exists()


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
    run = scoring_runs.begin(kind="compute")
    scoring_runs.prepare(run.pk)
    assert DesignEffect.objects.exists()
    assert not Score.objects.exists()
    estimated = set(DesignEffect.objects.values_list("pk", "estimated_at"))
    for code in scoring_runs.provinces_of(run.pk):
        scoring_runs.do_province(run.pk, code)
    scoring_runs.finish(run.pk)
    assert Score.objects.filter(deff__gt=1).exists()
    assert set(DesignEffect.objects.values_list("pk", "estimated_at")) == estimated
    assert design_effects.years_to_weigh() == ["2026"]  # the next run looks again
    first = dict(Score.objects.values_list("pk", "low"))
    assert design_effects.weigh(everything=True) == design_effects.Weighed(0, 0)
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
        patch.setattr(design_effects, "put_into_intervals", killed)
        with pytest.raises(Killed):
            design_effects.weigh()
    rhos = [rho_in_use("CA-C1", source) for source in ("gathered", "register")]
    score = Score.objects.filter(indicator="CA-C1", denominator__gte=30, cluster_pairs__gt=0)[0]
    pairs = (score.cluster_pairs, score.register_pairs)
    effect = 1 + (pairs[0] * rhos[0] + pairs[1] * rhos[1]) / score.denominator
    assert score.deff != effect  # the intervals did not follow
    if by == "the next night":
        run = scoring_runs.begin(kind="nightly")
        scoring_runs.prepare(run.pk)
        for code in scoring_runs.provinces_of(run.pk):
            scoring_runs.do_province(run.pk, code)
        assert not ScoreAlarm.objects.exists()
        scoring_runs.finish(run.pk)
    else:
        tasks.compare()
    score.refresh_from_db()
    assert score.deff == pytest.approx(effect, abs=1e-12)
    assert (score.low, score.high) == pytest.approx(
        wilson(score.numerator, score.denominator, deff=effect), abs=1e-12
    )
    assert not DesignEffect.objects.filter(estimated_at=design_effects.UNFINISHED).exists()
    before = dict(Score.objects.values_list("pk", "computed_at"))
    assert (
        design_effects.weigh_new()
        == design_effects.weigh(everything=True)
        == design_effects.Weighed(0, 0)
    )
    assert dict(Score.objects.values_list("pk", "computed_at")) == before
