"""A changed calendar reaches the cases of every province, whichever worker finds the change first."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from scorecards import runs, tasks
from scorecards.indicators import SCORED_ALONE
from scorecards.models import JudgedCase, ScoreAlarm, WorkDay
from scorecards.pipeline import workday_table
from scorecards.tests.nation import draw_cases, score_everything, tell_everything
from scorecards.tests.test_two_ways import alarms
from standards.models import Holiday, Provider
from surveys.models import ObservationChange


@pytest.fixture
def scored(nation: None) -> None:
    draw_cases(300)
    score_everything()
    assert alarms() == []


def a_working_day_with_cases_around_it(province: str) -> date:
    """A day on which a request of this province waited that is counted in working days."""
    waited = JudgedCase.objects.filter(province_code=province, days__gt=5, is_open=False)
    asked = waited.order_by("asked_on").values_list("asked_on", flat=True)[0]
    day: date = asked + timedelta(days=1)
    while not WorkDay.objects.filter(day=day, ordinal__gt=number(day - timedelta(days=1))).exists():
        day += timedelta(days=1)
    return day


def number(day: date) -> int:
    ordinal: int = WorkDay.objects.get(day=day).ordinal
    return ordinal


@pytest.mark.parametrize("province", ["01", "02"])
def test_a_new_holiday_is_in_the_scores_of_each_province(scored: None, province: str) -> None:
    day = a_working_day_with_cases_around_it(province)
    before = dict(JudgedCase.objects.values_list("case_id", "days"))
    Holiday.objects.create(date=day, name_km="x", name_en="x")
    assert alarms() == []
    changed = {
        row.province_code for row in JudgedCase.objects.all() if row.days != before[row.case_id]
    }
    assert province in changed
    assert not ObservationChange.objects.exists()
    Holiday.objects.get(date=day).delete()
    assert alarms() == []
    assert dict(JudgedCase.objects.values_list("case_id", "days")) == before


def test_whoever_is_stopped_after_finding_the_change_leaves_it_noted(scored: None) -> None:
    Holiday.objects.create(date=a_working_day_with_cases_around_it("02"), name_km="x", name_en="x")
    assert workday_table.refresh(timezone.localdate()) is not None
    assert workday_table.refresh(timezone.localdate()) is None
    waiting = set(ObservationChange.objects.values_list("province_code", flat=True))
    assert "02" in waiting
    tasks.recompute_changed()
    assert alarms() == []


def test_cases_that_were_judged_without_any_days_are_judged_again(
    scored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(JudgedCase.objects.values_list("case_id", "days"))
    WorkDay.objects.all().delete()
    tell_everything()
    with monkeypatch.context() as broken:
        broken.setattr(workday_table, "fill", lambda today: None)
        tasks.recompute_changed()
    assert dict(JudgedCase.objects.values_list("case_id", "days")) != before
    assert alarms() == []
    assert dict(JudgedCase.objects.values_list("case_id", "days")) == before


def test_an_office_across_a_border_is_checked_when_time_has_passed_on_both_sides(
    scored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its open cases of the other province were judged on another day, when none was late."""
    offices = Provider.objects.filter(kind__in=SCORED_ALONE, place__code__startswith="01")
    abroad = JudgedCase.objects.filter(province_code="02", is_open=True)
    assert abroad.filter(provider_id__in=offices).exists()
    tell_everything()
    with monkeypatch.context() as earlier:
        earlier.setattr(timezone, "localdate", lambda *_: date(2026, 4, 29))
        tasks.recompute_changed()
    run = runs.begin(kind="nightly")
    runs.prepare(run.pk)
    assert [runs.do_province(run.pk, code) for code in runs.provinces_of(run.pk)] == [0, 0]
    assert not ScoreAlarm.objects.exists()
