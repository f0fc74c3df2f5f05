"""Reminders on the promised day while the app is closed: web push with our own VAPID key.

The server stores a browser's push address and a day, without service, commune or request. The
message says only that a promised day has come; the phone knows which. Addresses are encrypted, and
deleted when the reminder was sent, cancelled or cannot arrive.
"""

import base64
import json
from datetime import date, timedelta
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush

from sealing import BrokenSealError, Purpose, derived_bytes, keyed_hash, open_seal, seal
from surveys.citizen.models import PushReminder

LONGEST_AHEAD: Final = timedelta(days=3 * 366)
KEPT_AFTER: Final = timedelta(days=7)
"""The time after which an undelivered reminder is deleted."""
LONGEST_ADDRESS: Final = 1000
TIMEOUT: Final = 10
TIME_TO_LIVE: Final = 3 * 24 * 3600
"""Seconds for which the push service keeps a message for a phone that is off."""
MOST_AT_ONCE: Final = 2000
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the curve P-256."""


@cache
def _private_key() -> ec.EllipticCurvePrivateKey:
    """Return the VAPID key (RFC 8292), derived from the installation's secret, so the same in every
    process.
    """
    number = int.from_bytes(derived_bytes(Purpose.PUSH), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key() -> str:
    """Return the public half as browsers ask for it: base64url of the uncompressed point."""
    point = _private_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def _is_of_a_push_service(address: str) -> bool:
    """Return whether the address is one of a push service; no other host is ever contacted."""
    parts = urlsplit(address)
    host = parts.netloc.lower()
    plain = parts.scheme == "https" or host in settings.PUSH_SERVICES_WITHOUT_TLS
    return plain and any(
        host == existing_value or (existing_value.startswith(".") and host.endswith(existing_value))
        for existing_value in (*settings.PUSH_SERVICES, *settings.PUSH_SERVICES_WITHOUT_TLS)
    )


def _checked(subscription: Any) -> dict[str, Any]:
    """Return the needed fields of a browser's subscription. Raises ValidationError."""
    unreadable = ValidationError({"subscription": [_("This cannot be read.")]})
    if not isinstance(subscription, dict) or not isinstance(subscription.get("keys"), dict):
        raise unreadable
    address, keys = subscription.get("endpoint"), subscription["keys"]
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
        raise unreadable
    lengths = {"p256dh": 65, "auth": 16}
    for name, length in lengths.items():
        text = keys.get(name)
        if not isinstance(text, str) or _length(text) != length:
            raise unreadable
    if not _is_of_a_push_service(address):
        raise ValidationError(
            {"subscription": [_("This browser's reminders cannot be sent from here.")]}
        )
    return {"endpoint": address, "keys": {name: keys[name] for name in lengths}}


def _length(text: str) -> int:
    """Return the number of bytes in a text of base64url; 0 where it is not base64url."""
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return 0


def keep_reminder(*, subscription: Any, due_on: date | None, language: str) -> PushReminder:
    """Store that a browser wants a reminder on a day; asked twice, it is stored once.

    Raises ValidationError.
    """
    today = timezone.localdate()
    if due_on is None or not today <= due_on <= today + LONGEST_AHEAD:
        raise ValidationError({"due_on": [_("Choose a day that is still to come.")]})
    checked = _checked(subscription)
    reminder, _made = PushReminder.objects.update_or_create(
        endpoint_hash=keyed_hash(checked["endpoint"], Purpose.PUSH),
        due_on=due_on,
        defaults={
            "sealed_subscription": seal(json.dumps(checked), Purpose.PUSH),
            "language": language,
        },
    )
    return reminder


def cancel_reminder(*, endpoint: str, due_on: date) -> int:
    """Delete a browser's reminder for a day, given its address; return how many there were."""
    push_reminders = PushReminder.objects.filter(
        endpoint_hash=keyed_hash(endpoint, Purpose.PUSH), due_on=due_on
    )
    return push_reminders.delete()[0]


def send_due(today: date | None = None) -> int:
    """Send the due reminders and delete them; one that cannot arrive now is tried again.

    Return how many were sent. Each reminder is locked while it is sent: two workers never send one
    twice.
    """
    today = today or timezone.localdate()
    PushReminder.objects.filter(due_on__lt=today - KEPT_AFTER).delete()
    sent = 0
    for pk in PushReminder.objects.filter(due_on__lte=today).values_list("pk", flat=True)[
        :MOST_AT_ONCE
    ]:
        with transaction.atomic():
            row = PushReminder.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if row is None:
                continue
            status = _send(row)
            sent += status == "sent"
            if status != "later":
                row.delete()
    return sent


def _send(row: PushReminder) -> str:
    """Send one reminder: ``sent``, ``gone`` (the browser wants none any more) or ``later``."""
    try:
        subscription = json.loads(open_seal(bytes(row.sealed_subscription), Purpose.PUSH))
    except BrokenSealError:
        return "gone"
    if not _is_of_a_push_service(subscription["endpoint"]):
        return "gone"
    session = requests.Session()
    session.max_redirects = 0  # a redirect is not followed: no push service answers with one
    message = {"language": row.language, "due_on": row.due_on.isoformat()}
    try:
        webpush(
            subscription,
            json.dumps(message),
            vapid_private_key=Vapid02(_private_key()),
            vapid_claims={"sub": settings.VAPID_CONTACT},
            ttl=TIME_TO_LIVE,
            timeout=TIMEOUT,
            requests_session=session,
        )
    except WebPushException as refused:
        status = getattr(refused.response, "status_code", 0)
        return "gone" if status in {400, 403, 404, 410} else "later"
    except requests.RequestException:
        return "later"
    return "sent"
