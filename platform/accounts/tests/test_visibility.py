"""The people, memberships, programmes and tokens that each person sees."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Membership, Programme, Token, User
from accounts.tests.factories import join, make_programme, make_user
from accounts.tokens import issue

pytestmark = pytest.mark.django_db

MODELS = [User, Membership, Programme, Token]


@pytest.fixture
def elsewhere() -> User:
    user = make_user(username="elsewhere")
    join(user, "cases.read", place="02", programme=make_programme("theirs", "02"))
    issue(user=user, name="theirs")
    return user


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("nobody", [None, AnonymousUser(), User(username="unsaved")])
def test_nobody_sees_nothing(model: type, nobody: object, elsewhere: User) -> None:
    if isinstance(nobody, User):
        nobody.is_active = False
    assert not model.objects.visible_to(nobody).exists()  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", MODELS)
def test_an_inactive_person_sees_nothing(model: type, elsewhere: User) -> None:
    elsewhere.is_active = False
    elsewhere.save()
    assert not model.objects.visible_to(elsewhere).exists()  # type: ignore[attr-defined]


def test_everybody_sees_their_own_and_no_more(elsewhere: User) -> None:
    me = make_user()
    mine = join(me, "cases.record", place="01", programme=make_programme("ours", "01"))
    token, _key = issue(user=me, name="mine")
    assert list(User.objects.visible_to(me)) == [me]
    assert list(Membership.objects.visible_to(me)) == [mine]
    assert [p.code for p in Programme.objects.visible_to(me)] == ["ours"]
    assert list(Token.objects.visible_to(me)) == [token]


def test_a_coordinator_sees_the_people_of_their_province(elsewhere: User) -> None:
    me, near = make_user(), make_user()
    join(me, "people.manage", place="01")
    join(near, "cases.record", place="010201")
    issue(user=near, name="theirs")
    assert set(User.objects.visible_to(me)) == {me, near}
    assert {m.user for m in Membership.objects.visible_to(me)} == {me, near}
    assert {t.user for t in Token.objects.visible_to(me)} == {near}


def test_a_coordinator_of_one_programme_does_not_see_the_other_in_the_same_province() -> None:
    ours, theirs = make_programme("ours", "01"), make_programme("theirs", "01")
    me, colleague, stranger = make_user(), make_user(), make_user()
    join(me, "people.manage", place="01", programme=ours)
    join(colleague, "cases.record", place="0102", programme=ours)
    join(stranger, "cases.record", place="0102", programme=theirs)
    assert set(User.objects.visible_to(me)) == {me, colleague}
    assert list(Programme.objects.visible_to(me)) == [ours]


def test_a_nation_s_manager_sees_everybody(elsewhere: User) -> None:
    me = make_user()
    join(me, "people.manage")
    without_role = make_user()
    assert set(User.objects.visible_to(me)) == {me, elsewhere, without_role}
    assert Membership.objects.visible_to(me).count() == 2
    assert Programme.objects.visible_to(me).count() == 1


def test_whoever_is_bound_to_no_programme_sees_those_at_work_in_their_province(
    elsewhere: User,
) -> None:
    me = make_user()
    join(me, "cases.record", place="0102")
    make_programme("here", "01", "03")
    make_programme("everywhere")
    assert {p.code for p in Programme.objects.visible_to(me)} == {"here", "everywhere"}


def test_a_membership_that_ended_shows_no_programme_any_more() -> None:
    me = make_user()
    past = timezone.localdate() - timedelta(days=1)
    join(me, "cases.record", place="01", programme=make_programme("old", "01"), ends_on=past)
    assert not Programme.objects.visible_to(me).exists()


def test_a_superuser_sees_all(elsewhere: User) -> None:
    me = make_user(is_superuser=True)
    assert User.objects.visible_to(me).count() == 2
    assert Programme.objects.visible_to(me).count() == 1
    assert Token.objects.visible_to(me).count() == 1
