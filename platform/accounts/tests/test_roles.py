"""Roles are data; nobody hands out more than they hold."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Membership, Role
from accounts.permissions import PERMISSIONS, may
from accounts.services import add_person, end_membership, grant_role, load_roles
from accounts.tests.factories import (
    PASSWORD,
    join,
    make_place,
    make_programme,
    make_role,
    make_user,
)
from audit.models import Entry

pytestmark = pytest.mark.django_db


def definitions() -> list[dict[str, Any]]:
    file = Path(settings.ROOT) / "fixtures" / "roles.json"
    roles: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["roles"]
    return roles


def test_the_file_of_roles_loads_and_loading_again_changes_nothing() -> None:
    out = StringIO()
    call_command("load_roles", stdout=out)
    assert json.loads(out.getvalue()) == {"added": 8, "changed": 0, "unchanged": 0}
    entries = Entry.objects.count()
    out = StringIO()
    call_command("load_roles", stdout=out)
    assert json.loads(out.getvalue()) == {"added": 0, "changed": 0, "unchanged": 8}
    assert Entry.objects.count() == entries


def test_every_role_explains_itself_in_both_languages() -> None:
    for role in definitions():
        assert len(role["about_en"]) > 60
        assert len(role["about_km"]) > 60
        assert set(role["permissions"]) <= set(PERMISSIONS)


def test_single_cases_stay_with_those_who_work_on_them() -> None:
    may_read = {r["code"] for r in definitions() if "cases.read" in r["permissions"]}
    assert may_read == {"administrator", "coordinator", "facilitator"}
    sealed = {r["code"] for r in definitions() if "reports.open" in r["permissions"]}
    assert sealed == {"report_keeper"}


def test_donors_and_councils_see_released_figures_only() -> None:
    for role in definitions():
        if role["code"] in {"donor", "council_member", "district_officer"}:
            permissions = set(role["permissions"])
            assert "scores.released" in permissions
            assert "scores.working" not in permissions
            assert not {name for name in permissions if name.startswith(("cases.", "reports."))}


def test_a_permission_that_does_not_exist_is_refused() -> None:
    bad = {**definitions()[0], "permissions": ["cases.raed"]}
    with pytest.raises(ValidationError, match=r"cases\.raed"):
        load_roles([bad])
    assert not Role.objects.exists()


def test_a_person_is_added_and_given_a_role_with_history() -> None:
    admin = make_user(is_superuser=True)
    user = add_person(by=admin, username="dara", password=PASSWORD)
    membership = grant_role(
        by=admin, user=user, role=make_role("facilitator", "cases.record"), place=make_place("0102")
    )
    assert may(user, "cases.record", place="010201")
    assert [e.verb for e in Entry.objects.order_by("pk")] == ["person.added", "role.granted"]
    assert Entry.objects.get(verb="role.granted").place_code == "0102"
    again = grant_role(by=admin, user=user, role=membership.role, place=membership.place)
    assert again == membership
    assert Entry.objects.filter(verb="role.granted").count() == 1


def test_an_ended_role_stays_as_history_and_gives_nothing() -> None:
    admin, user = make_user(is_superuser=True), make_user()
    membership = join(user, "cases.record", place="01")
    end_membership(
        by=admin, membership=membership, ends_on=timezone.localdate() - timedelta(days=1)
    )
    assert not may(user, "cases.record")
    assert Membership.objects.count() == 1


def test_the_admin_opens_for_roles_that_work_in_it() -> None:
    admin, user = make_user(is_superuser=True), make_user()
    grant_role(by=admin, user=user, role=make_role("facilitator", "cases.record"))
    assert not user.is_staff
    grant_role(by=admin, user=user, role=make_role("editor", "standards.edit"))
    user.refresh_from_db()
    assert user.is_staff


@pytest.mark.parametrize("place", ["", "02", "0201"])
def test_a_coordinator_gives_no_role_outside_their_province(place: str) -> None:
    coordinator, user = make_user(), make_user()
    join(coordinator, "people.manage", "cases.record", place="01")
    role = make_role("facilitator", "cases.record")
    with pytest.raises(ValidationError):
        grant_role(by=coordinator, user=user, role=role, place=make_place(place) if place else None)
    assert not user.memberships.exists()


def test_a_coordinator_of_one_programme_gives_no_role_in_all() -> None:
    coordinator, user = make_user(), make_user()
    ours = make_programme()
    join(coordinator, "people.manage", "cases.record", place="01", programme=ours)
    role, place = make_role("facilitator", "cases.record"), make_place("0102")
    with pytest.raises(ValidationError):
        grant_role(by=coordinator, user=user, role=role, place=place)
    with pytest.raises(ValidationError):
        grant_role(by=coordinator, user=user, role=role, place=place, programme=make_programme())
    grant_role(by=coordinator, user=user, role=role, place=place, programme=ours)


def test_nobody_gives_a_role_that_can_do_what_they_cannot() -> None:
    coordinator = make_user()
    join(coordinator, "people.manage", "cases.record", place="01")
    stronger = make_role("editor", "standards.edit")
    with pytest.raises(ValidationError):
        grant_role(by=coordinator, user=coordinator, role=stronger, place=make_place("01"))


def test_end_must_not_lie_before_the_start() -> None:
    admin, user = make_user(is_superuser=True), make_user()
    today = timezone.localdate()
    with pytest.raises(ValidationError):
        grant_role(
            by=admin,
            user=user,
            role=make_role("facilitator"),
            starts_on=today,
            ends_on=today - timedelta(days=1),
        )
