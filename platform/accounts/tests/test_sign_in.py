"""Signing in: clear words, no guessing, no way out to another site."""

import io
import json
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import demo, throttle
from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tokens import issue
from khmer.digits import to_khmer

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/"


@pytest.fixture
def user() -> User:
    return make_user(username="sokha")


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def sign_in(client: Client, **data: str) -> object:
    return client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD, **data})


def test_right_name_and_password_lead_home_and_bring_the_person_s_language(
    client: Client, user: User
) -> None:
    User.objects.filter(pk=user.pk).update(language="en")
    answer = client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/home/")
    assert client.cookies["django_language"].value == "en"


def test_blanks_and_invisible_characters_around_the_name_are_forgiven(
    client: Client, user: User
) -> None:
    answer = client.post(SIGN_IN, {"username": " sokha\u200b ", "password": PASSWORD})
    assert answer.status_code == 302


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    client: Client, user: User
) -> None:
    wrong = client.post(
        SIGN_IN, {"username": "sokha", "password": "x"}, headers={"accept-language": "en"}
    )
    unknown = client.post(
        SIGN_IN, {"username": "nobody", "password": "x"}, headers={"accept-language": "en"}
    )
    sentence = "The name or the password is wrong. Please try again."
    assert sentence in wrong.content.decode()
    assert sentence in unknown.content.decode()


def test_a_closed_account_is_not_told_from_a_wrong_password(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    answer = client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_person_who_is_signed_in_goes_on(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get(SIGN_IN, {"next": "/me/"}).headers["Location"] == "/me/"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/me/tokens/", "/me/tokens/"),
        ("", "/home/"),
        ("https://example.org/", "/home/"),
        ("//example.org/", "/home/"),
        ("/\\example.org", "/home/"),
        ("javascript:alert(1)", "/home/"),
    ],
)
def test_after_signing_in_one_stays_in_the_house(
    client: Client, user: User, wanted: str, given: str
) -> None:
    answer = client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD, "next": wanted})
    assert answer.headers["Location"] == given


def test_a_page_that_needs_a_person_asks_to_sign_in_and_comes_back(client: Client) -> None:
    assert client.get("/me/").headers["Location"] == "/sign-in/?next=/me/"


def test_guessing_one_name_is_slowed_and_the_right_password_waits_too(
    client: Client, user: User
) -> None:
    for _ in range(throttle.PAIR.most):
        assert client.post(SIGN_IN, {"username": "sokha", "password": "x"}).status_code == 200
    answer = client.post(SIGN_IN, {"username": "SOKHA", "password": PASSWORD})
    assert answer.status_code == 429
    assert to_khmer("15") in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_others_in_the_same_office_may_still_sign_in(client: Client, user: User) -> None:
    make_user(username="dara")
    for _ in range(throttle.PAIR.most):
        throttle.count_failure(name="sokha", address="127.0.0.1")
    assert client.post(SIGN_IN, {"username": "dara", "password": PASSWORD}).status_code == 302


def test_one_address_cannot_try_every_name(client: Client, user: User) -> None:
    for number in range(throttle.ADDRESS.most):
        throttle.count_failure(name=f"guess{number}", address="127.0.0.1")
    assert client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD}).status_code == 429


def test_a_name_cannot_be_tried_from_everywhere(client: Client, user: User) -> None:
    for number in range(throttle.NAME.most):
        throttle.count_failure(name="sokha", address=f"10.0.0.{number}")
    assert client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD}).status_code == 429


def test_a_right_password_forgives_earlier_mistakes(client: Client, user: User) -> None:
    for _ in range(throttle.PAIR.most - 1):
        throttle.count_failure(name="sokha", address="127.0.0.1")
    assert client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD}).status_code == 302
    assert not throttle.minutes_to_wait(name="sokha", address="127.0.0.1")


def test_a_browser_that_is_known_is_not_kept_out_by_strangers_at_the_same_address(
    client: Client, user: User
) -> None:
    right = {"username": "sokha", "password": PASSWORD}
    assert client.post(SIGN_IN, right).status_code == 302
    client.post(reverse("accounts:sign_out"))
    for number in range(throttle.ADDRESS.most):
        throttle.count_failure(name=f"guess{number}", address="127.0.0.1")
    for number in range(throttle.NAME.most):
        throttle.count_failure(name="sokha", address=f"10.0.0.{number}")
    assert Client().post(SIGN_IN, right).status_code == 429
    assert client.post(SIGN_IN, right).status_code == 302


def test_a_known_browser_may_not_guess_either_nor_know_another_person(
    client: Client, user: User
) -> None:
    make_user(username="dara")
    assert client.post(SIGN_IN, {"username": "dara", "password": PASSWORD}).status_code == 302
    client.post(reverse("accounts:sign_out"))
    for name in ("dara", "sokha"):
        for _ in range(8):
            client.post(SIGN_IN, {"username": name, "password": "x"})
        assert client.post(SIGN_IN, {"username": name, "password": PASSWORD}).status_code == 429


def test_signing_out_needs_a_post_and_ends_the_session(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert client.post(reverse("accounts:sign_out")).headers["Location"] == "/"
    assert client.get("/me/").status_code == 302


def test_demo_accounts_and_their_keys_open_nothing_where_real_people_are_served(
    client: Client, user: User, settings: object
) -> None:
    User.objects.filter(pk=user.pk).update(is_demo=True)
    _token, key = issue(user=user, name="demo")
    program = Client(headers={"authorization": f"Bearer {key}"})
    assert client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD}).status_code == 302
    assert client.get("/me/").status_code == 200
    assert program.get("/api/v1/schema/").status_code == 200
    settings.LIVE = True  # type: ignore[attr-defined]
    assert client.get("/me/").status_code == 302
    assert client.post(SIGN_IN, {"username": "sokha", "password": PASSWORD}).status_code == 200
    assert program.get("/api/v1/schema/").status_code in {401, 403}


@pytest.mark.parametrize("live", [False, True])
def test_a_demo_shows_its_accounts_and_password_and_a_live_platform_never(
    client: Client, settings, tmp_path: Path, live: bool
) -> None:
    settings.VAR, settings.LIVE = tmp_path, live
    shown = {"username": "visal", "password": "krama-lotus-1234", "role": "donor"}
    (tmp_path / demo.ACCOUNTS_FILE).write_text(json.dumps({"accounts": [shown]}))
    make_user(username="visal", is_demo=True)
    call_command("load_roles", stdout=io.StringIO())
    page = client.get(SIGN_IN).content.decode()
    assert ("krama-lotus-1234" in page, "visal" in page) == (not live, not live)


def test_a_file_of_accounts_beside_real_people_is_not_shown(
    client: Client, settings, tmp_path: Path, user: User
) -> None:
    settings.VAR = tmp_path
    shown = {"username": "visal", "password": "krama-lotus-1234", "role": "donor"}
    (tmp_path / demo.ACCOUNTS_FILE).write_text(json.dumps({"accounts": [shown]}))
    assert "krama-lotus-1234" not in client.get(SIGN_IN).content.decode()
