"""A figure is called revised when late data changed it, and for no other reason."""

from datetime import date

import pytest
from django.utils import timezone

from scorecards import tasks
from scorecards.models import JudgedCase, Score, ScoreRevision
from scorecards.pipeline import full_run, incremental, workday_table
from scorecards.tests.nation import draw_cases, tell_everything
from standards.models import Provider, Service
from surveys.models import Case

CLOSED = "2026-Q1"


@pytest.fixture
def centre(nation: None) -> Provider:
    """A health centre that people of two provinces go to, its cases not yet computed."""
    workday_table.refresh(timezone.localdate())
    provider = Provider.objects.get(code="hc-banteay")
    draw_cases(400)
    mine = Case.objects.filter(provider=provider)
    assert set(mine.values_list("province_code", flat=True)) == {"01", "02"}
    return provider


def of_centre(centre: Provider, indicator: str = "HC-C3") -> Score:
    return Score.objects.get(
        period=CLOSED,
        provider_id=centre.pk,
        indicator=indicator,
        service="",
        provider_kind="health_centre",
    )


def test_a_first_computation_province_by_province_revises_nothing(centre: Provider) -> None:
    full_run.compute_province("01")
    part = of_centre(centre).denominator
    while incremental.roll_up_pending():  # the sweep does not wait for the other provinces
        pass
    full_run.compute_province("02")
    full_run.finish()
    assert of_centre(centre).denominator > part > 0
    assert not Score.objects.filter(revised=True).exists()
    assert not ScoreRevision.objects.exists()


def test_what_comes_late_to_such_a_provider_is_a_revision_everywhere(centre: Provider) -> None:
    full_run.compute_everything()
    before = of_centre(centre)
    draw_cases(
        30,
        seed=5,
        provider=centre,
        service=Service.objects.get(code="outpatient-consultation"),
        status="received",
        staffed=True,
        asked_on=date(2026, 2, 11),
        received_on=date(2026, 2, 11),
    )
    tell_everything()
    tasks.recompute_changed()
    now = of_centre(centre)
    assert now.denominator == before.denominator + 30
    assert now.revised
    kept = ScoreRevision.objects.filter(indicator="HC-C3", service="", period=CLOSED)
    assert {row.place_code for row in kept if not row.provider_id} >= {"", "01", "02"}
    (own,) = kept.filter(provider_id=centre.pk)
    assert (own.numerator, own.denominator) == (before.numerator, before.denominator)


def test_a_case_taken_back_is_a_revision_although_nothing_newer_was_observed(
    centre: Provider,
) -> None:
    full_run.compute_everything()
    judged = JudgedCase.objects.filter(presence=1, provider_id=centre.pk)[0]
    case = Case.objects.filter(pk=judged.case_id)
    case.update(voided_at=timezone.now(), void_reason="told twice")
    tell_everything()
    tasks.recompute_changed()
    assert of_centre(centre).revised
