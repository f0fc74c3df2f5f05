"""The quick way in SQL and the slow way in pandas give the same numbers, always."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from places.models import Place
from scorecards import periods, tasks
from scorecards.models import PendingRollUp, Score, ScoreAlarm
from scorecards.periods import month_code
from scorecards.pipeline import full_run, incremental
from scorecards.pipeline.incremental import Work
from scorecards.tests.nation import draw_cases, draw_meetings, score_everything, tell_everything
from scorecards.verification import nightly
from surveys.models import Case, Check, Meeting, ObservationChange


@pytest.fixture
def scored(nation: None) -> None:
    draw_cases(400)
    draw_meetings(12)
    score_everything()


def alarms() -> list[str]:
    for code in full_run.provinces_to_do():
        nightly.let_time_pass(code, timezone.localdate())
    for code in full_run.provinces_to_do():
        nightly.check_province(code)
    nightly.check_sums()
    return [f"{a} {a.stored} {a.recomputed}" for a in ScoreAlarm.objects.filter(resolved_at=None)]


def test_changes_computed_in_sql_equal_everything_recomputed_in_pandas(scored: None) -> None:
    assert Score.objects.filter(level="commune").count() > 200
    assert Score.objects.filter(level="provider", provider_kind="health_centre").exists()
    assert Score.objects.filter(level="nation", denominator__gte=30).exists()
    assert Score.objects.filter(distribution__isnull=False, self_assessment=True).exists()
    assert alarms() == []
    assert not ObservationChange.objects.exists()
    assert not PendingRollUp.objects.exists()


def test_a_whole_run_finds_nothing_to_write_after_the_changes_were_computed(scored: None) -> None:
    before = list(Score.objects.order_by("pk").values())
    done = full_run.compute_everything()
    assert done.cells > 0
    assert done.changed == 0
    assert list(Score.objects.order_by("pk").values()) == before


def test_one_changed_case_costs_nine_statements(
    scored: None, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    case = Case.objects.filter(provider__kind="health_centre").latest("pk")
    Case.objects.filter(pk=case.pk).update(updated_at=timezone.now())
    work = {case.commune_id: Work({month_code(case.asked_on)})}
    with django_assert_max_num_queries(9), transaction.atomic():
        assert incremental.recompute(work).changed
    assert not incremental.recompute(work).changed


def test_another_changed_case_is_planned_no_more(scored: None) -> None:
    def change(case: Case) -> tuple[int, int, int]:
        Case.objects.filter(pk=case.pk).update(updated_at=timezone.now())
        assert incremental.recompute({case.commune_id: Work({month_code(case.asked_on)})}).changed
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements"
            )
            prepared: tuple[int, int, int] = cursor.fetchone()
        return prepared

    cases = Case.objects.filter(provider__kind="health_centre").order_by("pk")[:3]
    statements, carried_out, _ = change(cases[0])
    assert change(cases[1]) == (statements, carried_out + 3, 0)
    assert change(cases[2]) == (statements, carried_out + 6, 0)


def test_of_a_changed_case_only_its_kind_and_service_and_all_services_are_counted(
    scored: None,
) -> None:
    case = Case.objects.filter(provider__kind="health_centre", status="received").latest("pk")
    Case.objects.filter(pk=case.pk).update(fee_paid=88_000, updated_at=timezone.now())
    month = month_code(case.asked_on)
    done = incremental.recompute({case.commune_id: Work({month})})
    held = Score.objects.filter(
        Q(place_code=case.commune_id, provider_id=0) | Q(provider_id=case.provider_id),
        period__in=[period.code for period in periods.holding([month])],
        indicator__contains="-C",
    )
    of_kind = held.filter(provider_kind="health_centre")
    counted = of_kind.filter(service__in=["", case.service.code])
    assert done.cells == counted.count() < of_kind.count() < held.count()
    full_run.finish()
    assert alarms() == []


def test_corrected_and_voided_observations_correct_the_scores(scored: None) -> None:
    Case.objects.filter(pk__in=Case.objects.values("pk")[:150]).update(
        fee_paid=77_000, updated_at=timezone.now()
    )
    for model in (Case, Meeting, Check):
        chosen = model.objects.order_by("-pk").values("pk")[:5]
        model.objects.filter(pk__in=chosen).update(
            voided_at=timezone.now(), void_reason="told twice"
        )
    moved = Case.objects.filter(commune_id="010201")[:20]
    for case in moved:
        case.commune, case.province_code = Place.objects.get(code="020101"), "02"
        case.save()
    tell_everything()
    tasks.recompute_changed()
    assert alarms() == []


@pytest.mark.parametrize("away", ["010201", "020101"])
def test_cases_told_of_the_wrong_commune_leave_its_scores(scored: None, away: str) -> None:
    home = "020101" if away == "010201" else "010201"
    for case in Case.objects.filter(commune_id=away)[:20]:
        case.commune, case.province_code = Place.objects.get(code=home), home[:2]
        case.save()
    tell_everything()
    ObservationChange.objects.exclude(observation="case").delete()
    tasks.recompute_changed()
    assert alarms() == []


def test_a_stored_figure_that_is_wrong_raises_an_alarm_and_stays(scored: None) -> None:
    score = Score.objects.filter(level="commune", denominator__gte=10).first()
    assert score is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scorecards_score SET numerator = numerator + 1 WHERE period = %s AND "
            "indicator = %s AND service = %s AND provider_kind = %s AND place_code = %s AND "
            "provider_id = 0 AND NOT self_assessment",
            [score.period, score.indicator, score.service, score.provider_kind, score.place_code],
        )
    result = alarms()
    assert len([a for a in result if f" {score.place_code} " in a]) == 1  # its sums differ too
    alarm = ScoreAlarm.objects.get(place_code=score.place_code)
    assert (alarm.period, alarm.indicator) == (score.period, score.indicator)
    assert float(alarm.stored) == score.numerator + 1
    assert float(alarm.recomputed) == score.numerator
    alarms()
    assert ScoreAlarm.objects.filter(place_code=score.place_code).count() == 1
    full_run.compute_everything()
    assert alarms() == []
    alarm.refresh_from_db()
    assert alarm.resolution == "agreed again"


@pytest.mark.parametrize("place", ["01", ""])
def test_a_wrong_sum_raises_an_alarm_of_its_own_place(scored: None, place: str) -> None:
    score = Score.objects.filter(place_code=place, period="2026-Q1", service="").first()
    assert score is not None
    wrong = (
        "UPDATE scorecards_score SET denominator = denominator + %s, still_open = still_open - %s "
        "WHERE period = %s AND place_code = %s AND indicator = %s AND service = '' "
        "AND provider_kind = %s AND self_assessment = %s"
    )
    key = [score.period, place, score.indicator, score.provider_kind, score.self_assessment]
    with connection.cursor() as cursor:
        cursor.execute(wrong, [1, 1, *key])
    result = alarms()
    alarm = ScoreAlarm.objects.get(place_code=place)
    assert (alarm.period, alarm.indicator, alarm.field) == (
        score.period,
        score.indicator,
        "denominator",
    )
    # the nation is summed from its provinces, so a province's mistake shows there too
    assert len(result) == (2 if place else 1)
    PendingRollUp.objects.create(province_code="01", month="2026-02")
    nightly.check_sums()
    assert ScoreAlarm.objects.filter(resolved_at=None).count() == len(result)
    with connection.cursor() as cursor:
        cursor.execute(wrong, [-1, -1, *key])
    assert alarms() == []


def test_a_cell_that_only_one_way_knows_is_told_as_such(scored: None) -> None:
    score = Score.objects.filter(level="commune", denominator__gte=10).first()
    assert score is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM scorecards_score WHERE period = %s AND place_code = %s AND service = %s "
            "AND indicator = %s AND provider_kind = %s AND provider_id = 0",
            [score.period, score.place_code, score.service, score.indicator, score.provider_kind],
        )
        assert cursor.rowcount == 1
    alarms()
    alarm = ScoreAlarm.objects.get(place_code=score.place_code)
    assert (alarm.field, alarm.stored, alarm.recomputed) == ("cell", "none", "recomputed")
