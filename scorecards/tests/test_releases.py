"""A release shows nobody who can be found, and it is all that outsiders ever see."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import Programme, User
from places.models import Place
from scorecards import periods, tasks
from scorecards.method.disclosure import rounding
from scorecards.models import (
    CellState,
    Comparison,
    Release,
    ReleasedCell,
    Score,
)
from scorecards.pipeline import comparisons
from scorecards.reading import scores
from scorecards.releases import audit, lifecycle, states
from scorecards.tests import nation
from scorecards.tests.nation import (
    draw_cases,
    make_person,
    second_person,
    tell_everything,
)
from standards.models import Standard

QUARTER = "2026-Q1"


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
    release = lifecycle.prepare(lifecycle.begin(by=coordinator, period=QUARTER).pk)
    assert release.state == Release.State.AUDITED
    assert everything(member).empty
    approved = lifecycle.approve(by=second_person(), release=release)
    assert everything(member).empty
    lifecycle.publish(approved.pk)
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


def test_every_released_figure_is_rounded_and_follows_from_printed_numbers(
    scored: None, coordinator: User
) -> None:
    publish(coordinator)
    table = everything(None)
    assert len(table) > 20
    assert table["rounded"].all()
    assert set(table["status"]) <= {"full", "pale"}
    met, judged = table["numerator"], table["denominator"]
    assert (met % 3 == 0).all()
    assert (judged % 3 == 0).all()
    assert (judged >= 9).all()
    assert (table["share"] - met / judged).abs().max() < 1e-12
    low, high = rounding.intervals(met, judged, table["deff"])
    assert np.allclose(table["low"], low)
    assert np.allclose(table["high"], high)
    assert (table["deff"] == table["deff"].round(1)).all()
    left_out = ["no_standard", "unknown_answer", "does_not_apply", "still_open", "median"]
    assert table[left_out].isna().all(axis=None)
    exact = everything(coordinator).query("provider_id == 0")
    both = table.merge(exact, on=KEYS, suffixes=("", "_true"), how="left")
    assert (both["numerator"] - both["numerator_true"]).abs().max() <= 2
    others = both["denominator"] - both["numerator"]
    others -= both["denominator_true"] - both["numerator_true"]
    assert others.abs().max() <= 2
    assert (both["denominator_true"] >= 10).all()


def test_a_cell_that_is_not_printed_reads_like_one_that_is_empty(
    scored: None, coordinator: User, client: Client
) -> None:
    publish(coordinator)
    exact = everything(coordinator).query("provider_id == 0")
    printed = everything(None)
    few = exact[exact["denominator"].between(1, 9)].iloc[0]
    assert printed.merge(few.to_frame().T[KEYS].infer_objects(), on=KEYS).empty
    asked = {
        "period": QUARTER,
        "indicator": few["indicator"],
        "place": few["place_code"],
        "provider_kind": few["provider_kind"],
        "service": few["service"],
    }
    empty = asked | {"service": "no-such-service"}
    answers = [client.get("/api/v1/scores/explain/", query) for query in (asked, empty)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    pages = [
        client.get("/scores/explain/", query | {"kind": query["provider_kind"]})
        for query in (asked, empty)
    ]
    assert [page.status_code for page in pages] == [404, 404]
    for page in pages:
        assert "ចម្លើយតិចពេក" in page.content.decode() or "Too few answers" in page.content.decode()


KEYS = ["place_code", "indicator", "service", "provider_kind", "self_assessment"]


def test_only_what_passed_the_audit_against_the_current_release_is_published(
    scored: None, coordinator: User
) -> None:
    early = lifecycle.begin(by=coordinator, period=QUARTER)
    with pytest.raises(ValidationError):
        lifecycle.approve(by=coordinator, release=early)
    lifecycle.prepare(early.pk)
    publish(coordinator)
    with pytest.raises(ValidationError):
        lifecycle.approve(by=coordinator, release=early)
    with pytest.raises(ValidationError):
        lifecycle.approve(by=coordinator, release=early)  # who began it
    with pytest.raises(PermissionDenied):
        lifecycle.approve(by=make_person("facilitator", "010201"), release=early)
    with pytest.raises(PermissionDenied):
        lifecycle.begin(by=make_person("donor", ""), period=QUARTER)
    with pytest.raises(ValidationError):
        lifecycle.begin(by=coordinator, period="2026")


def test_preparing_twice_gives_the_same_cells(scored: None, coordinator: User) -> None:
    release = lifecycle.begin(by=coordinator, period=QUARTER)
    lifecycle.prepare(release.pk)
    first = audit.stored(release)
    Release.objects.filter(pk=release.pk).update(state="preparing")
    with transaction.atomic():
        lifecycle.prepare(release.pk)
    second = audit.stored(release)
    assert len(first)
    pd.testing.assert_frame_equal(first, second)


def test_a_release_that_was_interrupted_is_taken_up_again(
    scored: None, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = lifecycle.begin(by=coordinator, period=QUARTER)
    assert lifecycle.stalled() == []  # somebody may be on the way to it
    Release.objects.update(prepared_at=timezone.now() - 2 * lifecycle.STALLED_AFTER)
    assert lifecycle.stalled() == [broken.pk]
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "send", lambda name, pk: asked.append((name, pk)))
    tasks.resume_runs()
    assert (tasks.prepare_release.name, broken.pk) in asked
    tasks.release(QUARTER, coordinator.pk, second_person().pk)
    broken.refresh_from_db()
    assert (broken.state, broken.is_current) == (Release.State.PUBLISHED, True)
    assert Release.objects.count() == 1
    assert lifecycle.stalled() == []


def approved(by: User) -> Release:
    release = lifecycle.prepare(lifecycle.begin(by=by, period=QUARTER).pk)
    return lifecycle.approve(by=second_person(), release=release)


def test_an_approved_release_is_published_even_if_the_message_was_lost(
    scored: None, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = approved(coordinator)
    Release.objects.update(prepared_at=timezone.now() - 2 * lifecycle.STALLED_AFTER)
    by_name = {task.name: task for task in (tasks.prepare_release, tasks.publish_release)}
    monkeypatch.setattr(tasks, "send", lambda name, pk: by_name[name](pk))
    tasks.resume_runs()
    release.refresh_from_db()
    assert release.is_current
    assert lifecycle.publish(release.pk).published_at == release.published_at


@pytest.mark.parametrize(
    "change",
    [
        "numerator = numerator + 1",
        "numerator = numerator + 3, share = (numerator + 3)::float8 / denominator",
        "low = low - 0.01",
        "deff = deff + 0.25",
        "status = 'hidden'",
        "place_code = '010202', service = 'no such'",
    ],
)
def test_what_was_approved_is_read_back_before_it_goes_out(
    scored: None, coordinator: User, change: str
) -> None:
    """Whatever somebody did to a stored row after the approval, it is not published."""
    release = approved(coordinator)
    cell = ReleasedCell.objects.filter(release=release, denominator__gt=F("numerator") + 3).first()
    assert cell is not None
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE scorecards_releasedcell SET {change} WHERE period = %s AND "
            "release_id = %s AND indicator = %s AND service = %s AND provider_kind = %s "
            "AND place_code = %s AND self_assessment = %s",
            [
                QUARTER,
                release.pk,
                cell.indicator,
                cell.service,
                cell.provider_kind,
                cell.place_code,
                cell.self_assessment,
            ],
        )
        assert cursor.rowcount == 1
    refused = lifecycle.publish(release.pk)
    assert refused.state == Release.State.FAILED
    assert refused.breaches > 0
    assert refused.note
    assert everything(None).empty


def test_a_printed_cell_that_somebody_removed_or_added_is_noticed(
    scored: None, coordinator: User
) -> None:
    release = approved(coordinator)
    assert audit.problems(release) == []
    with transaction.atomic():
        ReleasedCell.objects.filter(release=release, place_code="").first().delete()
        assert audit.problems(release)
        transaction.set_rollback(True)
    with transaction.atomic():
        CellState.objects.filter(release=release, kept_met=None, met__gte=10).update(
            kept_met=9, kept_not_met=0
        )
        assert audit.problems(release)
        transaction.set_rollback(True)


def test_another_secret_begins_no_release(scored: None, coordinator: User, settings: Any) -> None:
    publish(coordinator)
    settings.ROUNDING_SECRET = "what somebody guessed after losing the old one"
    with pytest.raises(ValidationError, match="ROUNDING_SECRET"):
        lifecycle.begin(by=coordinator, period=QUARTER)


def test_late_data_repeat_what_was_printed_until_ten_have_changed(
    scored: None, coordinator: User
) -> None:
    first = publish(coordinator)
    before = everything(None).set_index(KEYS)
    draw_cases(1, seed=77, communes=["010201"])
    tell_everything()
    tasks.recompute_changed()
    second = publish(coordinator)
    after = everything(None).set_index(KEYS)
    names = ["numerator", "denominator", "share", "status"]
    pd.testing.assert_frame_equal(before[names], after[names])
    assert (second.printed, second.repeated, second.withdrawn) == (first.printed, first.printed, 0)
    assert not CellState.objects.filter(release=second, place_code="").exists()
    draw_cases(150, seed=78)
    tell_everything()
    tasks.recompute_changed()
    third = publish(coordinator)
    assert third.repeated < third.printed
    nation_ = ReleasedCell.objects.filter(release=third, place_code="", indicator="CA-C1")
    assert nation_.exists()
    assert CellState.objects.filter(release=third, place_code="", indicator="CA-C1").exists()


def test_states_of_a_release_that_was_not_published_count_for_nothing(
    scored: None, coordinator: User
) -> None:
    aside = lifecycle.prepare(lifecycle.begin(by=coordinator, period=QUARTER).pk)
    assert CellState.objects.filter(release=aside).exists()
    lifecycle.set_aside(by=coordinator, release=aside, reason="not now")
    assert states.kept(QUARTER).empty
    publish(coordinator)
    assert len(states.kept(QUARTER)) == CellState.objects.exclude(release=aside).count()


def test_a_figure_of_an_earlier_release_stays_readable_and_is_marked(
    scored: None, coordinator: User
) -> None:
    """What suppression printed is read as it was; its other rows are given to nobody."""
    release = approved(coordinator)
    place = ReleasedCell.objects.filter(release=release, place_code="010201").first()
    assert place is not None
    ReleasedCell.objects.filter(pk=place.pk).update(numerator=13, denominator=20, share=0.65)
    other = ReleasedCell.objects.filter(release=release, place_code="010202").first()
    assert other is not None
    ReleasedCell.objects.filter(pk=other.pk).update(
        status="under_three", numerator=None, share=None, low=0.9, high=1.0
    )
    Release.objects.filter(pk=release.pk).update(rules="suppressed")
    Release.objects.filter(pk=release.pk).update(
        state="published", is_current=True, published_at=timezone.now()
    )
    table = everything(None)
    assert not table["rounded"].any()
    assert not table["working"].any()
    mine = table[(table["place_code"] == "010201") & (table["indicator"] == place.indicator)]
    assert 13 in set(mine["numerator"])
    assert table["share"].notna().all()


def test_the_place_of_a_mandate_does_not_suffice_to_release(
    scored: None, coordinator: User, client: Client
) -> None:
    limited = [make_person("coordinator", "01")]
    programme = Programme.objects.create(code="one", name_km="ក", name_en="One")
    within = make_person("coordinator", "02")
    within.memberships.update(place=None, programme=programme)
    limited.append(User.objects.get(pk=within.pk))
    release = lifecycle.prepare(lifecycle.begin(by=coordinator, period=QUARTER).pk)
    for person in limited:
        with pytest.raises(PermissionDenied):
            lifecycle.begin(by=person, period=QUARTER)
        with pytest.raises(PermissionDenied):
            lifecycle.approve(by=person, release=release)
        with pytest.raises(CommandError, match="whole nation"):
            call_command("release", period=QUARTER, by=person.username)
        client.force_login(person)
        assert client.post("/releases/", {"period": QUARTER}).status_code == 403
        answer = client.post(
            f"/releases/{release.pk}/decide/", {"decision": "publish", "sure": "1"}
        )
        assert answer.status_code == 403
        assert 'name="decision"' not in client.get("/releases/").content.decode()
    release.refresh_from_db()
    assert release.state == Release.State.AUDITED
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(approved_by=coordinator)


def test_a_comparison_from_working_figures_does_not_go_out_with_a_release(
    scored: None, coordinator: User
) -> None:
    comparisons.compute(periods.parse(QUARTER))
    release = approved(coordinator)
    shown = Comparison.objects.filter(release_id=release.pk).values("indicator", "place_code")
    working = Comparison.objects.filter(release_id=0, period=QUARTER)
    strange = next(
        row
        for row in working
        if {"indicator": row.indicator, "place_code": row.place_code} not in shown
    )
    Comparison.objects.filter(pk=strange.pk).update(release_id=release.pk)
    assert lifecycle.publish(release.pk).state == Release.State.FAILED


def test_on_time_is_released_once_no_request_is_younger_than_its_promise(
    scored: None, coordinator: User
) -> None:
    promise = Standard.objects.get(service__code="birth-registration")
    Standard.objects.filter(pk=promise.pk).update(days_max=3650)
    tell_everything()
    tasks.recompute_changed()
    assert Score.objects.filter(indicator="CA-C2", provider_kind="commune", still_open__gt=0)
    publish(coordinator)
    on_time = {"indicator": "CA-C2", "provider_kind": "commune"}
    assert not ReleasedCell.objects.filter(**on_time).exists()
    assert not CellState.objects.filter(**on_time).exists()
    Standard.objects.filter(pk=promise.pk).update(days_max=10)
    tell_everything()
    tasks.recompute_changed()
    publish(coordinator)
    assert ReleasedCell.objects.filter(place_code="", **on_time).exists()
    # One late request that is still open takes nothing back.
    Standard.objects.filter(pk=promise.pk).update(days_max=3650)
    draw_cases(1, seed=5, status="open", communes=["010201"])
    Standard.objects.filter(pk=promise.pk).update(days_max=10)
    tell_everything()
    tasks.recompute_changed()
    last = publish(coordinator)
    assert ReleasedCell.objects.filter(release=last, place_code="", **on_time).exists()
