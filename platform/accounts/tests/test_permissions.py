"""Permissions: the one answer, against every way in which it must be no."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Membership, User
from accounts.permissions import NATION, PERMISSIONS, Scope, keep_grants, may, scopes
from accounts.tests.factories import join, make_place, make_programme, make_role, make_user

TODAY = timezone.localdate()
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("nobody", [None, AnonymousUser(), "sokha", 7, object()])
def test_whoever_is_not_a_person_with_an_account_may_nothing(nobody: object) -> None:
    assert not any(may(nobody, permission) for permission in PERMISSIONS)


def test_a_person_not_yet_saved_may_nothing() -> None:
    assert not may(User(username="new", is_superuser=True), "cases.read")


def test_a_person_without_a_role_may_nothing() -> None:
    user = make_user()
    assert not any(may(user, permission) for permission in PERMISSIONS)


def test_an_inactive_person_may_nothing_whatever_their_roles() -> None:
    user = make_user(is_active=False, is_superuser=True)
    join(user, "cases.read")
    assert not may(user, "cases.read")


def test_a_superuser_may_everything_that_exists_and_nothing_else() -> None:
    user = make_user(is_superuser=True)
    assert all(may(user, permission, place="010201") for permission in PERMISSIONS)
    assert not may(user, "cases.raed")


def test_a_word_that_is_no_permission_is_a_no_even_when_a_role_holds_it() -> None:
    user = make_user()
    join(user, "everything")
    assert not may(user, "everything")


def test_a_role_holds_in_its_province_and_in_no_other() -> None:
    user = make_user()
    join(user, "cases.read", place="01")
    assert may(user, "cases.read")
    assert may(user, "cases.read", place="01")
    assert may(user, "cases.read", place="010201")
    assert not may(user, "cases.read", place="020101")
    assert not may(user, "cases.read", place="")
    assert not may(user, "cases.correct", place="010201")


def test_a_commune_does_not_reach_its_district() -> None:
    user = make_user()
    join(user, "cases.read", place="010201")
    assert may(user, "cases.read", place="01020101")
    assert not may(user, "cases.read", place="0102")
    assert not may(user, "cases.read", place="010202")


def test_a_role_holds_in_its_programme_and_in_no_other() -> None:
    user = make_user()
    ours, theirs = make_programme(), make_programme()
    join(user, "cases.read", place="01", programme=ours)
    assert may(user, "cases.read", place="0102", programme=ours.pk)
    assert not may(user, "cases.read", place="0102", programme=theirs.pk)


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (TODAY + DAY, None, False),
        (None, TODAY - DAY, False),
        (TODAY - DAY, TODAY + DAY, True),
    ],
)
def test_a_membership_holds_from_its_first_day_to_its_last(
    starts: object, ends: object, holds: bool
) -> None:
    user = make_user()
    join(user, "cases.read", starts_on=starts, ends_on=ends)  # type: ignore[arg-type]
    assert may(user, "cases.read") is holds


def test_a_request_asks_the_database_once(django_assert_num_queries: object) -> None:
    user = make_user()
    join(user, "cases.read", place="01")
    join(user, "scores.working")
    keep_grants(user)
    with django_assert_num_queries(1):  # type: ignore[operator]
        for permission in PERMISSIONS:
            may(user, permission, place="010201")


def test_a_request_of_a_person_without_roles_asks_once_too(
    django_assert_num_queries: object,
) -> None:
    user = make_user()
    keep_grants(user)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert not may(user, "cases.read")
        assert not may(user, "cases.read")


def test_without_a_request_a_new_role_counts_at_once() -> None:
    user = make_user()
    assert not may(user, "cases.read")
    join(user, "cases.read")
    assert may(user, "cases.read")


def test_the_nation_is_a_scope() -> None:
    user = make_user()
    join(user, "people.manage")
    assert scopes(user, "people.manage") == [NATION] == [Scope("", None)]


PLACES = ["", "01", "0102", "010201", "010202", "02", "0201"]
WORDS = ["cases.read", "cases.record", "scores.working"]


class AgainstANaiveSecond(TestCase):
    """The same question answered with loops over every row."""

    @settings(max_examples=60, deadline=None)
    @given(
        memberships=st.lists(
            st.tuples(
                st.sampled_from(PLACES),
                st.sampled_from([None, 0, 1]),
                st.sets(st.sampled_from(WORDS)),
                st.sampled_from([-1, 0, 1, None]),
                st.sampled_from([-1, 0, 1, None]),
            ),
            max_size=4,
        ),
        asked=st.tuples(
            st.sampled_from(WORDS),
            st.sampled_from([None, *PLACES, "01020199"]),
            st.sampled_from([None, 0, 1]),
        ),
        active=st.booleans(),
        kept=st.booleans(),
    )
    def test_may_is_what_loops_would_say(
        self, memberships: list, asked: tuple, active: bool, kept: bool
    ) -> None:
        user = make_user(is_active=active)
        programmes = [make_programme(), make_programme()]
        rows = []
        for index, (place, programme, words, *days) in enumerate(memberships):
            start, end = days if None in days else sorted(days)
            Membership.objects.create(
                user=user,
                role=make_role(f"role-{index}", *words),
                place=make_place(place) if place else None,
                programme=None if programme is None else programmes[programme],
                starts_on=None if start is None else TODAY + start * DAY,
                ends_on=None if end is None else TODAY + end * DAY,
            )
            rows.append((place, programme, words, start, end))
        if kept:
            keep_grants(user)
        permission, place, programme = asked

        expected = False
        for where, which, words, start, end in rows:
            if permission not in words:
                continue
            if start is not None and start > 0:
                continue
            if end is not None and end < 0:
                continue
            if place is not None and place[: len(where)] != where:
                continue
            if which is not None and programme is not None and which != programme:
                continue
            expected = True
        expected = expected and active

        answer = may(
            user,
            permission,
            place=place,
            programme=None if programme is None else programmes[programme].pk,
        )
        assert answer is expected
