"""Passwords at Central's addresses: limited guessing, one slow check, ended at once."""

import base64

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher

from accounts import services, throttle
from accounts.models import User
from surveys.openrosa import passwords

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-9"


class CountingHasher(MD5PasswordHasher):
    """A hasher that counts how often a password was weighed."""

    weighed = 0

    def verify(self, password, encoded):
        type(self).weighed += 1
        return super().verify(password, encoded)


@pytest.fixture
def person(db):
    passwords.forget_passwords()
    yield User.objects.create_user("analyst", PASSWORD)
    passwords.forget_passwords()


def with_password(client, password=PASSWORD):
    pair = base64.b64encode(f"analyst:{password}".encode()).decode()
    return client.get("/v1/users/current", HTTP_AUTHORIZATION=f"Basic {pair}").status_code


def signed_in(client, password=PASSWORD):
    fields = {"email": "analyst", "password": password}
    return client.post("/v1/sessions", fields, content_type="application/json")


def with_token(client, token):
    return client.get("/v1/users/current", HTTP_AUTHORIZATION=f"Bearer {token}").status_code


def test_a_right_password_is_weighed_once(client, settings, person):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    person.set_password(PASSWORD)
    person.save()
    CountingHasher.weighed = 0
    assert [with_password(client) for _time in range(5)] == [200] * 5
    assert CountingHasher.weighed == 1
    assert with_password(client, "another") == 401
    assert with_password(client, PASSWORD + "\n") == 401


def test_what_is_remembered_ends_with_the_password_and_with_the_person(client, person):
    assert with_password(client) == 200
    services.change_password(by=person, user=person, password="a-newer-password-9")
    assert with_password(client) == 401
    assert with_password(client, "a-newer-password-9") == 200
    User.objects.update(is_active=False)
    assert with_password(client, "a-newer-password-9") == 401


@pytest.mark.parametrize("end", ["password", "everywhere", "closed"])
def test_a_session_ends_with_the_password_and_with_signing_out_everywhere(client, person, end):
    token = signed_in(client).json()["token"]
    assert with_token(client, token) == 200
    if end == "password":
        services.change_password(by=person, user=person, password="a-newer-password-9")
    elif end == "everywhere":
        services.sign_out_everywhere(by=person, user=person)
    else:
        User.objects.update(is_active=False)
    assert with_token(client, token) == 401


def test_passwords_cannot_be_guessed_for_long(client, person):
    for number in range(throttle.PAIR.most):
        wrong = f"guess {number}"
        assert (
            with_password(client, wrong) if number % 2 else signed_in(client, wrong).status_code
        ) == 401
    assert signed_in(client).json()["code"] == 401.2
    assert with_password(client) == 401
