"""A password alone opens nothing for people with far-reaching rights; digits, passkey or paper do."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pyotp
import pytest
from django.core.management import call_command
from django.test import Client

from accounts import second_factor
from accounts.factors import AuthenticatorApp, RecoveryCode
from accounts.models import Role, User
from accounts.tests.factories import PASSWORD, join, make_user
from audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def lead() -> User:
    user = make_user(username="sokha")
    join(user, "people.manage", "cases.read")
    return user


def sign_in(client: Client, **more: str) -> Any:
    return client.post("/sign-in/", {"username": "sokha", "password": PASSWORD, **more})


def with_app(user: User, monkeypatch: Any = None) -> pyotp.TOTP:
    """Give the person an app whose first code lies in the past."""
    key = second_factor.new_key()
    totp = pyotp.TOTP(key)
    assert second_factor.add_app(user=user, key=key, code=totp.now())
    AuthenticatorApp.objects.update(last_step=0)
    user.refresh_from_db()
    return totp


def test_exactly_three_roles_and_nobody_else_must_show_one() -> None:
    call_command("load_roles", verbosity=0)
    needed = {r.code for r in Role.objects.all() if second_factor.SENSITIVE & set(r.permissions)}
    assert needed == {"administrator", "coordinator", "report_keeper"}


def test_a_role_that_begins_today_asks_and_one_that_ended_does_not(lead: User) -> None:
    other = make_user()
    assert second_factor.must_show(lead)
    assert not second_factor.must_show(other)
    join(other, "reports.open", ends_on=datetime(2020, 1, 1, tzinfo=UTC).date())
    assert not second_factor.must_show(other)
    join(other, "reports.open")
    assert second_factor.must_show(other)
    assert second_factor.must_show(make_user(is_superuser=True))
    assert second_factor.must_show(make_user(is_staff=True))


def test_demo_accounts_need_none_in_a_demo_unless_it_is_wanted(settings: Any, lead: User) -> None:
    lead.is_demo = True
    assert not second_factor.must_show(lead)
    settings.SECOND_FACTOR_IN_DEMO = True
    assert second_factor.must_show(lead)


# RFC 6238, appendix B (SHA-1), the last six of its eight digits
@pytest.mark.parametrize(
    ("seconds", "digits"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_published_standard(
    monkeypatch: pytest.MonkeyPatch, seconds: int, digits: str
) -> None:
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in base 32
    now = datetime.fromtimestamp(seconds, tz=UTC)
    monkeypatch.setattr(second_factor.timezone, "now", lambda: now)
    assert second_factor._step_of(key, digits) == seconds // 30
    assert second_factor._step_of(key, "000000") is None


def test_the_password_opens_half_a_session_and_the_code_the_whole(
    client: Client, lead: User
) -> None:
    totp = with_app(lead)
    answer = sign_in(client, next="/people/")
    assert answer["Location"] == "/sign-in/second-step/?next=%2Fpeople%2F"
    assert client.get("/people/")["Location"].startswith("/sign-in/")
    assert client.get("/sign-in/?next=/people/")["Location"].startswith("/sign-in/second-step/")
    half = client.session.session_key
    step = "/sign-in/second-step/"
    assert client.post(step, {"code": "000000"}).status_code == 422
    answer = client.post(step, {"code": f" {totp.now()} ", "next": "/people/"})
    assert answer["Location"] == "/people/"
    assert client.get("/people/").status_code == 200
    assert client.session.session_key != half
    assert Entry.objects.filter(verb="person.signed_in", actor="sokha").count() == 1


def test_khmer_digits_are_digits_and_no_code_works_twice(client: Client, lead: User) -> None:
    totp = with_app(lead)
    code = totp.now()
    khmer = code.translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩"))
    assert second_factor.check_code(lead, khmer)
    assert not second_factor.check_code(lead, code)


def test_ten_wrong_codes_close_the_door_for_the_right_one_too(lead: User) -> None:
    totp = with_app(lead)
    for _try in range(second_factor.TRIES.most):
        assert not second_factor.check_code(lead, "000000")
    assert second_factor.is_locked(lead)
    assert not second_factor.check_code(lead, totp.now())


@pytest.mark.parametrize(
    "text", ["", "1", "a" * 500, "\x00" * 6, "१२३४५६", "١٢٣٤٥٦", "12345\ud800"]
)
def test_odd_codes_are_wrong_codes(lead: User, text: str) -> None:
    with_app(lead)
    assert not second_factor.check_code(lead, text)


def test_without_one_the_first_sign_in_sets_it_up_and_shows_the_codes_once(
    client: Client, lead: User
) -> None:
    sign_in(client)
    assert client.get("/sign-in/second-step/")["Location"] == "/me/second-factor/"
    assert client.get("/me/")["Location"].startswith("/sign-in/")
    page = client.get("/me/second-factor/")
    assert b"<svg" in page.content
    key = client.session["authenticator_key"]
    assert client.post("/me/second-factor/", {"code": "1"}).status_code == 422
    answer = client.post("/me/second-factor/", {"code": pyotp.TOTP(key).now()})
    assert answer["Location"] == "/me/recovery-codes/"
    shown = client.get("/me/recovery-codes/").context["codes"]
    assert len(set(shown)) == 10
    assert client.get("/me/recovery-codes/").status_code == 302
    assert client.get("/me/").status_code == 200
    kept = {row.code_hash for row in RecoveryCode.objects.all()}
    assert not kept & {code.replace("-", "") for code in shown}
    app = AuthenticatorApp.objects.get()
    assert key.encode() not in bytes(app.key_sealed)


def test_a_recovery_code_works_once_however_it_is_typed(lead: User) -> None:
    with_app(lead)
    code = second_factor.new_recovery_codes(user=lead)[0]
    assert second_factor.check_code(lead, code.upper().replace("-", " "))
    assert not second_factor.check_code(lead, code)
    assert lead.recovery_codes.count() == 9
    assert Entry.objects.filter(verb="second_factor.recovery_used").exists()


def test_a_session_begun_before_the_factor_was_set_up_must_show_it(
    client: Client, settings: Any
) -> None:
    citizen = make_user(username="sokha")
    sign_in(client)
    assert client.get("/me/").status_code == 200
    with_app(citizen)
    assert client.get("/me/")["Location"].startswith("/sign-in/")


def test_whose_telephone_is_lost_is_helped_by_who_may_act_on_them(client: Client) -> None:
    near, stranger, lost = make_user(), make_user(), make_user(username="sokha")
    join(near, "people.manage", "reports.open", place="01")
    join(stranger, "people.manage", place="02")
    join(lost, "reports.open", place="0102")
    with_app(lost)
    browser = Client()
    browser.post("/sign-in/", {"username": "sokha", "password": PASSWORD})
    for who, left in ((stranger, True), (near, False)):
        client.force_login(who)
        session = client.session
        session[second_factor.SHOWN] = "now"
        session.save()
        client.post(f"/people/{lost.pk}/account/", {"do": "second_factor"})
        lost.refresh_from_db()
        assert lost.has_second_factor is left
    # the session that knew the password is over
    assert browser.get("/sign-in/second-step/")["Location"] == "/home/"
    assert browser.get("/home/")["Location"].startswith("/sign-in/")


def test_the_only_administrator_is_helped_at_the_machine() -> None:
    alone = make_user(username="alone", is_superuser=True)
    with_app(alone)
    call_command("reset_second_factor", "alone", stdout=StringIO())
    alone.refresh_from_db()
    assert not alone.has_second_factor
    assert Entry.objects.filter(verb="second_factor.reset", actor="reset_second_factor").exists()


def test_the_last_factor_stays_with_who_needs_one(client: Client, lead: User) -> None:
    with_app(lead)
    assert not second_factor.remove(user=lead)
    passkey = second_factor.add_passkey(
        user=lead, name="telephone", credential_id=b"1", public_key=b"2", sign_count=0
    )
    assert second_factor.remove(user=lead)
    assert not second_factor.remove(user=lead, passkey=passkey.pk)


def test_one_sees_and_ends_one_s_own_sessions_and_nobody_else_s(lead: User) -> None:
    totp = with_app(lead)
    agent = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36"
    phone, office, other = Client(headers={"User-Agent": agent}), Client(), Client()
    sign_in(phone)
    phone.post("/sign-in/second-step/", {"code": totp.now()})
    AuthenticatorApp.objects.update(last_step=0)
    sign_in(office)
    office.post("/sign-in/second-step/", {"code": totp.now()})
    other.force_login(make_user())
    listed = office.get("/me/sessions/").context["sessions"]
    assert [each.device for each in listed if not each.is_this] == ["Chrome 128, Android"]
    (of_phone,) = (f"browser:{each.number}" for each in listed if not each.is_this)
    assert phone.session.session_key not in office.get("/me/sessions/").content.decode()
    assert other.post("/me/sessions/", {"session": of_phone}).status_code == 404
    assert phone.get("/me/").status_code == 200
    office.post("/me/sessions/", {"session": of_phone})
    assert phone.get("/me/")["Location"].startswith("/sign-in/")
    assert office.get("/me/").status_code == 200
