"""A plan is drafted, agreed by both sides, and from then on its promised days stand."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InternalError, connection, transaction
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from scorecards.plans import services
from scorecards.plans.models import Action, ActionEvent, Plan, State
from scorecards.plans.tests import makers

pytestmark = pytest.mark.django_db


def test_a_plan_is_agreed_by_both_sides_on_a_day_and_its_days_then_stand(team: User) -> None:
    plan = makers.plan(team)
    one = makers.action(team, plan)
    services.change_action(by=team, action=one, due_on=date(2026, 7, 31))
    services.agree_plan(
        by=team,
        plan=plan,
        agreed_on=date(2026, 1, 20),
        community_side="villagers",
        provider_side="head",
    )
    one.refresh_from_db()
    assert (one.first_due_on, one.due_on) == (date(2026, 7, 31), date(2026, 7, 31))
    with pytest.raises(ValidationError, match="moved"):
        services.change_action(by=team, action=one, due_on=date(2026, 8, 1), reason="x")
    with pytest.raises(ValidationError):
        services.change_action(by=team, action=one, activity="another wording")
    services.move_due(by=team, action=one, due_on=date(2026, 9, 30), reason="rain")
    one.refresh_from_db()
    assert (one.first_due_on, one.due_on, one.moves) == (date(2026, 7, 31), date(2026, 9, 30), 1)
    assert Entry.objects.filter(verb="plan.agreed", subject_id=str(plan.pk)).count() == 1


def test_a_plan_is_not_agreed_empty_without_a_lead_or_in_the_future(team: User) -> None:
    plan = makers.plan(team)
    signed = {"community_side": "a", "provider_side": "b"}
    with pytest.raises(ValidationError, match="without an action"):
        services.agree_plan(by=team, plan=plan, agreed_on=date(2026, 1, 2), **signed)
    one = makers.action(team, plan, office=None)
    with pytest.raises(ValidationError, match="Say who leads"):
        services.agree_plan(by=team, plan=plan, agreed_on=date(2026, 1, 2), **signed)
    services.change_action(by=team, action=one, office=makers.office(team))
    with pytest.raises(ValidationError):
        services.agree_plan(by=team, plan=plan, agreed_on=date(2999, 1, 2), **signed)
    with pytest.raises(ValidationError):
        services.agree_plan(
            by=team, plan=plan, agreed_on=date(2026, 1, 2), community_side="", provider_side="b"
        )
    services.agree_plan(by=team, plan=plan, agreed_on=date(2026, 1, 2), **signed)


@pytest.mark.parametrize(
    "change",
    [
        {"due_on": date(2025, 1, 1)},
        {"number": 0},
        {"activity": ""},
        {"beneficiaries": 3, "beneficiaries_women": 4},
        {"beneficiaries": None, "beneficiaries_women": 4},
        {"cost_riel": -1},
        {"cost_riel": 10**14},
        {"result_quantity": -1},
        {"state": "blocked", "blocked_by": ""},
        {"state": "dropped", "drop_reason": ""},
        {"state": "said_done"},
        {"state": "confirmed", "claim": 1, "said_done_on": date(2026, 3, 1)},
        {"confirmed_on": date(2026, 3, 1)},
        {"district_code": "0203"},
    ],
)
def test_the_database_refuses_an_impossible_action(
    agreed: Action, change: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Action.objects.filter(pk=agreed.pk).update(**change)


def test_the_database_refuses_to_let_the_one_who_reported_close(agreed: Action, team: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Action.objects.filter(pk=agreed.pk).update(
            state="confirmed",
            claim=1,
            said_done_on=date(2026, 3, 1),
            confirmed_on=date(2026, 3, 2),
            said_done_by=team,
            confirmed_by=team,
        )


def test_the_first_promised_day_and_the_history_are_never_overwritten(agreed: Action) -> None:
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        Action.objects.filter(pk=agreed.pk).update(first_due_on=date(2027, 1, 1))
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        ActionEvent.objects.filter(action=agreed).update(reason="another story")
    with (
        pytest.raises((IntegrityError, InternalError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM plans_actionevent")
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        ActionEvent.objects.filter(action=agreed)._raw_delete("default")
    with (
        connection.cursor() as cursor,
        pytest.raises((IntegrityError, InternalError)),
        transaction.atomic(),
    ):
        cursor.execute("DELETE FROM plans_action")


def test_only_people_of_the_place_and_programme_write(team: User) -> None:
    plan = makers.plan(team)
    elsewhere = makers.person("coordinator", "02")
    council = makers.person("council")
    for stranger in (elsewhere, council, makers.person("donor", None)):
        with pytest.raises(PermissionDenied):
            makers.action(stranger, plan, office=None)
    assert not Plan.objects.visible_to(elsewhere).exists()
    assert Plan.objects.visible_to(council).get() == plan


def test_reports_of_an_owner_run_through_the_states(agreed: Action, council: User) -> None:
    services.report_state(by=council, action=agreed, state=State.IN_PROGRESS)
    with pytest.raises(ValidationError, match="blocks"):
        services.report_state(by=council, action=agreed, state=State.BLOCKED)
    services.report_state(by=council, action=agreed, state=State.BLOCKED, reason="no cement")
    agreed.refresh_from_db()
    assert agreed.blocked_by == "no cement"
    services.report_state(by=council, action=agreed, state=State.SAID_DONE)
    services.report_state(by=council, action=agreed, state=State.SAID_DONE)
    agreed.refresh_from_db()
    assert (agreed.claim, agreed.blocked_by, agreed.said_done_on) == (1, "", timezone.localdate())
    with pytest.raises(ValidationError):
        services.report_state(by=council, action=agreed, state=State.CONFIRMED)
    kinds = list(agreed.events.order_by("pk").values_list("state_after", flat=True))
    assert kinds == ["open", "in_progress", "blocked", "said_done"]


def test_a_dropped_action_keeps_its_reason_and_can_be_opened_again(
    agreed: Action, team: User
) -> None:
    with pytest.raises(ValidationError):
        services.drop_action(by=team, action=agreed, reason=" ")
    services.drop_action(by=team, action=agreed, reason="the road was built by others")
    with pytest.raises(ValidationError, match="closed"):
        services.report_state(by=team, action=agreed, state=State.IN_PROGRESS)
    services.reopen_action(by=team, action=agreed, reason="it was not")
    agreed.refresh_from_db()
    assert (agreed.state, agreed.drop_reason) == ("in_progress", "")


def test_a_draft_takes_no_report_and_its_actions_can_be_removed(team: User) -> None:
    plan = makers.plan(team)
    one = makers.action(team, plan)
    with pytest.raises(ValidationError, match="not agreed"):
        services.report_state(by=team, action=one, state=State.IN_PROGRESS)
    services.remove_action(by=team, action=one)
    assert not plan.actions.exists()
