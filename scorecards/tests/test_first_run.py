"""A first run computes whole periods in a table of its own: the same scores despite any disturbance."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from conftest import wait_for
from scorecards import periods, runs
from scorecards.models import (
    DesignEffect,
    FirstPeriod,
    JudgedCase,
    PendingComparison,
    Score,
    ScoreAlarm,
    ScoringRun,
    ScoringStep,
    Source,
)
from scorecards.pipeline import design_effects, incremental, initial_load, workday_table
from scorecards.pipeline.incremental import Work
from scorecards.storage import partitions
from scorecards.tests.nation import draw_cases, draw_meetings, make_nation
from scorecards.verification import nightly
from surveys.models import Case, ObservationChange

EVERYTHING = ["2026", "2026-Q2", "2026-Q1", "2026-04", "2026-03", "2026-02"]


def forget() -> None:
    """Nothing was ever computed, nor a part made for months that other tests told of."""
    for model in (DesignEffect, JudgedCase, FirstPeriod, ScoringStep, ScoringRun):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        for table in (partitions.FACTS, partitions.SCORES):
            for code in partitions.parts(table):
                cursor.execute(f'DROP TABLE "{partitions.part_of(table, code)}"')


def draw() -> None:
    workday_table.refresh(timezone.localdate())
    facilitator = User.objects.create_user("caf")
    draw_cases(60, asked_on=date(2026, 2, 10), facilitator=facilitator)
    draw_cases(340, seed=5)
    draw_meetings(12)


@pytest.fixture
def reported(nation: None) -> None:
    forget()
    draw()
    ObservationChange.objects.all().delete()


@pytest.fixture
def actually_reported(transactional_db: None) -> Iterator[None]:
    forget()  # other tests leave parts of the tables
    make_nation()
    draw()
    ObservationChange.objects.all().delete()
    yield
    forget()


def run_to_the_end() -> ScoringRun:
    run = runs.begin(kind="compute")
    runs.prepare(run.pk)
    for code in runs.provinces_of(run.pk):
        runs.do_province(run.pk, code)
    assert runs.finish(run.pk)
    runs.close(run.pk)
    run.refresh_from_db()
    assert run.state == ScoringRun.State.DONE
    return run


def judged_run() -> ScoringRun:
    """A first run that has judged every case and stored no score."""
    run = runs.begin(kind="compute")
    for code in ("01", "02"):
        runs.judge_province(run.pk, code)
    runs.weigh_first(run.pk)
    return run


def stored() -> list[dict[str, Any]]:
    rows = Score.objects.order_by("pk").values()
    return [{name: row[name] for name in row if name != "computed_at"} for row in rows]


def alarms() -> int:
    for code in ("01", "02"):
        nightly.check_province(code)
    nightly.check_sums()
    return ScoreAlarm.objects.count()


def test_what_is_computed_beside_is_what_is_computed_province_by_province(reported: None) -> None:
    forget()
    incremental.prepare(["2026-02", "2026-03", "2026-04"])  # every part is there: the other way
    by_province = run_to_the_end()
    assert not by_province.first_periods.exists()
    expected = stored()
    assert {row["level"] for row in expected} == {"provider", "commune", "province", "nation"}
    assert any(row["deff"] > 1 for row in expected)
    PendingComparison.objects.all().delete()
    forget()
    beside = run_to_the_end()
    assert sorted(beside.first_periods.values_list("period", flat=True)) == sorted(EVERYTHING)
    assert {step.changed for step in beside.finished_steps.all()} == {0}
    assert stored() == expected
    assert alarms() == 0
    compared = set(PendingComparison.objects.values_list("period", flat=True))
    assert compared >= set(EVERYTHING)


def test_a_part_made_beside_has_the_keys_and_indexes_of_any_other(reported: None) -> None:
    run_to_the_end()
    partitions.ensure(partitions.SCORES, ["2031-01"])
    with connection.cursor() as cursor:
        kinds = []
        for code in ("2026-02", "2031-01"):
            cursor.execute(
                "SELECT i.indisprimary, i.indisvalid, p.inhparent::regclass::text, "
                "split_part(pg_get_indexdef(i.indexrelid), ' USING ', 2) FROM pg_index i "
                "JOIN pg_inherits p ON p.inhrelid = i.indexrelid "
                "WHERE i.indrelid = %s::regclass ORDER BY 1, 2, 3, 4",
                [partitions.part_of(partitions.SCORES, code)],
            )
            kinds.append(cursor.fetchall())
    assert kinds[0] == kinds[1]
    assert len(kinds[0]) == 3


def test_a_period_that_others_have_begun_is_left_to_the_provinces(reported: None) -> None:
    run_to_the_end()
    expected = stored()
    forget()
    partitions.ensure(partitions.SCORES, ["2026-Q1"])
    run = run_to_the_end()
    assert "2026-Q1" not in set(run.first_periods.values_list("period", flat=True))
    assert stored() == expected
    assert alarms() == 0


def test_a_run_that_is_not_the_first_computes_nothing_beside(reported: None) -> None:
    run_to_the_end()
    expected = stored()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {partitions.part_of(partitions.SCORES, '2026-Q1')}")
    assert not run_to_the_end().first_periods.exists()
    assert stored() == expected


@pytest.mark.usefixtures("actually_reported")
def test_a_period_that_fails_leaves_nothing_and_is_done_when_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    run = runs.begin(kind="compute")
    with monkeypatch.context() as patched:
        patched.setattr(initial_load.count_cells, "all_rolled_up", broken)
        with pytest.raises(ZeroDivisionError):
            runs.prepare(run.pk)
    assert not Score.objects.exists()
    assert partitions.parts(partitions.SCORES) == []
    assert not run.first_periods.exists()
    assert DesignEffect.objects.exists()
    run_to_the_end()
    assert sorted(run.first_periods.values_list("period", flat=True)) == sorted(EVERYTHING)
    assert alarms() == 0


@pytest.mark.usefixtures("actually_reported")
def test_who_changes_a_case_meanwhile_waits_and_finds_the_scores_to_change() -> None:
    run = judged_run()
    case = Case.objects.filter(provider__kind="commune", status="received").latest("pk")
    month = periods.month_code(case.asked_on)

    def change() -> int:
        try:
            with transaction.atomic():
                Case.objects.filter(pk=case.pk).update(fee_paid=88_000, updated_at=timezone.now())
                return incremental.recompute({case.commune_id: Work({month})}).changed
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert runs.do_period(run.pk, "2026")
            changing = pool.submit(change)
            wait_for(_somebody_waits, what="the other to wait for the part of the year")
            assert not changing.done()
        assert changing.result() > 0
    assert "2026" in set(run.first_periods.values_list("period", flat=True))
    run_to_the_end()
    assert alarms() == 0


@pytest.mark.usefixtures("actually_reported")
def test_design_effects_are_estimated_when_the_period_is_in_place_or_before_it() -> None:
    run = judged_run()

    def weigh() -> design_effects.Weighed:
        try:
            return design_effects.weigh(everything=True)
        finally:
            connection.close()

    partitions.ensure(partitions.SCORES, ["2026-02"])  # by its parts a year is known
    estimated = {effect.pk: effect.rho_used for effect in DesignEffect.objects.all()}
    for pk, rho in estimated.items():
        DesignEffect.objects.filter(pk=pk).update(rho_used=0.3 if rho < 0.3 else 0.02)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert runs.do_period(run.pk, "2026")
            before = _effects_of("2026")
            assert before
            weighing_again = pool.submit(weigh)
            wait_for(_somebody_waits, what="the estimate to wait for the period")
        assert weighing_again.result().scores > 0
    assert dict(DesignEffect.objects.values_list("pk", "rho_used")) == estimated
    assert not _effects_of("2026").items() & before.items()
    year = DesignEffect.objects.filter(year="2026")
    rhos = {(e.indicator, e.self_assessment, e.source): e.rho_used for e in year}
    for score in Score.objects.filter(period="2026", pk__in=list(before)):
        key = score.indicator, score.self_assessment
        pairs = {Source.GATHERED: score.cluster_pairs, Source.REGISTER: score.register_pairs}
        alike = sum(n * rhos[*key, source] for source, n in pairs.items() if n)
        assert score.deff == pytest.approx(1 + alike / score.denominator)


def _effects_of(period: str) -> dict[Any, float]:
    """The design effects of scores of the period that are above 1."""
    return dict(Score.objects.filter(period=period, deff__gt=1).values_list("pk", "deff"))


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone() == (True,))
