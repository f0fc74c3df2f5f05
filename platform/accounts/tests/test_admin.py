"""The admin of people: for those who manage everywhere, and every change is written down."""

import pytest
from django.test import Client

from accounts.models import Membership, Programme, Token, User
from accounts.tests.factories import PASSWORD, join, make_place, make_role, make_user
from accounts.tokens import issue
from audit.models import Entry

pytestmark = pytest.mark.django_db
LISTS = ["user", "membership", "programme", "role", "token"]


@pytest.fixture
def manager(client: Client) -> User:
    user = make_user(username="manager", is_staff=True)
    join(user, "people.manage")
    client.force_login(user)
    return user


@pytest.mark.parametrize("name", LISTS)
def test_a_nation_s_manager_opens_every_list(client: Client, manager: User, name: str) -> None:
    assert client.get(f"/admin/accounts/{name}/").status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_staff_who_manage_one_province_or_nobody_do_not(client: Client, name: str) -> None:
    user = make_user(is_staff=True)
    join(user, "people.manage", place="01")
    join(user, "standards.edit")
    client.force_login(user)
    assert client.get(f"/admin/accounts/{name}/").status_code == 403


def test_a_change_is_written_down_with_before_and_after(client: Client, manager: User) -> None:
    user = make_user(username="dara", display_name="old")
    form = {"username": "dara", "display_name": "new", "language": "en", "is_active": "on"}
    answer = client.post(f"/admin/accounts/user/{user.pk}/change/", form)
    assert answer.status_code == 302
    entry = Entry.objects.get(verb="user.changed")
    assert entry.actor == "manager"
    assert ("display_name", "old", "new") in entry.changes
    history = client.get(f"/admin/accounts/user/{user.pk}/history/").content.decode()
    assert "user.changed" in history


def test_passwords_never_enter_history(client: Client, manager: User) -> None:
    form = {
        "username": "dara",
        "display_name": "",
        "language": "km",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert client.post("/admin/accounts/user/add/", form).status_code == 302
    user = User.objects.get(username="dara")
    new = "quite-another-word-9"
    form = {"usable_password": "true", "password1": new, "password2": new}
    assert client.post(f"/admin/accounts/user/{user.pk}/password/", form).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    entries = Entry.objects.filter(subject_id=user.pk, subject_type="accounts.user")
    assert entries.count() == 2
    written = str([(e.before, e.after) for e in entries])
    assert PASSWORD not in written
    assert new not in written
    assert user.password not in written


def test_memberships_and_programmes_are_added_with_history(client: Client, manager: User) -> None:
    user, role, place = make_user(), make_role("facilitator"), make_place("01")
    form = {"user": user.pk, "role": role.pk, "place": "01", "programme": ""}
    assert client.post("/admin/accounts/membership/add/", form).status_code == 302
    assert Membership.objects.get(user=user).place == place
    assert Entry.objects.get(verb="membership.added").place_code == "01"
    form = {"code": "p", "name_km": "ក", "name_en": "P", "provinces": ["01"]}
    assert client.post("/admin/accounts/programme/add/", form).status_code == 302
    assert Entry.objects.get(verb="programme.added").after["provinces"] == ["01"]
    assert Programme.objects.get().provinces.get() == place


def test_what_is_deleted_is_kept_in_history(client: Client, manager: User) -> None:
    membership = join(make_user(), "cases.record", place="01")
    url = f"/admin/accounts/membership/{membership.pk}/delete/"
    assert client.post(url, {"post": "yes"}).status_code == 302
    entry = Entry.objects.get(verb="membership.deleted")
    assert entry.before["place_id"] == "01"


def test_nobody_is_deleted_and_superusers_are_out_of_reach(client: Client, manager: User) -> None:
    root = make_user(username="root", is_superuser=True, is_staff=True)
    assert (
        client.post(f"/admin/accounts/user/{root.pk}/delete/", {"post": "yes"}).status_code == 403
    )
    form = {"username": "taken", "language": "km"}
    assert client.post(f"/admin/accounts/user/{root.pk}/change/", form).status_code == 403
    form = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(f"/admin/accounts/user/{root.pk}/password/", form).status_code == 403
    root.refresh_from_db()
    assert root.username == "root"


def test_a_manager_does_not_make_superusers(client: Client, manager: User) -> None:
    form = {"username": "manager", "language": "km", "is_active": "on", "is_superuser": "on"}
    client.post(f"/admin/accounts/user/{manager.pk}/change/", form)
    manager.refresh_from_db()
    assert not manager.is_superuser


def test_the_trail_can_be_read_and_not_touched(client: Client, manager: User) -> None:
    entry = Entry.objects.create(actor="x", verb="x", subject_type="x", subject_id="1")
    assert client.get("/admin/audit/entry/").status_code == 200
    assert client.get(f"/admin/audit/entry/{entry.pk}/change/").status_code == 200
    assert client.get("/admin/audit/entry/add/").status_code == 403
    assert client.post(f"/admin/audit/entry/{entry.pk}/delete/").status_code == 403
    assert client.post(f"/admin/audit/entry/{entry.pk}/change/", {"actor": "y"}).status_code == 403


def test_a_lost_token_is_revoked_by_the_manager(client: Client, manager: User) -> None:
    token, _key = issue(user=make_user(), name="lost")
    form = {"revoked_at_0": "2026-01-01", "revoked_at_1": "08:00:00"}
    assert client.post(f"/admin/accounts/token/{token.pk}/change/", form).status_code == 302
    assert not Token.objects.usable().exists()
    assert Entry.objects.filter(verb="token.changed").exists()
