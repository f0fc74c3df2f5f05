"""Comparisons are computed a second time by other programs, and tampering is found."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from places.models import Place
from scorecards import periods, tasks
from scorecards.method.comparison.ranking import STRONGEST, fit_prior
from scorecards.models import Comparison, Overall, PlaceClass, ScoreAlarm, VoteGap
from scorecards.pipeline import comparison_queue, comparisons, workday_table
from scorecards.tests.nation import draw_cases, draw_meetings, make_person, tell_everything
from scorecards.verification import nightly, period_check, ranks_resampled
from standards.models import Standard
from surveys.models import Vote
from surveys.tests.country import widen_country

QUARTER = "2026-Q1"


@pytest.fixture
def compared(nation: None) -> None:
    """Communes enough for peers and outliers, three months, one of them far below."""
    widen_country(6)
    workday_table.refresh(timezone.localdate())
    everywhere = sorted(Place.objects.communes().values_list("code", flat=True))
    draw_cases(1000, communes=everywhere)
    draw_cases(60, seed=7, communes=["010210"], visits=9, status="refused", received_on=None)
    draw_meetings(12)
    Vote.objects.all().update(sex="male")
    Vote.objects.filter(
        pk__in=Vote.objects.filter(score__lte=3).order_by("pk").values("pk")[:40]
    ).update(sex="female")
    tell_everything()
    tasks.recompute_changed()
    tasks.compare()


def standing() -> list[tuple[str, ...]]:
    rows = ScoreAlarm.objects.filter(resolved_at=None).order_by("pk")
    return [(a.about, a.period, a.indicator, a.provider_kind, a.place_code, a.field) for a in rows]


def test_both_ways_agree_on_every_comparison_overall_score_and_gap(compared: None) -> None:
    assert {period.code for period in period_check.periods_to_check()} >= {QUARTER, "2026-03"}
    rows = Comparison.objects.filter(release_id=0)
    assert rows.filter(province_share__isnull=False).exists()
    assert rows.filter(change__isnull=False).exists()
    assert rows.filter(trend_periods__gte=3).exclude(trend="not_comparable").exists()
    assert rows.exclude(funnel__in=["as_expected", "not_drawn"]).exists()
    assert Overall.objects.filter(score__isnull=False, release_id=0).exists()
    assert VoteGap.objects.filter(release_id=0).exists()
    for night, period in enumerate(period_check.periods_to_check()):
        differing = period_check.differing(period, night=night)
        assert differing.empty, differing.to_dict("records")
    a_new_standard_breaks_both_ways_alike()
    what_still_waits_is_no_difference()


TAMPERED: list[tuple[Any, str, dict[str, Any]]] = [
    (Comparison, "comparison", {"funnel": "far_above"}),
    (Comparison, "comparison", {"whole": 0.123}),
    (Comparison, "comparison", {"province_gap": 0.9}),
    (Comparison, "comparison", {"arrow": "up", "change": 0.2}),
    (Comparison, "comparison", {"change_alarm": True}),
    (PlaceClass, "placeclass", {"funnel": "far_above"}),
    (PlaceClass, "placeclass", {"whole": 0.123}),
    (Overall, "overall", {"score": 99.5, "high": 100}),
    (Overall, "overall", {"low": 0}),
    (VoteGap, "gap", {"mean": 4.9}),
]


def test_a_tampered_row_is_named_by_an_alarm_and_stays_as_it_is(
    compared: None, monkeypatch: pytest.MonkeyPatch, client: Any
) -> None:
    chosen = [periods.parse(QUARTER)]
    monkeypatch.setattr(period_check, "periods_to_check", lambda: chosen)
    client.force_login(make_person("administrator"))
    for model, about, change in TAMPERED:
        row = model.objects.filter(release_id=0, period=QUARTER)
        if model is Comparison:
            row = row.filter(province_gap__isnull=False, denominator__gte=10)
        if model is Overall:
            row = row.filter(score__gte=20)
        name, value = next(iter(change.items()))
        one = row.order_by("pk").exclude(**{name: value})[0]
        model.objects.filter(pk=one.pk).update(**change)
        assert nightly.check_comparisons() == 1, change
        ((outcome, period, _, kind, place, field),) = standing()
        assert (outcome, period, kind, place) == (about, QUARTER, one.provider_kind, one.place_code)
        assert field in {*change, "low", "high", "women"}
        stored = model.objects.get(pk=one.pk)
        assert all(getattr(stored, name) == value for name, value in change.items())
        page = client.get("/scores/alarms/", headers={"accept-language": "en"}).content.decode()
        assert str(ScoreAlarm.About(about).label) in page
        model.objects.filter(pk=one.pk).update(**{name: getattr(one, name) for name in change})
        assert nightly.check_comparisons() == 0
        assert standing() == []
    it_finds_a_rank_that_no_draw_gives()


def it_finds_a_rank_that_no_draw_gives() -> None:
    outcome = Comparison.objects.filter(period=QUARTER, release_id=0).order_by("pk")
    one = outcome.filter(rank_high__lte=F("places") - 5)[0]
    outcome.filter(pk=one.pk).update(rank_low=one.places - 1, rank_high=one.places)
    rows = ranks_resampled._stored(periods.parse(QUARTER), one.indicator, one.provider_kind)
    (result,) = ranks_resampled.ranked(rows, seed=3)
    assert (result["place_code"], result["field"]) == (one.place_code, "rank_low")


def a_new_standard_breaks_both_ways_alike() -> None:
    now = Standard.objects.get(service__code="birth-registration")
    with transaction.atomic():
        Standard.objects.filter(pk=now.pk).update(valid_to="2026-03-31")
        now.pk, now.valid_from = None, date(2026, 4, 1)
        now.save()
    comparisons.compute(periods.parse("2026-04"))
    broken = Comparison.objects.filter(period="2026-04", indicator="CA-C1", release_id=0)
    assert set(broken.filter(provider_kind="commune").values_list("arrow", flat=True)) == {
        "new_standard"
    }
    assert period_check.differing(periods.parse("2026-04"), night=0).empty


def what_still_waits_is_no_difference() -> None:
    comparison_queue.note(["2026-03"])
    left = {period.code for period in period_check.periods_to_check()}
    assert not left & {"2026-03", "2026-04", "2026-Q1", "2026"}
    assert "2026-02" in left


def test_a_fitted_prior_without_slopes_is_the_one_that_is_stored() -> None:
    cube = pd.DataFrame({"met": [3.0, 9, 20, 4], "missed": [17.0, 11, 5, 16]})
    alpha, beta = ranks_resampled.fitted(cube["met"].to_numpy(), cube["missed"].to_numpy())
    one, other = fit_prior(cube["met"], cube["met"] + cube["missed"])
    assert alpha / (alpha + beta) == pytest.approx(one / (one + other), abs=1e-3)
    assert alpha + beta == pytest.approx(one + other, rel=0.02)


PLACES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(
    pairs=PLACES.filter(lambda pairs: any(x + y for x, y in pairs)),
    deff=st.sampled_from([1.0, 1.4, 2.9]),
)
@example(pairs=[(0, 1), (1, 0), (1, 0), (1, 0), (1, 0)], deff=1.0)
@example(pairs=[(0, 9), (15, 9), (5, 1), (6, 7)], deff=1.4)
@example(pairs=[(3, 5), (3, 5), (3, 5)], deff=1.0)
def test_both_priors_draw_the_smallest_cubes_alike(
    pairs: list[tuple[int, int]], deff: float
) -> None:
    met, missed = (np.array(side, dtype=float) / deff for side in zip(*pairs, strict=True))
    judged = met + missed
    means = []
    for alpha, beta in (fit_prior(met, judged), ranks_resampled.fitted(met, missed)):
        means.append((alpha + met) / (alpha + beta + judged))
    assert means[0] == pytest.approx(means[1], abs=ranks_resampled.CLOSE_MEAN)


def test_where_counts_cannot_tell_places_apart_all_are_drawn_to_the_mean() -> None:
    alpha, beta = fit_prior([0, 1, 0, 1, 1], [1, 1, 1, 1, 1])
    assert alpha / (alpha + beta) == pytest.approx(0.6)
    assert alpha + beta == pytest.approx(STRONGEST)
