"""Planning rounds: who may, what is refused, what is the same round, and lists against the plan."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Programme, User
from audit.models import Entry
from surveys.rounds import reading
from surveys.rounds.models import Round, RoundStage, Stage
from surveys.rounds.services import plan
from surveys.rounds.tests.factories import make_person, planned
from surveys.services import Outcome


def test_a_round_gets_a_code_of_six_digits_and_every_stage(coordinator: User) -> None:
    made, outcome = plan.plan_round(by=coordinator, planned=planned())
    assert outcome == Outcome.ADDED
    assert len(made.code) == 6
    assert made.code.isdigit()
    assert {s.name for s in made.stages.all()} == set(Stage.values)
    assert Entry.objects.get(verb="round.planned").place_code == "010201"


def test_the_same_plan_is_unchanged_and_another_is_a_conflict(coordinator: User) -> None:
    plan.plan_round(by=coordinator, planned=planned())
    assert plan.plan_round(by=coordinator, planned=planned())[1] == Outcome.UNCHANGED
    moved = planned(met_on=date(2026, 3, 9))
    assert plan.plan_round(by=coordinator, planned=moved)[1] == Outcome.CONFLICT
    assert Round.objects.get().stages.get(name="met").planned_on == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider": "hall-010202"}, "provider"),
        ({"provider": "nowhere"}, "provider"),
        ({"commune": "999999"}, "commune"),
        ({"period": None}, "period"),
        ({"met_on": None}, "met_on"),
        ({"met_on": date(2025, 12, 31)}, "met_on"),
        ({"agreed_on": date(2026, 7, 1)}, "agreed_on"),
        ({"closed_on": date(2029, 1, 1)}, "closed_on"),
        ({"agreed_on": date(2026, 2, 1)}, "agreed_on"),
        ({"facilitators": ["nobody"]}, "facilitators"),
        ({"programme": "none"}, "programme"),
    ],
)
def test_a_wrong_plan_is_told_beside_its_field(
    coordinator: User, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        plan.plan_round(by=coordinator, planned=planned(**changes))
    assert list(caught.value.message_dict) == [field]
    assert not Round.objects.exists()


def test_only_those_who_plan_there_plan(facilitator: User, country: None) -> None:
    elsewhere = make_person("coordinator", "02", username="elsewhere")
    for person in (facilitator, elsewhere):
        with pytest.raises(PermissionDenied):
            plan.plan_round(by=person, planned=planned())


def test_a_health_centre_is_planned_in_each_commune_it_serves(coordinator: User) -> None:
    for commune in ("010201", "010202"):
        made, outcome = plan.plan_round(
            by=coordinator,
            planned=planned(
                provider="hc-banteay",
                commune=commune,
                period=(2026 if commune == "010201" else 2027, None),
                informed_on=None,
                met_on=date(2026 if commune == "010201" else 2027, 3, 2),
                agreed_on=None,
            ),
        )
        assert outcome == Outcome.ADDED
        assert made.commune_id == commune


@pytest.mark.parametrize(
    "broken",
    [{"half": 3}, {"code": "12345"}, {"code": "12345a"}, {"year": 1990}, {"cancelled": True}],
)
def test_the_database_refuses_rounds_that_cannot_be(
    make_round: Callable[..., Round], broken: dict[str, Any]
) -> None:
    row = make_round()
    values = {"cancelled_at": timezone.now()} if "cancelled" in broken else broken
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=row.pk).update(**values)


def test_two_rounds_of_one_period_cannot_stand_and_a_cancelled_one_frees_it(
    make_round: Callable[..., Round], coordinator: User
) -> None:
    row = make_round()
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.create(
            code="000000", provider=row.provider, commune=row.commune, year=2026, half=1
        )
    with pytest.raises(ValidationError):
        plan.cancel_round(by=coordinator, round=row, reason=" ")
    plan.cancel_round(by=coordinator, round=row, reason="flood")
    assert make_round().pk != row.pk


def test_late_rounds_come_first_and_idle_ones_are_shown_as_idle(
    make_round: Callable[..., Round], facilitator: User
) -> None:
    early = make_round()
    late = make_round(provider="school-a", met_on=date(2026, 2, 2), informed_on=None)
    today = date(2026, 3, 30)
    plan.finish_stage(by=facilitator, round=early, name="informed", on=date(2026, 1, 12))
    order = list(Round.objects.standing().late_first(today))
    assert [r.pk for r in order] == [late.pk, early.pk]
    line = reading.against_plan(early, today, 60)
    assert line.days_late == 28
    assert [s.state for s in line.stages] == [
        "done",
        "open",
        "open",
        "late",
        "planned",
        "open",
        "open",
    ]
    Round.objects.filter(pk=early.pk).update(planned_at=timezone.now() - timedelta(days=900))
    early.refresh_from_db()
    assert reading.against_plan(early, date(2026, 3, 30), 60).idle_days == 77
    assert reading.totals_by_stage(Round.objects.all(), today)[3] == {
        "name": "met", "label": Stage.MET.label, "planned": 2, "done": 0, "late": 2
    }  # fmt: skip


def test_a_stage_is_not_done_tomorrow_and_can_be_taken_back(
    make_round: Callable[..., Round], facilitator: User
) -> None:
    row = make_round()
    with pytest.raises(ValidationError):
        plan.finish_stage(
            by=facilitator, round=row, name="met", on=timezone.localdate() + timedelta(days=1)
        )
    plan.finish_stage(by=facilitator, round=row, name="met", on=date(2026, 3, 2))
    plan.finish_stage(by=facilitator, round=row, name="met", on=None)
    assert RoundStage.objects.get(round=row, name="met").done_on is None
    entries = Entry.objects.filter(verb__startswith="round.").order_by("pk")
    verbs = list(entries.values_list("verb", flat=True))
    assert verbs == ["round.planned", "round.stage_done", "round.stage_taken_back"]


def test_days_are_moved_within_the_period(
    make_round: Callable[..., Round], coordinator: User
) -> None:
    row = make_round()
    with pytest.raises(ValidationError) as caught:
        plan.change_stages(by=coordinator, round=row, days={"met": date(2026, 5, 1)})
    assert list(caught.value.message_dict) == ["agreed_on"]
    plan.change_stages(by=coordinator, round=row, days={"met": date(2026, 3, 9)})
    assert row.stages.get(name="met").planned_on == date(2026, 3, 9)
    assert Entry.objects.get(verb="round.moved").before == {"met": "2026-03-02"}


def test_the_pages_plan_show_move_and_cancel(
    client: Client, coordinator: User, programme: Programme
) -> None:
    client.force_login(coordinator)
    assert client.get(reverse("rounds:new")).status_code == 200
    address = reverse("rounds:new") + "?commune=010201"
    assert "hall-010201" in client.get(address).content.decode()
    wrong = client.post(
        address, {"provider": "hall-010201", "period": "soon", "met_on": "02/03/2026"}
    )
    assert wrong.status_code == 422
    assert 'value="soon"' in wrong.content.decode()
    good = {"provider": "hall-010201", "period": "២០២៦-H1", "met_on": "០២/០៣/២០២៦"}
    made = client.post(address, good, follow=True)
    row = Round.objects.get()
    assert row.code in made.content.decode()
    moved = client.post(reverse("rounds:change", args=[row.uuid]), {"met_on": "03/03/2026"})
    assert moved.status_code == 302
    done = {"stage": "met", "done_on": "03/03/2026"}
    client.post(reverse("rounds:stage", args=[row.uuid]), done)
    assert row.stages.get(name="met").done_on == date(2026, 3, 3)
    listed = client.get(reverse("rounds:rounds"), {"place": "0102", "period": "2026-H1"})
    assert listed.context["page"].paginator.count == 1
    assert client.get(reverse("rounds:rounds"), {"place": "02"}).context["rows"] == []
    client.post(reverse("rounds:cancel", args=[row.uuid]), {"reason": "flood"})
    assert client.get(reverse("rounds:rounds")).context["rows"] == []


def test_a_council_reads_the_rounds_of_its_commune_without_their_code(
    client: Client, make_round: Callable[..., Round]
) -> None:
    row = make_round()
    other = make_person("council_member", "010202", username="other")
    client.force_login(make_person("council_member", "010201", username="council"))
    shown = client.get(reverse("rounds:round", args=[row.uuid]))
    assert shown.status_code == 200
    assert row.code not in shown.content.decode()
    client.force_login(other)
    assert client.get(reverse("rounds:round", args=[row.uuid])).status_code == 404


def test_the_list_asks_as_many_questions_for_fifty_rounds_as_for_one(
    client: Client, make_round: Callable[..., Round], coordinator: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    row = make_round()
    for year in range(2030, 2080):
        copy = Round.objects.create(
            code=f"{year:06}", provider=row.provider, commune=row.commune, year=year
        )
        RoundStage.objects.bulk_create(RoundStage(round=copy, name=s) for s in Stage)
    client.force_login(coordinator)
    with django_assert_max_num_queries(30):
        assert len(client.get(reverse("rounds:rounds")).context["rows"]) == 50


def test_each_stage_may_have_somebody_who_leads_it(
    client: Client, coordinator: User, facilitator: User, make_round: Callable[..., Round]
) -> None:
    row = make_round()
    client.force_login(coordinator)
    address = f"/rounds/{row.uuid}/change/"
    page = client.get(address).content.decode()
    assert 'name="met_by"' in page
    days = {
        f"{s.name}_on": f"{s.planned_on:%d/%m/%Y}" if s.planned_on else "" for s in row.stages.all()
    }
    refused = client.post(
        address, {**days, "met_by": "nobody.here"}, headers={"accept-language": "en"}
    )
    assert refused.status_code == 422
    assert "Nobody has the user name “nobody.here”." in refused.content.decode()
    assert client.post(address, {**days, "met_by": facilitator.username}).status_code == 302
    assert row.stages.get(name="met").responsible == facilitator
    assert row.stages.exclude(name="met").filter(responsible__isnull=False).count() == 0
    assert str(facilitator) in client.get(f"/rounds/{row.uuid}/").content.decode()
    client.post(address, days)
    assert row.stages.get(name="met").responsible is None
