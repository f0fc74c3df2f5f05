"""A release shows nobody who can be found, and it is all that outsiders ever see."""

import numpy as np
import pandas as pd
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from places.models import Place
from scorecards import auditing, comparing, periods, releasing, scores, tasks
from scorecards.computing import calendar
from scorecards.models import Comparison, JudgedCase, Release, ReleasedCell, Score
from scorecards.scoring.timeliness import on_time
from scorecards.tests import nation
from scorecards.tests.nation import draw_cases, draw_meetings, make_person, tell_everything
from standards.models import Standard

QUARTER = "2026-Q1"


@pytest.fixture
def scored(nation: None) -> None:
    calendar.refresh(timezone.localdate())
    draw_cases(500)
    draw_meetings(10)
    tell_everything()
    tasks.recompute_changed()


@pytest.fixture
def coordinator(nation: None) -> User:
    return make_person("coordinator", "")


def publish(by: User) -> Release:
    return nation.publish(by, QUARTER)


def everything(user: object, period: str = QUARTER) -> pd.DataFrame:
    codes = ["", *Place.objects.exclude(level="village").values_list("code", flat=True)]
    tables = [scores.place(user, code, period) for code in codes]
    return pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)


def test_outsiders_see_nothing_until_a_release_is_published(
    scored: None, coordinator: User
) -> None:
    member = make_person("council_member", "010201")
    for user in (None, member):
        assert scores.periods(user) == []
        assert everything(user).empty
    release = releasing.prepare(releasing.begin(by=coordinator, period=QUARTER).pk)
    assert release.state == Release.State.AUDITED
    assert everything(member).empty
    approved = releasing.approve(by=coordinator, release=release)
    assert everything(member).empty
    releasing.publish(approved.pk)
    for user in (None, member):
        assert [p.code for p in scores.periods(user)] == [QUARTER]
        table = everything(user)
        assert not table.empty
        assert not table["working"].any()
        assert everything(user, "2026-03").empty
        assert everything(user, "2026").empty


def test_people_of_the_place_see_working_figures_and_released_ones_elsewhere(
    scored: None, coordinator: User
) -> None:
    publish(coordinator)
    facilitator = make_person("facilitator", "010201")
    table = everything(facilitator)
    assert set(table.loc[table["working"], "place_code"]) == {"010201"}
    assert {"010202", "020101", "01", ""} <= set(table.loc[~table["working"], "place_code"])
    assert everything(coordinator)["working"].all()


def test_no_released_figure_speaks_of_fewer_than_ten_or_of_one_or_two(
    scored: None, coordinator: User
) -> None:
    publish(coordinator)
    table = everything(None)
    figure = table[table["share"].notna()]
    assert len(figure) > 5
    assert (figure["denominator"] >= 10).all()
    for side in (figure["numerator"], figure["denominator"] - figure["numerator"]):
        assert not side.isin([1, 2]).any()
    hidden = table[table["status"] == "hidden"]
    assert len(hidden)
    assert hidden[list(scores.NUMBERS)].isna().all(axis=None)
    band = table[table["status"] == "under_three"]
    assert band["share"].isna().all()
    assert band["numerator"].isna().all()
    left_out = ["no_standard", "unknown_answer", "does_not_apply", "still_open", "median"]
    assert table[left_out].isna().all(axis=None)


def cubes_of(period: str) -> list[pd.DataFrame]:
    return list(releasing._cubes(releasing._working(period)))


def test_the_audit_finds_leaks_when_secondary_suppression_is_switched_off(scored: None) -> None:
    cubes = cubes_of(QUARTER)
    assert sum(releasing.safe_cube(cube, None)[1] for cube in cubes) == 0
    assert sum(releasing.safe_cube(cube, None, secondary=False)[1] for cube in cubes) > 0


def test_only_what_passed_the_audit_against_the_current_release_is_published(
    scored: None, coordinator: User
) -> None:
    early = releasing.begin(by=coordinator, period=QUARTER)
    with pytest.raises(ValidationError):
        releasing.approve(by=coordinator, release=early)
    releasing.prepare(early.pk)
    publish(coordinator)
    with pytest.raises(ValidationError):
        releasing.approve(by=coordinator, release=early)
    with pytest.raises(PermissionDenied):
        releasing.approve(by=make_person("facilitator", "010201"), release=early)
    with pytest.raises(PermissionDenied):
        releasing.begin(by=make_person("donor", ""), period=QUARTER)
    with pytest.raises(ValidationError):
        releasing.begin(by=coordinator, period="2026")


def test_preparing_twice_gives_the_same_cells(scored: None, coordinator: User) -> None:
    release = releasing.begin(by=coordinator, period=QUARTER)
    releasing.prepare(release.pk)
    first = auditing.stored(release)
    Release.objects.filter(pk=release.pk).update(state="preparing")
    with transaction.atomic():
        releasing.prepare(release.pk)
    second = auditing.stored(release)
    assert len(first)
    pd.testing.assert_frame_equal(first, second)


def test_shares_released_are_those_computed(scored: None, coordinator: User) -> None:
    publish(coordinator)
    keys = ["place_code", "indicator", "service", "provider_kind", "self_assessment"]
    mine = everything(coordinator).query("provider_id == 0")
    both = everything(None).merge(mine, on=keys, suffixes=("", "_working"))
    shown = both[both["share"].notna()]
    for name in ("numerator", "denominator", "share", "low", "high"):
        np.testing.assert_allclose(shown[name], shown[f"{name}_working"], atol=1e-12)


def test_a_release_that_was_interrupted_is_taken_up_again(
    scored: None, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = releasing.begin(by=coordinator, period=QUARTER)
    assert releasing.stalled() == []  # somebody may be on the way to it
    Release.objects.update(prepared_at=timezone.now() - 2 * releasing.STALLED_AFTER)
    assert releasing.stalled() == [broken.pk]
    asked: list[int] = []
    monkeypatch.setattr(tasks.prepare_release, "delay", asked.append)
    tasks.resume_runs()
    assert asked == [broken.pk]
    tasks.release(QUARTER, coordinator.pk, publish=True)
    broken.refresh_from_db()
    assert (broken.state, broken.is_current) == (Release.State.PUBLISHED, True)
    assert Release.objects.count() == 1
    assert releasing.stalled() == []


def approved(by: User) -> Release:
    release = releasing.prepare(releasing.begin(by=by, period=QUARTER).pk)
    return releasing.approve(by=by, release=release)


def test_an_approved_release_is_published_even_if_the_message_was_lost(
    scored: None, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = approved(coordinator)
    Release.objects.update(prepared_at=timezone.now() - 2 * releasing.STALLED_AFTER)
    monkeypatch.setattr(tasks.prepare_release, "delay", tasks.prepare_release)
    monkeypatch.setattr(tasks.publish_release, "delay", tasks.publish_release)
    tasks.resume_runs()
    release.refresh_from_db()
    assert release.is_current
    assert releasing.publish(release.pk).published_at == release.published_at


def test_what_was_approved_is_attacked_as_it_is_stored_before_it_goes_out(
    scored: None, coordinator: User
) -> None:
    """A hidden cell that somebody filled in after the approval does not leave the house."""
    release = approved(coordinator)
    hidden = ReleasedCell.objects.filter(release=release, status="hidden", level="commune")
    cell = next(c for c in hidden if of(c).denominator >= 10)
    told = of(cell)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE scorecards_releasedcell SET status = 'full', numerator = %s, "
            "denominator = %s, share = %s WHERE period = %s AND release_id = %s AND "
            "indicator = %s AND service = %s AND provider_kind = %s AND place_code = %s",
            [
                *(told.numerator, told.denominator, told.share, QUARTER, release.pk),
                *(cell.indicator, cell.service, cell.provider_kind, cell.place_code),
            ],
        )
    refused = releasing.publish(release.pk)
    assert refused.state == Release.State.FAILED
    assert refused.breaches > 0
    assert everything(None).empty


def of(cell: ReleasedCell) -> Score:
    names = ("period", "indicator", "service", "provider_kind", "place_code", "self_assessment")
    return Score.objects.get(provider_id=0, **{name: getattr(cell, name) for name in names})


def test_a_comparison_from_working_figures_does_not_go_out_with_a_release(
    scored: None, coordinator: User
) -> None:
    comparing.compute(periods.parse(QUARTER))
    release = approved(coordinator)
    shown = Comparison.objects.filter(release_id=release.pk).values("indicator", "place_code")
    working = Comparison.objects.filter(release_id=0, period=QUARTER)
    strange = next(
        row
        for row in working
        if {"indicator": row.indicator, "place_code": row.place_code} not in shown
    )
    Comparison.objects.filter(pk=strange.pk).update(release_id=release.pk)
    assert releasing.publish(release.pk).state == Release.State.FAILED


def test_on_time_is_released_once_no_request_is_younger_than_its_promise(
    scored: None, coordinator: User
) -> None:
    """Then the share of method 3, with open requests, is the plain one."""
    promise = Standard.objects.get(service__code="birth-registration")
    Standard.objects.filter(pk=promise.pk).update(days_max=3650)
    tell_everything()
    tasks.recompute_changed()
    assert Score.objects.filter(indicator="CA-C2", provider_kind="commune", still_open__gt=0)
    publish(coordinator)
    table = everything(None)
    late = table[(table["indicator"] == "CA-C2") & (table["provider_kind"] == "commune")]
    assert set(late["status"]) == {"not_yet_known"}
    assert set(late["why"]) == {"still_open"}
    assert late[list(scores.NUMBERS)].isna().all(axis=None)
    others = table[table["share"].notna() & (table["provider_kind"] == "commune")]
    assert set(late["place_code"]) == set(others.loc[others["service"] == "", "place_code"])
    Standard.objects.filter(pk=promise.pk).update(days_max=10)
    tell_everything()
    tasks.recompute_changed()
    publish(coordinator)
    table = everything(None)
    nation_wide = table.query(
        "indicator == 'CA-C2' and provider_kind == 'commune' and level == 'nation'"
    )
    facts = JudgedCase.objects.filter(
        month__in=periods.parse(QUARTER).months, provider_kind="commune", days__isnull=False
    ).exclude(time__lt=0)
    days, is_open, within = zip(*facts.values_list("days", "is_open", "days_max"), strict=True)
    assert any(is_open)
    share, _, _ = on_time(days, [not still for still in is_open], within)
    whole = nation_wide[nation_wide["service"] == ""].iloc[0]
    assert whole["share"] == pytest.approx(share)
