"""People's names and passwords at Central's addresses: limited guessing, one slow check.

pyodk signs in once and sends a token, but ruODK, Excel and Power BI send the password with every
request. Its hash is slow on purpose: checking it takes longer than reading thousands of records. So
a process remembers for minutes that a password was right, as a digest under a key that exists only
in the process; see docs/decisions.
"""

import hmac
import secrets
from dataclasses import dataclass

from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts import second_factor, throttle
from accounts.backends import Backend
from accounts.models import User
from caching import ProcessCache
from throttling.addresses import client_address

_KEY = secrets.token_bytes(32)


class NeedsCodeError(Exception):
    """The password was right, but this person shows a second factor too."""


@dataclass(frozen=True)
class _Right:
    """A name and password that were right, and what the person's sessions depended on then."""

    user_id: int
    auth_hash: str


_right: ProcessCache[bytes, _Right] = ProcessCache(most=1000, seconds=300)


def person_with(request: HttpRequest, name: str, password: str, *, code: str = "") -> User | None:
    """Return the person with this name and password; None for nobody, and after too many errors.

    A person whose rights ask for a second factor sends the digits of the app too: as ``otp`` beside
    the password, or in the header ``X-OTP``. Raises NeedsCodeError without right ones.

    A new password, a person made inactive and "sign out everywhere" end what is remembered at
    once, because the person is read anew each time.
    """
    digest = hmac.digest(_KEY, f"{name}\n{password}".encode(), "sha256")
    person = _remembered(digest)
    if person is not None:
        return person
    address = client_address(request)
    if not name or throttle.minutes_to_wait(name=name, address=address):
        return None
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        throttle.count_failure(name=name, address=address)
        return None
    throttle.forget(name=name, address=address)
    if second_factor.must_show(user):
        if not second_factor.check_code(user, code or request.headers.get("X-OTP", "")):
            raise NeedsCodeError
        return user  # never remembered: the next request shows the next code
    _right.keep(digest, _Right(user.pk, user.get_session_auth_hash()))
    return user


def _remembered(digest: bytes) -> User | None:
    remembered = _right.get(digest)
    if remembered is None:
        return None
    person = Backend().get_user(remembered.user_id)
    if person is None or not hmac.compare_digest(
        remembered.auth_hash, person.get_session_auth_hash()
    ):
        _right.forget(digest)
        return None
    return None if second_factor.must_show(person) else person


def forget_passwords() -> None:
    """Forget which passwords were right (in tests)."""
    _right.clear()
