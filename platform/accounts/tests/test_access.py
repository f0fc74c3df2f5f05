"""Guards of views and of the API, and the sentence for a person who is refused."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.views import View
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import RequireMixin, api_permission, check, require
from accounts.models import User
from accounts.tests.factories import join, make_user

pytestmark = pytest.mark.django_db


@require("scores.working", place="code")
def at_a_place(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse(code)


@require("scores.released", "scores.working")
def either(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


class AtAPlace(RequireMixin, View):
    permissions = ("scores.working",)
    place_kwarg = "code"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return HttpResponse(code)


VIEWS = [at_a_place, AtAPlace.as_view()]


def ask(user: object, path: str = "/x/?a=1") -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user  # type: ignore[assignment]
    return request


@pytest.fixture
def user() -> User:
    user = make_user()
    join(user, "scores.working", place="01")
    return user


@pytest.mark.parametrize("view", VIEWS)
def test_a_visitor_is_sent_to_sign_in_and_back(view: object) -> None:
    answer = view(ask(AnonymousUser()), code="010201")  # type: ignore[operator]
    assert answer.headers["Location"] == "/sign-in/?next=/x/%3Fa%3D1"


@pytest.mark.parametrize("view", VIEWS)
def test_the_door_opens_where_the_permission_holds(view: object, user: User) -> None:
    assert view(ask(user), code="010201").content == b"010201"  # type: ignore[operator]
    with pytest.raises(PermissionDenied):
        view(ask(user), code="020101")  # type: ignore[operator]


def test_one_of_several_permissions_is_enough(user: User) -> None:
    assert either(ask(user)).status_code == 200
    with pytest.raises(PermissionDenied):
        either(ask(make_user()))


def test_a_door_without_a_permission_cannot_be_built() -> None:
    for permissions in [(), ("scores.wroking",)]:
        with pytest.raises(ValueError, match="permission"):
            require(*permissions)
        with pytest.raises(ValueError, match="permission"):
            api_permission(*permissions)


def test_the_refusal_says_what_may_not_be_done() -> None:
    with pytest.raises(PermissionDenied) as refused:
        check(AnonymousUser(), "standards.edit")
    assert "ស្តង់ដារ" in str(refused.value) or "standards" in str(refused.value)


def test_the_api_s_door(user: User) -> None:
    door = api_permission("scores.working")()
    request = Request(ask(user))
    request.user = user
    assert door.has_permission(request, APIView())
    request.user = make_user()
    assert not door.has_permission(request, APIView())
    request.user = AnonymousUser()
    assert not door.has_permission(request, APIView())


def test_whoever_is_refused_reads_a_sentence_and_a_way_on(client: Client, user: User) -> None:
    client.force_login(user)
    answer = client.get("/people/", headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "no right to manage accounts" in answer.content.decode()
