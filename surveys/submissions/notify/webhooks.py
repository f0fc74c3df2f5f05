"""Signed webhooks: sent at once, tried again for two days, in a queue of their own."""

import hashlib
import hmac
import http.client
import ipaddress
import json
import secrets
import socket
import ssl
import time
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Programme, User
from audit import trail
from jobs import messages
from sealing import BrokenSealError, Purpose, open_seal, seal
from surveys.models import Webhook, WebhookDelivery
from surveys.submissions.notify.wakeups import DELIVER

EVENTS = (
    "submission.created",
    "submission.edited",
    "submission.reviewed",
    "submission.deleted",
)
TIMEOUT_SECONDS = 10
WAITS = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
"""Seconds between tries; after the last the message is given up and stays readable."""


class UnreachableError(Exception):
    """The target could not be reached; the text says why."""


@transaction.atomic
def add_webhook(
    *, programme: Programme, url: str, events: Iterable[str], by: User | None
) -> tuple[Webhook, str]:
    """Add a webhook; return it and its secret, which is shown once. Raises ValidationError."""
    secret = secrets.token_urlsafe(32)
    wanted = list(events)
    unknown = set(wanted) - set(EVENTS)
    if unknown or not wanted:
        raise ValidationError({"events": [_("Choose which events to send.")]})
    if not url.startswith("https://") and settings.LIVE:
        raise ValidationError({"url": [_("The address must begin with https://.")]})
    hook = Webhook(
        programme=programme, url=url, events=wanted, secret_sealed=_sealed(secret), created_by=by
    )
    hook.full_clean(exclude=["programme", "created_by"])
    hook.save()
    trail.record(by=by, verb="webhook.added", subject=hook, after={"url": url, "events": wanted})
    return hook, secret


@transaction.atomic
def remove_webhook(*, hook: Webhook, by: User | None) -> None:
    """Send nothing more to this address."""
    hook.is_active = False
    hook.save(update_fields=["is_active"])
    hook.deliveries.exclude(next_try_at=None).update(next_try_at=None, last_answer="removed")
    trail.record(by=by, verb="webhook.removed", subject=hook)


def _sealed(secret: str) -> str:
    return seal(secret, Purpose.TOKENS).decode()


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Return HMAC-SHA256 over ``stamp.body``, by which receivers know that the message is ours."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def deliver(delivery_id: int) -> int:
    """Try one delivery if it is due; return 1 when the target accepted it.

    Several tries at the same time count as one.
    """
    with transaction.atomic():
        row = (
            WebhookDelivery.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("webhook")
            .filter(pk=delivery_id, next_try_at__lte=timezone.now(), webhook__is_active=True)
            .first()
        )
        if row is None:
            return 0
        # claimed: nobody else tries while we wait for the target, and a killed worker retries
        row.tries += 1
        wait = WAITS[row.tries - 1] if row.tries <= len(WAITS) else None
        row.next_try_at = timezone.now() + timedelta(seconds=wait) if wait else None
        row.save(update_fields=["tries", "next_try_at"])
    try:
        row.last_answer = _post(row)
        row.delivered_at, row.next_try_at = timezone.now(), None
    except UnreachableError as trouble:
        row.last_answer = str(trouble)[:300]
    row.save(update_fields=["last_answer", "delivered_at", "next_try_at"])
    return 1 if row.delivered_at else 0


def wake_due() -> int:
    """Send a task message for each delivery whose next try is due."""
    due = WebhookDelivery.objects.filter(next_try_at__lte=timezone.now(), webhook__is_active=True)
    ids = list(due.order_by("next_try_at").values_list("pk", flat=True)[:1000])
    for pk in ids:
        messages.send(DELIVER, pk, expires=messages.SWEEP)
    return len(ids)


def _post(row: WebhookDelivery) -> str:
    body = json.dumps(row.body, ensure_ascii=False, sort_keys=True).encode()
    stamp = str(int(time.time()))
    try:
        secret = open_seal(row.webhook.secret_sealed, Purpose.TOKENS)
    except BrokenSealError as broken:
        raise UnreachableError(
            "The webhook's secret is unreadable: remove the webhook and add it again."
        ) from broken
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Delivery": str(row.pk),
        "X-Event": row.event,
        "X-Signature": f"t={stamp},v1={signature(secret, stamp, body)}",
    }
    connection = _connection(row.webhook.url)
    target = urlsplit(row.webhook.url)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        status = answer.status
    except (OSError, http.client.HTTPException) as trouble:
        raise UnreachableError(f"{type(trouble).__name__}: {trouble}") from trouble
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise UnreachableError(f"HTTP {status}")
    return f"HTTP {status}"


class _PinnedHTTP(http.client.HTTPConnection):
    """Connects to an address that was checked, while the host's name stays in the request.

    The name is resolved once: a name server that answers another address the second time
    (DNS rebinding) would otherwise lead a checked request into our own network.
    """

    address: str

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class _PinnedHTTPS(http.client.HTTPSConnection):
    """The same over TLS; the certificate is still checked against the host's name."""

    address: str
    context: ssl.SSLContext

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)


def _connection(url: str) -> http.client.HTTPConnection:
    """Prepare a connection to the first address of the host, if all of them are public when live.

    Raises UnreachableError.
    """
    try:
        target = urlsplit(url)
        host, port = target.hostname or "", target.port
    except ValueError as trouble:
        raise UnreachableError(f"{url}: {trouble}") from trouble
    secure = target.scheme == "https"
    port = port or (443 if secure else 80)
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as trouble:
        raise UnreachableError(f"{host}: {trouble}") from trouble
    addresses = [str(entry[4][0]) for entry in resolved]
    if settings.LIVE and not all(_is_public(address) for address in addresses):
        raise UnreachableError("The address lies inside a private network.")
    if secure:
        over_tls = _PinnedHTTPS(host, port, timeout=TIMEOUT_SECONDS)
        over_tls.context, over_tls.address = ssl.create_default_context(), addresses[0]
        return over_tls
    plain = _PinnedHTTP(host, port, timeout=TIMEOUT_SECONDS)
    plain.address = addresses[0]
    return plain


def _is_public(address: str) -> bool:
    """Return whether an address is one of the public internet, also when wrapped into IPv6."""
    ip_address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip_address, ipaddress.IPv6Address):
        inner = (
            ip_address.ipv4_mapped or ip_address.sixtofour or (ip_address.teredo or [None, None])[1]
        )
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        if ip_address in _NAT64:
            return _is_public(str(ipaddress.IPv4Address(int(ip_address) & 0xFFFFFFFF)))
    return ip_address.is_global and not ip_address.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
