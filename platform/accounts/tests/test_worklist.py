"""The work list of the home page, the frame around every page, and the language one brings along."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts import navigation, worklist
from accounts.models import User
from accounts.tests.factories import join, make_user
from accounts.worklist import Count, counts_for

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def counters(monkeypatch: pytest.MonkeyPatch) -> list[worklist.Counter]:
    """No counters but those that a test adds."""
    mine: list[worklist.Counter] = []
    monkeypatch.setattr(worklist, "_counters", mine)
    return mine


def _people(user: User) -> Iterator[Count]:
    yield worklist.count("accounts:people", 93, "%(n)s people", "/people/", waits=False)
    yield worklist.count("accounts:programmes", 0, "%(n)s programmes end soon", "/programmes/")
    yield worklist.count("accounts:people", 1200, "%(n)s roles end soon", "/people/?ends")


def test_what_waits_comes_first_with_its_number_in_the_readers_digits(
    client: Client, counters: list[worklist.Counter]
) -> None:
    worklist.add_counter(_people)
    worklist.add_counter(_people)
    user = make_user()
    join(user, "people.manage", role="coordinator", place="01")
    client.force_login(user)
    page = client.get("/home/", headers=ENGLISH).content.decode()
    waiting, others = page.split('id="pages"')
    assert "1,200 roles end soon" in waiting
    assert "/people/?ends" in waiting
    assert "93 people" in waiting
    assert "/programmes/" not in waiting[waiting.index('id="waiting"') :]
    assert "Nothing waits" in others
    assert "១.២០០" in client.get("/home/").content.decode()
    assert [c.number for c in counts_for(user)] == [1200, 93, 0]


def test_nothing_waiting_is_said(client: Client, counters: list[worklist.Counter]) -> None:
    user = make_user()
    join(user, "people.manage", role="coordinator", place="01")
    client.force_login(user)
    assert "Nothing waits for you." in client.get("/home/", headers=ENGLISH).content.decode()


def test_every_count_belongs_to_a_card_that_exists() -> None:
    """A counter whose page nobody shows would be lost silently: all real ones are asked."""
    user = make_user(is_superuser=True)
    names = {name for page in navigation.MENU for name in page.names}
    counts = counts_for(user)
    assert counts
    assert {count.page for count in counts} <= names


def test_the_menu_holds_every_page_and_needs_no_javascript(client: Client) -> None:
    user = make_user()
    join(user, "people.manage", role="coordinator", place="01")
    client.force_login(user)
    page = client.get("/me/", headers=ENGLISH).content.decode()
    menu = page[page.index('<details class="menu">') : page.index("</details>")]
    for address in ("/home/", "/people/", "/programmes/", "/services/", "/sign-out/", "/me/"):
        assert f'"{address}"' in menu
    assert "<script" not in menu


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/services/", "/nowhere/"])
def test_every_page_leads_to_the_app_posters_tablet_and_hotline(client: Client, path: str) -> None:
    page = client.get(path, headers=ENGLISH).content.decode()
    footer = page[page.index("<footer") :]
    for address in ("/app/", "/posters/", "/tablet/"):
        assert f'href="{address}"' in footer
    assert "hotline" in footer
    assert 'action="/search/"' in page


def test_a_page_behind_a_door_names_the_pages_above_it(client: Client) -> None:
    user = make_user()
    join(user, "people.manage", role="coordinator", place="01")
    assert [
        link.url for link in navigation.trail_to(user, "/people/add/", navigation.links_for(user))
    ] == [
        "/home/",
        "/people/",
    ]
    assert [
        link.url for link in navigation.trail_to(user, "/people/", navigation.links_for(user))
    ] == ["/home/"]
    assert navigation.trail_to(user, "/home/", navigation.links_for(user)) == []
    assert [
        link.url
        for link in navigation.trail_to(None, "/services/birth/", navigation.links_for(None))
    ] == [
        "/",
        "/services/",
    ]
    client.force_login(user)
    page = client.get("/people/add/", headers=ENGLISH).content.decode()
    crumbs = page[page.index('class="breadcrumbs') :]
    assert crumbs.index("/home/") < crumbs.index("/people/") < crumbs.index("</nav>")


def _sign_in(client: Client, user: User) -> str:
    user.set_password("a-good-password-3")
    user.save()
    client.post("/sign-in/", {"username": user.username, "password": "a-good-password-3"})
    user.refresh_from_db()
    return client.get("/me/").headers["Content-Language"]


def test_the_language_chosen_before_signing_in_stays() -> None:
    client, user = Client(), make_user(language="km")
    client.post("/language/", {"language": "en"})
    assert _sign_in(client, user) == "en"
    assert user.language == "en"


def test_on_a_shared_computer_the_language_of_the_one_before_does_not_stay() -> None:
    client = Client()
    first, second = make_user(language="en"), make_user(language="km")
    assert _sign_in(client, first) == "en"
    client.post("/sign-out/")
    assert _sign_in(client, second) == "km"
    assert second.language == "km"


def test_a_language_that_does_not_exist_changes_nothing() -> None:
    client, user = Client(), make_user(language="km")
    client.cookies["language_chosen"] = "xx"
    assert _sign_in(client, user) == "km"
