"""Reminders while the app is closed: kept under no name, sent encrypted, and forgotten.

A real HTTP server of this test stands for the browser maker's push service; what it receives is
decrypted with ``http_ece`` and its signature checked with ``cryptography``, as a browser would.
"""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone

from surveys.citizen import push
from surveys.citizen.models import PushReminder

pytestmark = pytest.mark.django_db
SECRET = b"sixteen-byte-key"


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class PushService:
    """What a push service does: takes messages, answers with a status that the test chooses."""

    def __init__(self) -> None:
        self.status = 201
        self.taken: list[tuple[dict[str, str], bytes]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.taken.append(({name.lower(): v for name, v in self.headers.items()}, body))
                self.send_response(service.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    push_service = PushService()
    settings.PUSH_SERVICES_WITHOUT_TLS = [push_service.host]
    threading.Thread(target=push_service.server.serve_forever, daemon=True).start()
    yield push_service
    push_service.server.shutdown()
    push_service.server.server_close()


@pytest.fixture
def browser() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def subscription(browser: ec.EllipticCurvePrivateKey, endpoint: str) -> dict[str, Any]:
    point = browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {"endpoint": endpoint, "keys": {"p256dh": coded(point), "auth": coded(SECRET)}}


def ask(endpoint: str, browser: ec.EllipticCurvePrivateKey, days: int = 3, **more: Any) -> Any:
    message = {
        "id": "a" * 30,
        "subscription": subscription(browser, endpoint),
        "due_on": (timezone.localdate() + timedelta(days=days)).isoformat(),
        **more,
    }
    return Client().post("/app/remind", json.dumps(message), content_type="application/json")


def test_a_reminder_is_kept_encrypted_and_sent_once_on_its_day(
    service: PushService, browser: ec.EllipticCurvePrivateKey
) -> None:
    address = f"http://{service.host}/push/secret-address"
    assert ask(address, browser).status_code == 200
    assert ask(address, browser).status_code == 200
    row = PushReminder.objects.get()
    assert b"secret-address" not in bytes(row.sealed_subscription)
    today = timezone.localdate()
    assert push.send_due(today) == 0
    assert push.send_due(row.due_on) == 1
    assert push.send_due(row.due_on) == 0
    assert not PushReminder.objects.exists()
    ((headers, body),) = service.taken
    payload = json.loads(http_ece.decrypt(body, private_key=browser, auth_secret=SECRET))
    assert payload == {"language": "km", "due_on": row.due_on.isoformat()}
    token, key = (part.split("=", 1)[1] for part in headers["authorization"][6:].split(","))
    assert key == push.public_key()
    head, claims, signature = token.strip().split(".")
    raw = decoded(signature)
    halves = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key)).verify(
        encode_dss_signature(*halves), f"{head}.{claims}".encode(), ec.ECDSA(SHA256())
    )
    assert json.loads(decoded(claims))["aud"] == f"http://{service.host}"


@pytest.mark.parametrize(("status", "kept"), [(404, 0), (410, 0), (429, 1), (500, 1), (302, 1)])
def test_what_cannot_arrive_is_tried_again_or_forgotten(
    service: PushService, browser: ec.EllipticCurvePrivateKey, status: int, kept: int
) -> None:
    """A redirect is not followed: no push service sends us elsewhere."""
    ask(f"http://{service.host}/push/1", browser, days=0)
    service.status = status
    today = timezone.localdate()
    assert push.send_due(today) == 0
    assert PushReminder.objects.count() == kept
    assert len(service.taken) == 1
    push.send_due(today + push.KEPT_AFTER + timedelta(days=1))
    assert not PushReminder.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/push",
        "http://fcm.googleapis.com/push",
        "https://fcm.googleapis.com.example.org/push",
        "https://fcm.googleapis.com@127.0.0.1/push",
        "https://127.0.0.1:5432/",
        "https://notify.windows.com.evil.example/",
        "file:///etc/passwd",
        "gopher://fcm.googleapis.com/",
        "",
    ],
)
def test_no_other_host_is_ever_asked(address: str, browser: ec.EllipticCurvePrivateKey) -> None:
    assert ask(address, browser).status_code == 400
    assert not PushReminder.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://sg2p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_services_of_the_browsers_are_known(
    address: str, browser: ec.EllipticCurvePrivateKey
) -> None:
    assert ask(address, browser).status_code == 200


@pytest.mark.parametrize(
    "broken",
    [
        {"subscription": None},
        {"subscription": {"endpoint": "https://fcm.googleapis.com/x", "keys": {}}},
        {"subscription": {"endpoint": 7, "keys": {"p256dh": "a", "auth": "b"}}},
        {"subscription": {"endpoint": "https://fcm.googleapis.com/x", "keys": "keys"}},
        {"due_on": "2020-01-01"},
        {"due_on": "2099-01-01"},
        {"due_on": "tomorrow"},
        {"due_on": ""},
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(
    broken: dict[str, Any], browser: ec.EllipticCurvePrivateKey
) -> None:
    answer = ask("https://fcm.googleapis.com/x", browser, **broken)
    assert answer.status_code == 400
    assert all(answer.json()["errors"].values())
    assert not PushReminder.objects.exists()


def test_a_closed_request_is_not_reminded_of(browser: ec.EllipticCurvePrivateKey) -> None:
    address = "https://fcm.googleapis.com/x"
    ask(address, browser)
    due_on = PushReminder.objects.get().due_on.isoformat()
    for endpoint, left in (("https://fcm.googleapis.com/y", 1), (address, 0)):
        fields = {"id": "b" * 30, "endpoint": endpoint, "due_on": due_on}
        Client().post("/app/remind/cancel", json.dumps(fields), content_type="application/json")
        assert PushReminder.objects.count() == left


def test_the_key_is_the_same_on_every_machine_of_an_installation() -> None:
    key = push.public_key()
    push._private_key.cache_clear()
    assert push.public_key() == key
    assert len(decoded(key)) == 65
