"""A tablet's key belongs to its programme: who sees it, and what an unreadable one opens (nothing)."""

import base64
import hashlib
from typing import Any

import pytest

from accounts.models import Membership, Programme, User
from accounts.tests.factories import make_place, make_programme, make_role, make_user
from surveys.forms.tablets import login_of, new_code, token_of
from surveys.models import AppUser
from surveys.openrosa import authentication
from surveys.openrosa.tablets import enrol
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme() -> Programme:
    return make_programme("ours", "01")


@pytest.fixture
def tablet(programme: Programme) -> AppUser:
    made, _token = factories.tablet(programme)
    return made


def coordinator(place: str | None, programme: Programme | None) -> User:
    user = make_user()
    role = make_role("lead", "submissions.review", "forms.publish", "cases.read")
    at = make_place(place) if place else None
    Membership.objects.create(user=user, role=role, place=at, programme=programme)
    return user


@pytest.mark.parametrize(
    ("place", "of", "sees"),
    [
        (None, None, True),
        (None, "ours", True),
        ("01", None, True),
        ("02", None, False),
        ("0102", None, False),
        (None, "theirs", False),
        ("01", "theirs", False),
    ],
)
def test_only_who_manages_the_programme_sees_and_uses_its_keys(
    client: Any, programme: Programme, tablet: AppUser, place: str, of: str, sees: bool
) -> None:
    theirs = make_programme("theirs", "01")
    bound = {"ours": programme, "theirs": theirs}.get(of)
    client.force_login(coordinator(place, bound))
    page = client.get(f"/tablets/{tablet.pk}/")
    assert page.status_code == (200 if sees else 404)
    assert (token_of(tablet)[:16].encode() in page.content) == sees
    before = tablet.token_hash
    client.post(f"/tablets/{tablet.pk}/", {"action": "rotate"})
    tablet.refresh_from_db()
    assert (tablet.token_hash != before) == sees


def test_a_key_of_two_provinces_is_not_shown_in_one(
    client: Any, programme: Programme, tablet: AppUser
) -> None:
    programme.provinces.add(make_place("02"))
    client.force_login(coordinator("01", None))
    assert client.get(f"/tablets/{tablet.pk}/").status_code == 404


def _basic(name: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"HTTP_AUTHORIZATION": f"Basic {pair}", "HTTP_X_OPENROSA_VERSION": "1.0"}


def _digest(name: str, password: str, url: str) -> dict[str, str]:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    nonce = authentication.new_nonce()
    first, second = md5(f"{name}:{authentication.REALM}:{password}"), md5(f"GET:{url}")
    answer = md5(f"{first}:{nonce}:00000001:abc:auth:{second}")
    header = (
        f'Digest username="{name}", realm="{authentication.REALM}", nonce="{nonce}", uri="{url}", '
        f'qop=auth, nc=00000001, cnonce="abc", response="{answer}"'
    )
    return {"HTTP_AUTHORIZATION": header, "HTTP_X_OPENROSA_VERSION": "1.0"}


@pytest.mark.parametrize("harm", ["another SECRET_KEY", "damaged", "empty", "revoked"])
def test_an_unreadable_key_never_authenticates(
    client: Any, settings: Any, programme: Programme, tablet: AppUser, harm: str
) -> None:
    url = f"/v1/projects/{programme.pk}/formList"
    name, password = login_of(tablet)
    assert client.get(url, **_basic(name, password)).status_code == 200
    if harm == "another SECRET_KEY":
        settings.SECRET_KEY = "changed by mistake"
    elif harm == "damaged":
        AppUser.objects.update(token_sealed=tablet.token_sealed[:-4])
    elif harm == "empty":
        AppUser.objects.update(token_sealed="")
    else:
        AppUser.objects.update(revoked_at=tablet.created_at)
    for tried in ("", password):
        assert client.get(url, **_basic(name, tried)).status_code == 401
        assert client.get(url, **_digest(name, tried, url)).status_code == 401


def test_an_unreadable_key_is_said_so_and_replaced(
    client: Any, settings: Any, programme: Programme, tablet: AppUser
) -> None:
    settings.SECRET_KEY = "changed by mistake"
    client.force_login(coordinator(None, programme))
    page = client.get(f"/tablets/{tablet.pk}/", headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert "Make a new key" in text or "បង្កើតសោថ្មី" in text
    assert "/v1/key/" not in text
    code = new_code(tablet=tablet, by=None)
    answer = client.post("/v1/tablet/enrol", {"code": code}, content_type="application/json")
    assert answer.status_code == 409
    client.post(f"/tablets/{tablet.pk}/", {"action": "rotate"})
    tablet.refresh_from_db()
    result = enrol(code=code, address="127.0.0.1")
    assert result is not None
    assert result[1] == token_of(tablet)
