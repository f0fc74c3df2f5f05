"""A passkey of Chromium itself signs in (its virtual authenticator), and a stale one does not."""

import os
from typing import Any

import pytest
from django.conf import settings as django_settings

from accounts import second_factor
from accounts.factors import Passkey
from accounts.tests.factories import PASSWORD, join, make_user


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_person_sets_up_a_passkey_and_signs_in_with_it(
    live_server: Any, page: Any, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    user = make_user(username="sokha", language="km")
    join(user, "people.manage")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )

    def enter() -> None:
        page.goto(f"{live_server.url}/sign-in/?next=/me/")
        page.fill("[name=username]", "sokha")
        page.fill("[name=password]", PASSWORD)
        page.click("main button.button:not(.button--quiet)")

    enter()
    page.wait_for_url("**/me/second-factor/")
    look(page, "second-factor")
    page.fill("#passkey-name", "ទូរស័ព្ទ")
    page.click("[data-passkey=make]")
    page.wait_for_url("**/me/recovery-codes/")
    look(page, "recovery-codes")
    assert page.locator("main li code").count() == 10
    assert Passkey.objects.get().name == "ទូរស័ព្ទ"
    page.goto(f"{live_server.url}/me/sessions/")
    look(page, "sessions")
    page.goto(f"{live_server.url}/me/tokens/")
    look(page, "tokens")
    page.context.clear_cookies()

    enter()
    page.wait_for_url("**/sign-in/second-step/**")
    look(page, "second-step")
    page.click("[data-passkey=show]")
    page.wait_for_url("**/me/")
    shown = Passkey.objects.get()
    assert shown.used_at is not None


def look(page: Any, name: str) -> None:
    """Save a picture of the page for a person to look at, where a folder is named for it."""
    if folder := os.environ.get("PICTURES"):
        for width in (360, 800, 1400):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    assert django_settings.SECOND_FACTOR_REQUIRED


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"proof": 1}',
        b'{"proof": {}}',
        b'{"proof": {"id": "AA"}}',
        b"[" * 9999,
    ],
)
def test_a_proof_that_proves_nothing_opens_nothing(client: Any, settings: Any, body: bytes) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    user = make_user(username="sokha")
    second_factor.add_passkey(
        user=user, name="x", credential_id=b"\0", public_key=b"1", sign_count=0
    )
    client.post("/sign-in/", {"username": "sokha", "password": PASSWORD})
    answer = client.post("/sign-in/passkey/", body, content_type="application/json")
    # no proof is a question for a challenge; a wrong one is refused
    assert answer.status_code == (422 if b"proof" in body else 200)
    assert client.get("/me/").status_code == 302
