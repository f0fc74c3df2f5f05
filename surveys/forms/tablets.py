"""Tablets and their tokens: made, shown again, rotated, revoked, enrolled by six digits."""

import base64
import hashlib
import hmac
import json
import secrets
import zlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Programme, User
from audit import trail
from khmer.digits import to_ascii
from sealing import BrokenSealError, Purpose, open_seal, seal
from surveys.models import AppUser, EnrolmentCode, Form
from throttling.limits import Limit, any_reached

CODE_MINUTES = 30
SILENT = timedelta(days=7)
"""The time without a sync after which a tablet is listed for its coordinator."""
APP_USERS_FROM = 1_000_000_000
"""People and tablets are both actors to Central's clients: tablets are numbered from here."""
# The thirty tablets of a training share one address, so all codes together are limited too.
WRONG_PER_ADDRESS = Limit("enrol:address", most=40, minutes=10)
WRONG_IN_ALL = Limit("enrol:all", most=600, minutes=10)


def is_silent() -> Q:
    """Return the condition on tablets: in use, made over a week ago, and not synced for a week."""
    before = timezone.now() - SILENT
    never = Q(last_used_at=None, created_at__lt=before)
    return Q(revoked_at=None) & (Q(last_used_at__lt=before) | never)


def token_hash(token: str) -> str:
    """Return the hash under which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _new_token() -> str:
    # lower case and no signs: some clients lower-case addresses
    return secrets.token_hex(32)


@transaction.atomic
def make_tablet(
    *,
    programme: Programme,
    name: str,
    by: User | None,
    people: Iterable[User] = (),
    all_forms: bool = True,
) -> tuple[AppUser, str]:
    """Make a tablet; return it and its token. Raises ValidationError."""
    token = _new_token()
    tablet = AppUser(
        programme=programme,
        name=name,
        token_hash=token_hash(token),
        token_sealed=seal(token, Purpose.TOKENS).decode(),
        all_forms=all_forms,
        created_by=by,
    )
    tablet.full_clean(exclude=["programme", "created_by"])
    tablet.save()
    tablet.people.set(people)
    trail.record(by=by, verb="tablet.made", subject=tablet, after={"name": name})
    return tablet, token


@transaction.atomic
def set_people(*, tablet: AppUser, people: Iterable[User], by: User | None) -> AppUser:
    """Set who uses a tablet; at its next sync it offers these people and their communes.

    What a removed person recorded stays, and what they have not sent is still sent.
    """
    tablet = AppUser.objects.select_for_update(of=("self",)).get(pk=tablet.pk)
    before = sorted(tablet.people.values_list("username", flat=True))
    tablet.people.set(people)
    after = sorted(tablet.people.values_list("username", flat=True))
    if before != after:
        trail.record(
            by=by,
            verb="tablet.people_changed",
            subject=tablet,
            before={"people": before},
            after={"people": after},
        )
    return tablet


@transaction.atomic
def rename(*, tablet: AppUser, name: str, by: User | None) -> AppUser:
    """Give a tablet another name. Raises ValidationError."""
    before, tablet.name = tablet.name, name.strip()
    tablet.full_clean(exclude=["programme", "created_by"])
    tablet.save(update_fields=["name"])
    if before != tablet.name:
        trail.record(
            by=by,
            verb="tablet.renamed",
            subject=tablet,
            before={"name": before},
            after={"name": tablet.name},
        )
    return tablet


@transaction.atomic
def rotate(*, tablet: AppUser, by: User | None) -> str:
    """Make a new token and return it; the old one stops at once. For a lost QR photo."""
    token = _new_token()
    tablet.token_hash, tablet.token_sealed = (
        token_hash(token),
        seal(token, Purpose.TOKENS).decode(),
    )
    tablet.revoked_at = tablet.erase_asked_at = tablet.erased_at = None
    tablet.next_token_hash, tablet.next_token_sealed = None, ""
    tablet.save(update_fields=["token_hash", "token_sealed", *_NEXT, *_ENDS])
    trail.record(by=by, verb="tablet.rotated", subject=tablet)
    return token


_NEXT = ("next_token_hash", "next_token_sealed")
_ENDS = ("revoked_at", "erase_asked_at", "erased_at")


@transaction.atomic
def rotate_at_next_contact(*, tablet: AppUser, by: User | None) -> str:
    """Make a new key and return it; our app fetches it by itself with the old key.

    The old key ends when the new one is used.

    For changing keys regularly without travelling to the tablet. Where somebody else saw a key,
    `rotate` ends it at once.
    """
    token = _new_token()
    tablet.next_token_hash = token_hash(token)
    tablet.next_token_sealed = seal(token, Purpose.TOKENS).decode()
    tablet.save(update_fields=_NEXT)
    trail.record(by=by, verb="tablet.rotation_begun", subject=tablet)
    return token


@transaction.atomic
def finish_rotation(tablet: AppUser) -> None:
    """End the old key of a tablet that used its new one."""
    tablet.token_hash, tablet.token_sealed = tablet.next_token_hash or "", tablet.next_token_sealed
    tablet.next_token_hash, tablet.next_token_sealed = None, ""
    tablet.save(update_fields=["token_hash", "token_sealed", *_NEXT])
    trail.record(by=None, verb="tablet.rotated", subject=tablet, job="tablet")


def next_token_of(tablet: AppUser) -> str | None:
    """Return the key that waits for this tablet; None where none waits, or it is unreadable."""
    try:
        sealed = tablet.next_token_sealed
        return open_seal(sealed, Purpose.TOKENS) if sealed else None
    except BrokenSealError:
        return None


@transaction.atomic
def revoke(*, tablet: AppUser, by: User | None, erase: bool = False) -> None:
    """Revoke a tablet: it can no longer fetch or send; what it sent stays.

    ``erase``: at its next contact our app deletes everything on it, unsent records too.
    """
    now = timezone.now()
    tablet.revoked_at = tablet.revoked_at or now
    tablet.erase_asked_at = now if erase else None
    tablet.erased_at = None
    tablet.next_token_hash, tablet.next_token_sealed = None, ""
    tablet.save(update_fields=[*_NEXT, *_ENDS])
    trail.record(by=by, verb="tablet.erasure_asked" if erase else "tablet.revoked", subject=tablet)


def to_erase(token: str, programme: int) -> AppUser | None:
    """Return the revoked tablet of this key whose coordinator asked to erase it."""
    rows = AppUser.objects.filter(token_hash=token_hash(token), programme_id=programme)
    return rows.exclude(erase_asked_at=None).first()


@transaction.atomic
def note_erased(tablet: AppUser) -> None:
    """Record that the tablet reported its data as erased."""
    if tablet.erased_at is None:
        tablet.erased_at = timezone.now()
        tablet.save(update_fields=["erased_at"])
        trail.record(by=None, verb="tablet.erased", subject=tablet, job="tablet")


def token_of(tablet: AppUser) -> str | None:
    """Decrypt the tablet's token to show it again; None after it was revoked.

    Raises BrokenSealError where it was encrypted under another key: a new one must be made.
    """
    return None if tablet.revoked_at else open_seal(tablet.token_sealed, Purpose.TOKENS)


def login_of(tablet: AppUser) -> tuple[str, str] | None:
    """Return user name and password for clients that take no token in the address.

    None where nobody may sign in: the tablet was revoked, or its token is unreadable under this
    installation's key. An unreadable token must never become an empty password.
    """
    try:
        token = token_of(tablet)
    except BrokenSealError:
        return None
    return (f"tablet{tablet.pk}", token[:16]) if token else None


# -- enrolment ---------------------------------------------------------------------


def _code_hash(code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"enrol:" + code.encode(), "sha256").hexdigest()


@transaction.atomic
def new_code(*, tablet: AppUser, by: User | None) -> str:
    """Make six digits that enrol ``tablet`` once within half an hour; earlier ones stop working."""
    now = timezone.now()
    EnrolmentCode.objects.filter(app_user=tablet, used_at=None).update(expires_at=now)
    alive = set(
        EnrolmentCode.objects.filter(expires_at__gt=now).values_list("code_hash", flat=True)
    )
    while _code_hash(code := f"{secrets.randbelow(1_000_000):06d}") in alive:
        pass
    EnrolmentCode.objects.create(
        app_user=tablet,
        code_hash=_code_hash(code),
        expires_at=now + timedelta(minutes=CODE_MINUTES),
    )
    trail.record(by=by, verb="tablet.code_given", subject=tablet)
    return code


class TooManyCodesError(Exception):
    """Somebody is trying codes."""


def enrol(*, code: str, address: str) -> tuple[AppUser, str] | None:
    """Return the tablet and token of a code, which is then used up; None for an unknown code.

    Wrong codes are counted per address and altogether. Raises TooManyCodesError, and
    BrokenSealError (the code stays good) where the tablet's token is unreadable.
    """
    if any_reached([(WRONG_PER_ADDRESS, (address,)), (WRONG_IN_ALL, ())]):
        raise TooManyCodesError
    digits = "".join(c for c in to_ascii(code) if c.isdigit())
    with transaction.atomic():
        row = (
            EnrolmentCode.objects.select_for_update(of=("self",))
            .select_related("app_user__programme")
            .filter(
                code_hash=_code_hash(digits),
                used_at=None,
                expires_at__gt=timezone.now(),
                app_user__revoked_at=None,
            )
            .first()
        )
        if row is not None:
            token = open_seal(row.app_user.token_sealed, Purpose.TOKENS)
            row.used_at = timezone.now()
            row.save(update_fields=["used_at"])
            trail.record(by=None, verb="tablet.enrolled", subject=row.app_user, job="enrolment")
            return row.app_user, token
    WRONG_PER_ADDRESS.count(address)
    WRONG_IN_ALL.count()
    return None


# -- ODK Collect's settings ----------------------------------------------------------


def collect_settings(*, server_url: str, name: str, username: str = "") -> dict[str, Any]:
    """Return the settings in the QR code for ODK Collect; they are locked in the field."""
    general: dict[str, Any] = {
        "server_url": server_url,
        "form_update_mode": "match_exactly",
        "autosend": "wifi_and_cellular",
        "delete_send": False,
        "image_size": "medium",
        "app_language": "km",
        "basemap_source": "osm",
    }
    if username:
        general["metadata_username"] = username
    return {
        "general": general,
        "project": {"name": name, "icon": "📋", "color": "#0a5c8a"},
        "admin": {"change_server": False},
    }


def qr_text(values: dict[str, Any]) -> str:
    """Return base64(zlib(json)), as ODK Collect reads it."""
    packed = zlib.compress(json.dumps(values, ensure_ascii=False).encode(), 9)
    return base64.b64encode(packed).decode()


def forms_of(tablet: AppUser) -> "frozenset[int] | None":
    """Return ids of the forms this tablet was given; None is every form of its programme."""
    if tablet.all_forms:
        return None
    return frozenset(Form.objects.filter(app_users=tablet).values_list("pk", flat=True))
