"""The second factor: checking it at sign-in, and whose rights require it.

A password alone opens a session without a person: until the second factor was shown, every view
sees an anonymous visitor (`ShowSecondFactor`), whichever way the person signed in. So no page, API
or admin can forget to check.
"""

import hmac
import secrets
from collections.abc import Callable

import pyotp
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.factors import AuthenticatorApp, Passkey, RecoveryCode
from accounts.models import User
from accounts.permissions import holds_any
from audit.trail import record
from khmer.digits import to_ascii
from sealing import BrokenSealError, Purpose, keyed_hash, open_seal, seal
from throttling.limits import Limit

SENSITIVE = frozenset({"people.manage", "reports.open", "forms.publish", "releases.approve"})
"""Rights that ask for a second factor: coordinators, administrators, keepers of reports."""

SHOWN = "second_factor_shown"
"""The mark in a session whose person showed the second factor."""

RECOVERY_CODES = 10
TRIES = Limit("second-factor", most=10, minutes=15)
_STEP = 30
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def is_required(user: User) -> bool:
    """Return whether this person's rights require a second factor.

    Demo accounts, whose password is on the sign-in page, need none; they do not exist where people
    are served (``LIVE``).
    """
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    if user.is_demo and not settings.SECOND_FACTOR_IN_DEMO:
        return False
    return user.is_superuser or user.is_staff or holds_any(user, SENSITIVE)


def must_show(user: User) -> bool:
    """Return whether a password alone is not enough: required, or set up by the person."""
    return user.has_second_factor or is_required(user)


# -- in a session ------------------------------------------------------------------------


def half_signed_in(request: HttpRequest) -> User | None:
    """Return the person who gave the right password in this session, but no second factor yet."""
    user = get_user(request)
    if not isinstance(user, User) or request.session.get(SHOWN) or not must_show(user):
        return None
    return user


def mark_shown(request: HttpRequest, user: User) -> None:
    """Let this session be the person's from now on, under a new key."""
    request.session.cycle_key()
    request.session[SHOWN] = timezone.now().isoformat()
    request.user = user


def was_shown(request: HttpRequest) -> bool:
    """Return whether a second factor was shown in this session."""
    return bool(request.session.get(SHOWN))


class ShowSecondFactor:
    """Treats a person who gave only a password as a visitor, where a second factor is needed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user

        def fully_signed_in() -> object:
            if isinstance(person, User) and not was_shown(request) and must_show(person):
                return AnonymousUser()
            return person

        request.user = SimpleLazyObject(fully_signed_in)  # type: ignore[assignment]  # as Django's own
        return self.get_response(request)


# -- codes -------------------------------------------------------------------------------


def new_key() -> str:
    """Return a key for an authenticator app, in base 32."""
    return pyotp.random_base32()


def address_of_key(user: User, key: str) -> str:
    """Return the address in the QR code that an authenticator app reads (otpauth://)."""
    return pyotp.TOTP(key).provisioning_uri(name=user.username, issuer_name="Keep its word")


def _step_of(key: str, code: str) -> int | None:
    """Return the half minute for which this code is right: now, or one earlier or later."""
    totp, now = pyotp.TOTP(key), int(timezone.now().timestamp())
    for step in (now // _STEP, now // _STEP - 1, now // _STEP + 1):
        if hmac.compare_digest(totp.at(step * _STEP), code):
            return step
    return None


def is_locked(user: User) -> bool:
    """Return whether too many wrong codes were tried in the last quarter of an hour."""
    return TRIES.is_reached(str(user.pk))


def check_code(user: User, text: str) -> bool:
    """Return whether the digits are the app's, or an unused recovery code, which is then used up.

    Digits may be Khmer, with blanks and hyphens anywhere. False also after too many tries.
    """
    code = to_ascii("".join(text.split())).replace("-", "").lower()
    if not code.isascii() or not 6 <= len(code) <= 20 or is_locked(user):
        return False
    if _is_of_app(user, code) or _is_recovery_code(user, code):
        return True
    TRIES.count(str(user.pk))
    return False


@transaction.atomic
def _is_of_app(user: User, code: str) -> bool:
    app = AuthenticatorApp.objects.select_for_update().filter(user=user).first()
    if app is None:
        return False
    try:
        step = _step_of(open_seal(bytes(app.key_sealed), Purpose.SECOND_FACTOR), code)
    except BrokenSealError:
        return False
    if step is None or step <= app.last_step:
        return False
    app.last_step = step
    app.save(update_fields=["last_step"])
    return True


def _hash(user: User, code: str) -> str:
    return keyed_hash(f"{user.pk}:{code}", Purpose.SECOND_FACTOR)


@transaction.atomic
def _is_recovery_code(user: User, code: str) -> bool:
    gone, _tables = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, code)).delete()
    if gone:
        record(by=user, verb="second_factor.recovery_used", subject=user)
    return bool(gone)


# -- setting up, taking away -------------------------------------------------------------


@transaction.atomic
def add_app(*, user: User, key: str, code: str) -> bool:
    """Store an app's key once its first code was right; a former app's key is replaced."""
    step = _step_of(key, to_ascii("".join(code.split())))
    if step is None:
        return False
    AuthenticatorApp.objects.update_or_create(
        user=user,
        defaults={"key_sealed": seal(key, Purpose.SECOND_FACTOR), "last_step": step},
    )
    _has(user, "second_factor.app_added")
    return True


@transaction.atomic
def add_passkey(
    *, user: User, name: str, credential_id: bytes, public_key: bytes, sign_count: int
) -> Passkey:
    """Store a passkey whose proof was checked (`accounts.passkeys`)."""
    passkey = Passkey(
        user=user,
        name=name,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
    )
    passkey.full_clean()
    passkey.save()
    _has(user, "second_factor.passkey_added")
    return passkey


def _has(user: User, verb: str) -> None:
    user.has_second_factor = True
    user.save(update_fields=["has_second_factor"])
    record(by=user, verb=verb, subject=user)


@transaction.atomic
def new_recovery_codes(*, user: User) -> list[str]:
    """Make ten codes to write down, shown once; the former ones no longer work."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_hash(user, code.replace("-", ""))) for code in codes
    )
    record(by=user, verb="second_factor.recovery_codes_made", subject=user)
    return codes


def holds(user: User, passkey: int | None) -> bool:
    """Return whether this person has this passkey, or (None) an app."""
    kept = user.authenticator_apps.all() if passkey is None else user.passkeys.filter(pk=passkey)
    return kept.exists()


@transaction.atomic
def remove(*, user: User, passkey: int | None = None) -> bool:
    """Remove the app, or one passkey; every session ends.

    False where it is the last one and this person's rights need one.
    """
    left = user.passkeys.exclude(pk=passkey) if passkey is not None else user.passkeys.all()
    has_other = left.exists() or (passkey is not None and user.authenticator_apps.exists())
    if not has_other and is_required(user):
        return False
    if passkey is None:
        user.authenticator_apps.all().delete()
    else:
        user.passkeys.filter(pk=passkey).delete()
    user.has_second_factor = has_other
    _end_sessions(user)
    record(by=user, verb="second_factor.removed", subject=user)
    return True


@transaction.atomic
def reset(*, by: User | None, user: User) -> None:
    """Remove everything that was lost with a telephone, and end every session.

    The next sign-in asks to set up a new one. The caller checks that ``by`` may.
    """
    user.authenticator_apps.all().delete()
    user.passkeys.all().delete()
    user.recovery_codes.all().delete()
    user.has_second_factor = False
    _end_sessions(user)
    record(by=by, verb="second_factor.reset", subject=user, job="reset_second_factor")


def _end_sessions(user: User) -> None:
    user.session_generation = F("session_generation") + 1
    user.save(update_fields=["has_second_factor", "session_generation"])
    user.refresh_from_db(fields=["session_generation"])
