"""Authentication of OpenRosa clients: a tablet by token, Digest or Basic, or a person."""

import base64
import binascii
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework import exceptions
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import Programme, User
from accounts.tokens import TokenAuthentication
from caching import ProcessCache
from surveys.forms.tablets import finish_rotation, forms_of, login_of, token_hash
from surveys.models import AppUser
from surveys.openrosa.models import Session
from surveys.openrosa.passwords import NeedsCodeError, person_with
from surveys.submissions.intake.receive import Sender

_LOGGED_SECONDS = 600
REALM = "Keep its word"
_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_TABLET_NAME = re.compile(r"tablet([0-9]{1,12})")
_NONCE = re.compile(r"([0-9]{1,12})\.[0-9a-f]{32}")
_NONCE_COUNT = re.compile(r"[0-9a-fA-F]{1,8}")


@dataclass(frozen=True)
class Holder:
    """A tablet whose token is good now, remembered for seconds in each process."""

    app_user_id: int
    programme_id: int
    forms: frozenset[int] | None
    name: str


_holders: ProcessCache[str, Holder] = ProcessCache(most=10_000, seconds=5)


def holder_of(token: str) -> Holder | None:
    """Return the tablet of a token; None for unknown and revoked ones.

    A revoked token stops within five seconds in every process.
    """
    return _holders.get_or_find(token, lambda: _find_holder(token))


def _find_holder(token: str) -> Holder | None:
    hashed = token_hash(token)
    is_its = Q(token_hash=hashed) | Q(next_token_hash=hashed)
    tablet = AppUser.objects.filter(is_its, revoked_at=None).first()
    if tablet is None:
        return None
    if tablet.next_token_hash == hashed:
        finish_rotation(tablet)
    _note_use(tablet)
    return Holder(tablet.pk, tablet.programme_id, forms_of(tablet), tablet.name)


def _note_use(tablet: AppUser) -> None:
    now = timezone.now()
    if tablet.last_used_at is None or (now - tablet.last_used_at).total_seconds() > _LOGGED_SECONDS:
        AppUser.objects.filter(pk=tablet.pk).update(last_used_at=now)


def forget_holders() -> None:
    """Forget which tokens are good (in tests)."""
    _holders.clear()


# -- people ----------------------------------------------------------------------------


def person_of(request: HttpRequest) -> User | None:
    """Return the person a request authenticates as.

    The ways are a bearer token, Basic, or our own session cookie.
    """
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _bearer(request, value.strip())
    if scheme.lower() == "basic":
        try:
            return person_with(request, *_basic(value))
        except NeedsCodeError:
            return None
    if not scheme and isinstance(request.user, User):
        return request.user
    return None


def _bearer(request: HttpRequest, key: str) -> User | None:
    session = Session.objects.alive().filter(token_hash=token_hash(key)).first()
    if session is not None and session.stands():
        return session.user
    try:
        person = TokenAuthentication().authenticate(Request(request))
    except AuthenticationFailed:
        return None
    except exceptions.PermissionDenied as refused:
        raise PermissionDenied(str(refused.detail)) from refused
    return person[0] if person else None


def _basic(value: str) -> tuple[str, str]:
    try:
        name, _colon, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password


# -- tablets by user name and password ---------------------------------------------------


def _tablet_named(name: str, programme: Programme) -> AppUser | None:
    number = _TABLET_NAME.fullmatch(name)
    if number is None:
        return None
    return AppUser.objects.filter(pk=int(number[1]), programme=programme, revoked_at=None).first()


def new_nonce(at: float | None = None) -> str:
    """Return a nonce that proves its own age; nothing is stored."""
    stamp = f"{at if at is not None else time.time():.0f}"
    sign = hmac.new(settings.SECRET_KEY.encode(), f"digest:{stamp}".encode(), "sha256")
    return f"{stamp}.{sign.hexdigest()[:32]}"


def _nonce_is_good(nonce: str) -> bool:
    stamp = _NONCE.fullmatch(nonce)
    if stamp is None or time.time() - int(stamp[1]) > 300:
        return False
    return constant_time_compare(nonce, new_nonce(float(stamp[1])))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def tablet_by_digest(request: HttpRequest, programme: Programme) -> AppUser | None:
    """Return the tablet that answered our Digest challenge, as ODK Collect does over http too."""
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith("digest "):
        return None
    fields = {m[0]: m[1] or m[2] for m in _PAIR.findall(header[7:])}
    tablet = _tablet_named(fields.get("username", ""), programme)
    if tablet is None or not _nonce_is_good(fields.get("nonce", "")):
        return None
    # one address has several spellings (%3A or a colon): what they mean is compared
    if unquote(fields.get("uri", "").split("?")[0]) != request.path:
        return None
    if fields.get("qop") and not _NONCE_COUNT.fullmatch(fields.get("nc", "")):
        return None
    login = login_of(tablet)
    if login is None:
        return None
    name, password = login
    ha1 = _md5(f"{name}:{REALM}:{password}")
    ha2 = _md5(f"{request.method}:{fields.get('uri', '')}")
    if fields.get("qop"):
        middle = ":".join(fields.get(k, "") for k in ("nonce", "nc", "cnonce", "qop"))
        wanted = _md5(f"{ha1}:{middle}:{ha2}")
    else:
        wanted = _md5(f"{ha1}:{fields.get('nonce', '')}:{ha2}")
    return tablet if constant_time_compare(wanted, fields.get("response", "")) else None


def tablet_by_basic(request: HttpRequest, programme: Programme) -> AppUser | None:
    """Return the tablet whose user name and password were sent by Basic."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    name, password = _basic(value)
    tablet = _tablet_named(name, programme)
    if tablet is None:
        return None
    login = login_of(tablet)
    return tablet if login is not None and constant_time_compare(password, login[1]) else None


def challenges(request: HttpRequest) -> str:
    """Return the schemes a 401 offers: Digest always, and before it Basic on https.

    ODK Collect answers the first scheme that it knows: Digest on http and https, Basic on
    https alone. People's passwords are stored as hashes, which no Digest can be checked
    against: they need Basic, so where both are safe Basic comes first.
    """
    digest = f'Digest realm="{REALM}", qop="auth", nonce="{new_nonce()}", algorithm=MD5'
    if request.is_secure():
        return f'Basic realm="{REALM}", {digest}'
    return digest


def is_openrosa_client(request: HttpRequest) -> bool:
    """Return whether it is ODK Collect or similar, at addresses shared with REST clients.

    They name their OpenRosa version, or send a tablet's user name; a request without any
    credentials counts as one of theirs too, because they wait for a challenge.
    """
    if "X-OpenRosa-Version" in request.headers:
        return True
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return _TABLET_NAME.fullmatch(_basic(value)[0]) is not None
    return scheme.lower() == "digest" or (not scheme and not request.user.is_authenticated)


def sender_at(request: HttpRequest, programme: Programme) -> Sender | None:
    """Identify the sender to ``/v1/projects/{id}/submission``; None without permission."""
    common: dict[str, Any] = {
        "programme_id": programme.pk,
        "device_id": request.GET.get("deviceID", ""),
        "user_agent": request.headers.get("User-Agent", ""),
    }
    tablet = tablet_by_digest(request, programme) or tablet_by_basic(request, programme)
    if tablet is not None:
        _note_use(tablet)
        return Sender(app_user_id=tablet.pk, forms=forms_of(tablet), **common)
    person = person_of(request)
    if person is None:
        return None
    reached = Programme.objects.reached_by(person, "cases.record", "submissions.review")
    if not reached.filter(pk=programme.pk).exists():
        return None
    return Sender(user_id=person.pk, **common)
