"""Coordinators manage the people of their own places, and nobody above themselves."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from accounts.permissions import may
from accounts.tests.factories import PASSWORD, join, make_place, make_role, make_user
from audit.models import Entry

pytestmark = pytest.mark.django_db
MANAGER = ("people.manage", "cases.record", "scores.released")


@pytest.fixture
def coordinator(client: Client) -> User:
    user = make_user(username="coordinator")
    join(user, *MANAGER, place="01", role="coordinator")
    client.force_login(user)
    make_place("010201")
    make_place("020101")
    make_role("facilitator", "cases.record")
    return user


def new_person(**changes: str) -> dict[str, str]:
    role = make_role("facilitator", "cases.record")
    return {
        "username": "dara",
        "display_name": "ដារា",
        "language": "km",
        "role": str(role.pk),
        "place": "០១០២០១",
        "programme": "",
        "ends_on": "",
        **changes,
    }


def test_a_person_is_added_with_a_role_and_a_password_shown_once(
    client: Client, coordinator: User
) -> None:
    page = client.post("/people/add/", new_person())
    password = page.context["password"]
    assert password in page.content.decode()
    dara = User.objects.get(username="dara")
    assert dara.check_password(password)
    assert may(dara, "cases.record", place="010201")
    assert password not in client.get(f"/people/{dara.pk}/").content.decode()
    assert Client().login(username="dara", password=password)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("place", "020101"),
        ("place", ""),
        ("place", "019999"),
        ("username", "coordinator"),
        ("username", ""),
        ("ends_on", "31/02/2026"),
        ("language", "fr"),
        ("role", "0"),
    ],
)
def test_a_mistake_is_told_and_adds_nobody(
    client: Client, coordinator: User, field: str, value: str
) -> None:
    page = client.post("/people/add/", new_person(**{field: value}))
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert User.objects.count() == 1
    assert not Entry.objects.exists()


def test_stronger_roles_are_not_on_offer(client: Client, coordinator: User) -> None:
    stronger = make_role("administrator", "standards.edit")
    page = client.post("/people/add/", new_person(role=str(stronger.pk)))
    assert User.objects.count() == 1
    assert page.context["form"].errors["role"]


def test_a_role_is_given_and_ended(client: Client, coordinator: User) -> None:
    dara = make_user()
    join(dara, "cases.record", place="0102")
    role = make_role("facilitator", "cases.record")
    client.post(
        f"/people/{dara.pk}/", {"role": role.pk, "place": "010201", "ends_on": "៣១/១២/២០៩៩"}
    )
    membership = Membership.objects.get(user=dara, place="010201")
    assert str(membership.ends_on) == "2099-12-31"
    client.post(f"/people/roles/{membership.pk}/end/")
    membership.refresh_from_db()
    assert membership.ends_on == timezone.localdate()


def test_people_elsewhere_are_not_there(client: Client, coordinator: User) -> None:
    stranger = make_user(username="stranger")
    membership = join(stranger, "cases.record", place="02")
    assert "stranger" not in client.get("/people/").content.decode()
    assert client.get(f"/people/{stranger.pk}/").status_code == 404
    assert client.post(f"/people/roles/{membership.pk}/end/").status_code == 404
    answer = client.post(f"/people/{stranger.pk}/account/", {"do": "reset"})
    assert answer.status_code == 404
    stranger.refresh_from_db()
    assert stranger.check_password(PASSWORD)


def test_a_password_is_reset_for_one_s_own_people(client: Client, coordinator: User) -> None:
    dara = make_user()
    join(dara, "cases.record", place="010201")
    device = Client()
    device.force_login(dara)
    page = client.post(f"/people/{dara.pk}/account/", {"do": "reset"})
    dara.refresh_from_db()
    assert dara.check_password(page.context["password"])
    assert device.get("/me/").status_code == 302
    assert Entry.objects.filter(verb="password.reset", subject_id=dara.pk).exists()


@pytest.mark.parametrize(
    ("permission", "place"),
    [("cases.record", "02"), ("cases.record", ""), ("standards.edit", "01")],
)
@pytest.mark.parametrize("what", ["reset", "close"])
def test_nobody_takes_over_an_account_that_may_do_more(
    client: Client, coordinator: User, permission: str, place: str, what: str
) -> None:
    dara = make_user()
    join(dara, "cases.record", place="010201")
    join(dara, permission, place=place)
    answer = client.post(f"/people/{dara.pk}/account/", {"do": what})
    assert answer.status_code == 302
    dara.refresh_from_db()
    assert dara.is_active
    assert dara.check_password(PASSWORD)


def test_a_superuser_s_account_is_out_of_reach(client: Client, coordinator: User) -> None:
    root = make_user(is_superuser=True)
    join(root, "cases.record", place="010201")
    client.post(f"/people/{root.pk}/account/", {"do": "close"})
    root.refresh_from_db()
    assert root.is_active


def test_an_account_is_closed_and_opened_again(client: Client, coordinator: User) -> None:
    dara = make_user()
    join(dara, "cases.record", place="010201")
    client.post(f"/people/{dara.pk}/account/", {"do": "close"})
    assert not may(User.objects.get(pk=dara.pk), "cases.record")
    client.post(f"/people/{dara.pk}/account/", {"do": "open"})
    assert may(User.objects.get(pk=dara.pk), "cases.record")
    assert [e.verb for e in Entry.objects.order_by("pk")] == ["person.closed", "person.opened"]


def test_a_facilitator_has_no_door_here(client: Client) -> None:
    user = make_user()
    join(user, "cases.record", place="01")
    client.force_login(user)
    assert client.get("/people/").status_code == 403
    assert client.get("/people/add/").status_code == 403


def test_the_list_asks_the_same_few_questions_for_any_number_of_people(
    client: Client, coordinator: User, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        join(make_user(), "cases.record", place="010201", role="facilitator")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page = client.get("/people/?q=person")
    assert page.context["page"].paginator.count == 12
