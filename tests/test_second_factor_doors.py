"""A person who gave only a password is treated as a visitor at every address."""

import base64
import itertools
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts import second_factor
from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tokens import issue
from surveys.tests.country import make_country
from tests.addresses import addresses, answered, make_people, make_things

pytestmark = pytest.mark.django_db

MUST = ("admin", "coordinator", "keeper")
OWN_STEP = {
    "accounts:sign_in",
    "accounts:second_step",
    "accounts:show_passkey",
    "accounts:second_factor",
    "accounts:make_passkey",
}
"""Pages for a person who gave only the password."""


@pytest.fixture
def people(settings: Any, tmp_path: Any) -> dict[str, User]:
    settings.MEDIA_ROOT = tmp_path
    settings.SECOND_FACTOR_REQUIRED = True
    make_country()
    return make_people()


def summary(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get("Location", "")


def all_paths(things: dict[str, object]) -> list[str]:
    ours = [each.filled(things) for each in addresses() if each.name not in OWN_STEP]
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    return [*ours, *lists, "/admin/", "/admin/login/", "/admin/password_change/"]


def test_a_password_alone_opens_no_door(people: dict[str, User]) -> None:
    things = make_things(people["facilitator"], people["coordinator"])
    visitor, browsers = Client(), {name: Client() for name in MUST}
    for name, browser in browsers.items():
        browser.force_login(people[name])
    wrong = []
    turns = itertools.cycle(browsers.items())  # one of them at each address: the rule is the same
    for path in all_paths(things):
        for method in ("get", "post"):
            if method == "post" and path == "/sign-out/":
                continue
            name, browser = next(turns)
            expected = summary(answered(visitor, method, path))
            got = summary(answered(browser, method, path))
            if got != expected:
                wrong.append(f"{name} {method} {path}: {got}, a visitor {expected}")
    assert not wrong, "\n".join(wrong)


def test_with_the_second_factor_the_doors_open(people: dict[str, User]) -> None:
    inside = {"admin": "/admin/", "coordinator": "/people/", "keeper": "/reports/"}
    for name, path in inside.items():
        browser = Client()
        browser.force_login(people[name])
        assert browser.get(path).status_code == 302
        session = browser.session
        session[second_factor.SHOWN] = "now"
        session.save()
        assert browser.get(path).status_code == 200, path


def test_neither_a_password_sent_along_nor_a_session_of_central_nor_an_old_token_opens(
    people: dict[str, User],
) -> None:
    project = "/v1/projects"
    for name in MUST:
        pair = base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()
        fields = {"email": name, "password": PASSWORD}
        client = Client()
        refused = client.post("/v1/sessions", fields, content_type="application/json")
        assert refused.status_code == 401
        assert "second factor" in refused.json()["message"]
        assert client.get(project, headers={"Authorization": f"Basic {pair}"}).status_code == 401
        _token, key = issue(user=people[name], name="made before")
        for path in (project, "/api/v1/cases/"):
            got = client.get(path, headers={"Authorization": f"Bearer {key}"})
            assert got.status_code == 401, path
        _token, key = issue(user=people[name], name="made with it", with_second_factor=True)
        got = client.get(project, headers={"Authorization": f"Bearer {key}"})
        assert got.status_code == 200


def test_a_session_of_central_begun_with_the_code_stands_and_one_from_before_does_not(
    people: dict[str, User], settings: Any
) -> None:
    import pyotp

    lead, client = people["coordinator"], Client()
    fields = {"email": "coordinator", "password": PASSWORD}
    settings.SECOND_FACTOR_REQUIRED = False
    before = client.post("/v1/sessions", fields, content_type="application/json").json()["token"]
    settings.SECOND_FACTOR_REQUIRED = True
    key = second_factor.new_key()
    assert second_factor.add_app(user=lead, key=key, code=pyotp.TOTP(key).now())
    lead.authenticator_apps.update(last_step=0)
    fields["otp"] = pyotp.TOTP(key).now()
    now = client.post("/v1/sessions", fields, content_type="application/json").json()["token"]
    for token, status in ((before, 401), (now, 200)):
        got = client.get("/v1/projects", headers={"Authorization": f"Bearer {token}"})
        assert got.status_code == status
    lead.refresh_from_db()
    browser = Client()
    browser.force_login(lead)
    session = browser.session
    session[second_factor.SHOWN] = "now"
    session.save()
    kinds = {each.kind for each in browser.get("/me/sessions/").context["sessions"]}
    assert kinds == {"browser", "program"}


def test_who_may_do_little_needs_no_second_factor(people: dict[str, User]) -> None:
    for name, path in {"facilitator": "/cases/", "donor": "/home/", "council": "/me/"}.items():
        browser = Client()
        browser.force_login(people[name])
        answer = browser.get(path)
        assert "/sign-in/" not in answer.get("Location", ""), path
