"""Which programmes a person reaches in some part, and which they manage as a whole."""

from typing import Any

import pytest

from accounts.models import Membership, Programme, User
from accounts.permissions import may
from accounts.tests.factories import make_place, make_programme, make_role, make_user

pytestmark = pytest.mark.django_db
RIGHT = "submissions.review"


@pytest.fixture
def programmes() -> dict[str, Programme]:
    """Programmes of province 01, of 02, of both, and of the whole country."""
    both = make_programme("both", "01")
    both.provinces.add(make_place("02"))
    return {
        "one": make_programme("one", "01"),
        "two": make_programme("two", "02"),
        "both": both,
        "everywhere": Programme.objects.create(code="everywhere", name_km="គ", name_en="E"),
    }


def person(place: str | None, programme: Programme | None) -> User:
    user = make_user()
    role = make_role("reviewer", RIGHT)
    at = make_place(place) if place else None
    Membership.objects.create(user=user, role=role, place=at, programme=programme)
    return user


def codes(rows: Any) -> set[str]:
    return {p.code for p in rows}


@pytest.mark.parametrize(
    ("place", "programme", "reached", "managed"),
    [
        (None, None, {"one", "two", "both", "everywhere"}, {"one", "two", "both", "everywhere"}),
        ("01", None, {"one", "both", "everywhere"}, {"one"}),
        ("0102", None, {"one", "both", "everywhere"}, set()),
        ("03", None, {"everywhere"}, set()),
        ("01", "both", {"both"}, set()),
        ("01", "one", {"one"}, {"one"}),
        ("01", "everywhere", {"everywhere"}, set()),
        (None, "two", {"two"}, {"two"}),
    ],
)
def test_a_part_is_reached_and_only_a_whole_is_managed(
    programmes: dict[str, Programme],
    place: str | None,
    programme: str | None,
    reached: set[str],
    managed: set[str],
) -> None:
    user = person(place, programmes[programme] if programme else None)
    assert codes(Programme.objects.reached_by(user, RIGHT)) == reached
    assert codes(Programme.objects.managed_by(user, RIGHT)) == managed
    for code, row in programmes.items():
        assert may(user, RIGHT, programme=row.pk) == (code in reached)


@pytest.mark.parametrize(
    ("second_place", "second_programme", "managed"),
    [
        ("02", "both", {"both"}),  # its two provinces, one membership each
        ("02", None, {"both", "two"}),
        ("0201", "both", set()),  # a part of the second province
        ("02", "two", {"two"}),  # of another programme
        ("03", "both", set()),
    ],
)
def test_places_of_several_memberships_add_up_to_a_whole(
    programmes: dict[str, Programme],
    second_place: str,
    second_programme: str | None,
    managed: set[str],
) -> None:
    user = person("01", programmes["both"])
    Membership.objects.create(
        user=user,
        role=user.memberships.get().role,
        place=make_place(second_place),
        programme=programmes[second_programme] if second_programme else None,
    )
    assert codes(Programme.objects.managed_by(user, RIGHT)) == managed


def test_another_right_reaches_nothing(programmes: dict[str, Programme]) -> None:
    user = person(None, None)
    assert not Programme.objects.reached_by(user, "forms.publish")
    assert not Programme.objects.managed_by(user, "forms.publish")
    assert codes(Programme.objects.managed_by(user, "forms.publish", RIGHT)) == set(programmes)


def test_nobody_and_inactive_people_reach_nothing(programmes: dict[str, Programme]) -> None:
    user = person(None, None)
    user.is_active = False
    for who in (None, user):
        assert not Programme.objects.reached_by(who, RIGHT)
        assert not Programme.objects.managed_by(who, RIGHT)
