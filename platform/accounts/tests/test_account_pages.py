"""One's own account: language, password, devices, tokens."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Token, User
from accounts.tests.factories import PASSWORD, join, make_place, make_programme, make_user
from audit.models import Entry

pytestmark = pytest.mark.django_db
NEW = "another-long-word-8"


@pytest.fixture
def user(client: Client) -> User:
    user = make_user(username="sokha")
    client.force_login(user)
    return user


def test_the_language_chosen_is_remembered_with_the_account(client: Client, user: User) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/me/"})
    assert answer.headers["Location"] == "/me/"
    user.refresh_from_db()
    assert user.language == "en"
    assert '<html lang="en">' in client.get("/me/").content.decode()
    client.post("/language/", {"language": "km", "next": "/me/"})
    assert '<html lang="km">' in client.get("/me/").content.decode()


def test_a_visitor_s_language_is_remembered_in_the_browser() -> None:
    client = Client()
    assert '<html lang="km">' in client.get("/").content.decode()
    client.post("/language/", {"language": "en", "next": "/"})
    assert '<html lang="en">' in client.get("/").content.decode()


@pytest.mark.parametrize("language", ["fr", "", "en\r\nX: 1"])
def test_a_language_we_do_not_speak_changes_nothing(client: Client, language: str) -> None:
    answer = client.post("/language/", {"language": language, "next": "//example.org"})
    assert answer.headers["Location"] == "/"
    assert "django_language" not in client.cookies


@pytest.mark.parametrize("wanted", ["abc", "accounts:me", "²", "//example.org", "9" * 5000])
def test_who_is_signed_in_is_led_to_pages_of_ours_only(
    client: Client, user: User, wanted: str
) -> None:
    answer = client.get("/sign-in/", {"next": wanted})
    assert answer.headers["Location"] == "/home/"


def test_language_is_changed_by_post_only(client: Client) -> None:
    assert client.get("/language/").status_code == 405


def test_a_new_password_keeps_this_device_and_ends_the_others(client: Client, user: User) -> None:
    other = Client()
    other.force_login(user)
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/me/password/", form).headers["Location"] == "/me/"
    assert client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert Entry.objects.get(verb="password.changed").after is None


@pytest.mark.parametrize(
    "mistake",
    [
        {"old_password": "wrong"},
        {"new_password2": "not-the-same-9"},
        {"new_password1": "12345678", "new_password2": "12345678"},
        {"new_password1": "sokha123", "new_password2": "sokha123"},
    ],
)
def test_a_bad_new_password_is_refused(client: Client, user: User, mistake: dict[str, str]) -> None:
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, **mistake}
    answer = client.post("/me/password/", form)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_signing_out_everywhere_ends_every_session(client: Client, user: User) -> None:
    other = Client()
    other.force_login(user)
    assert client.post("/me/sign-out-everywhere/").headers["Location"] == "/sign-in/"
    assert client.get("/me/").status_code == 302
    assert other.get("/me/").status_code == 302
    assert Entry.objects.filter(verb="person.signed_out_everywhere", actor="sokha").exists()
    user.refresh_from_db()
    client.force_login(user)
    assert client.get("/me/").status_code == 200


def test_an_account_that_is_closed_loses_its_sessions(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/me/").status_code == 302


def test_my_roles_are_told_with_their_place_programme_and_end(client: Client, user: User) -> None:
    join(
        user,
        "cases.record",
        place="0102",
        programme=make_programme("ours"),
        ends_on=timezone.localdate(),
    )
    page = client.get("/me/").content.decode()
    assert make_place("0102").name_km in page
    assert "កម្មវិធី" in page


def test_a_token_is_shown_once_works_and_can_be_revoked(client: Client, user: User) -> None:
    page = client.post("/me/tokens/", {"name": "monthly"})
    key = page.context["key"]
    assert key in page.content.decode()
    assert key not in client.get("/me/tokens/").content.decode()
    assert Token.objects.get().key_hash != key
    program = Client(headers={"authorization": f"Bearer {key}"})
    assert program.get("/api/v1/schema/").status_code == 200
    client.post(f"/me/tokens/{Token.objects.get().pk}/revoke/")
    assert program.get("/api/v1/schema/").status_code in {401, 403}
    assert [e.verb for e in Entry.objects.order_by("pk")] == ["token.issued", "token.revoked"]
    assert key not in str([(e.before, e.after) for e in Entry.objects.all()])


def test_somebody_else_s_token_cannot_be_revoked(client: Client, user: User) -> None:
    stranger = make_user()
    token = Token.objects.create(user=stranger, name="x", key_hash="0" * 64)
    assert client.post(f"/me/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_token_needs_a_name(client: Client, user: User) -> None:
    assert client.post("/me/tokens/", {"name": " "}).status_code == 200
    assert not Token.objects.exists()


@pytest.mark.parametrize("path", ["/me/", "/me/password/", "/me/tokens/", "/home/"])
def test_a_visitor_is_asked_to_sign_in(path: str) -> None:
    assert Client().get(path).headers["Location"] == f"/sign-in/?next={path}"


def test_pages_ask_little_of_the_database(
    client: Client, user: User, django_assert_max_num_queries: object
) -> None:
    join(user, "cases.record", "scores.working", "people.manage", place="01")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        client.get("/me/")
    # each count of the work list is a query of its own, whatever the number of rows
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        client.get("/home/")
