"""Where work begins for each role."""

from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from accounts import home, navigation
from accounts.tests.factories import join, make_user

pytestmark = pytest.mark.django_db


def _page(request: HttpRequest, code: str = "") -> HttpResponse:
    return HttpResponse(code)


rooms = (
    [
        path("room/field/", _page, name="field"),
        path("room/communes/<str:code>/", _page, name="commune"),
        path("room/donor/", _page, name="donor"),
    ],
    "rooms",
)
urlpatterns = [path("", include(rooms)), path("", include("config.urls"))]


@pytest.fixture(autouse=True)
def _rooms(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three apps of our own, so that this test does not depend on the apps above."""
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    pages = {
        "facilitator": ("nowhere:home", "rooms:field"),
        "council_member": ("rooms:commune",),
        "donor": ("rooms:donor",),
    }
    monkeypatch.setattr(home, "FIRST_PAGES", pages)


def begin(client: Client, role: str, place: str = "", *permissions: str) -> HttpResponse:
    user = make_user()
    join(user, *(permissions or ("scores.released",)), role=role, place=place)
    client.force_login(user)
    return client.get("/home/")  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("role", "place", "url"),
    [
        ("facilitator", "010201", "/room/field/"),
        ("council_member", "010201", "/room/communes/010201/"),
        ("donor", "", "/room/donor/"),
    ],
)
def test_a_role_with_one_page_goes_straight_there(
    client: Client, role: str, place: str, url: str
) -> None:
    assert begin(client, role, place).headers["Location"] == url


def test_a_coordinator_sees_the_doors_they_may_open(client: Client) -> None:
    page = begin(client, "coordinator", "01", "people.manage")
    assert page.status_code == 200
    assert "/people/" in page.content.decode()
    assert "/admin/standards" not in page.content.decode()


def test_two_councils_are_a_choice(client: Client) -> None:
    user = make_user()
    join(user, "scores.released", role="council_member", place="010201")
    join(user, "scores.released", role="council_member", place="010202")
    client.force_login(user)
    page = client.get("/home/").content.decode()
    assert "/room/communes/010201/" in page
    assert "/room/communes/010202/" in page


def test_a_room_that_is_not_there_is_no_dead_end(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "FIRST_PAGES", {"donor": ("nowhere:donor",)})
    assert begin(client, "donor").status_code == 200


def test_without_a_role_one_is_told_whom_to_ask(client: Client) -> None:
    client.force_login(make_user())
    page = client.get("/home/", headers={"accept-language": "en"})
    assert "has no role yet" in page.content.decode()


def test_a_role_that_ended_leads_nowhere(client: Client) -> None:
    user = make_user()
    past = timezone.localdate() - timedelta(days=1)
    join(user, "scores.released", role="donor", ends_on=past)
    client.force_login(user)
    assert (
        "has no role yet"
        in client.get("/home/", headers={"accept-language": "en"}).content.decode()
    )


def test_every_door_of_the_bar_asks_for_permissions_that_exist() -> None:
    from accounts.permissions import PERMISSIONS

    for page in navigation.MENU:
        assert page.public or page.permissions
        assert set(page.permissions) <= set(PERMISSIONS)
