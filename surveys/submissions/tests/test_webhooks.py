"""Signed webhooks: sent once, tried again, and a dead target slows nobody."""

import json
import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from surveys.models import Submission, WebhookDelivery
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.notify import webhooks
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.review import actions
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def target():
    """A listener that answers as the test says, and records what it received."""
    heard: list[tuple[dict[str, str], bytes]] = []

    class Listener(BaseHTTPRequestHandler):
        status = 200

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((dict(self.headers), body))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.status = 200
    server.heard = heard
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def place(db):
    where = factories.programme("hooked")
    factories.published(where)
    return where


def hook(place, server):
    url = f"http://127.0.0.1:{server.server_port}/in"
    return webhooks.add_webhook(programme=place, url=url, events=webhooks.EVENTS, by=None)


def due():
    return list(WebhookDelivery.objects.order_by("id"))


def test_each_change_of_a_record_is_told_once_and_signed(place, target, django_user_model):
    person = django_user_model.objects.create_user("sok", "x-long-password")
    _row, secret = hook(place, target)
    sender = Sender(programme_id=place.pk, user_id=person.pk)
    receive(sender=sender, xml=record(instance="uuid:1"))
    observe_waiting()
    receive(sender=sender, xml=record(instance="uuid:2", replaces="uuid:1"))
    observe_waiting()
    submission = Submission.objects.get()
    actions.set_state(submission=submission, state="approved", by=person)
    actions.delete(submission=submission, by=person, reason="test")
    observe_waiting()
    assert [d.event for d in due()] == list(webhooks.EVENTS)
    for row in due():
        assert webhooks.deliver(row.pk) == 1
        assert webhooks.deliver(row.pk) == 0
    assert len(target.heard) == 4
    headers, body = target.heard[0]
    stamp, sign = (part.split("=")[1] for part in headers["X-Signature"].split(","))
    assert sign == webhooks.signature(secret, stamp, body)
    payload = json.loads(body)
    assert (payload["event"], payload["instanceId"]) == ("submission.created", "uuid:1")
    assert "age" not in body.decode()


def test_a_target_in_trouble_is_tried_again_later_and_given_up_in_the_end(place, target):
    hook(place, target)
    target.status = 500
    receive(sender=Sender(programme_id=place.pk), xml=record())
    observe_waiting()
    (row,) = due()
    for tried in range(1, len(webhooks.WAITS) + 2):
        WebhookDelivery.objects.filter(next_try_at__isnull=False).update(
            next_try_at=timezone.now() - timedelta(seconds=1)
        )
        assert webhooks.deliver(row.pk) == 0
        row.refresh_from_db()
        assert (row.tries, row.last_answer) == (tried, "HTTP 500")
        assert webhooks.deliver(row.pk) == 0
    assert row.next_try_at is None
    assert len(target.heard) == len(webhooks.WAITS) + 1


def test_a_target_that_is_gone_leaves_the_record_alone(place, target):
    hook(place, target)
    target.shutdown()
    target.socket.close()
    receive(sender=Sender(programme_id=place.pk), xml=record())
    assert observe_waiting() == 1
    (row,) = due()
    assert webhooks.deliver(row.pk) == 0
    row.refresh_from_db()
    assert row.next_try_at > timezone.now()
    assert Submission.objects.get().observe_error == ""


def test_a_live_house_calls_no_machine_of_its_own_network(place, target, settings):
    hook(place, target)
    settings.LIVE = True
    receive(sender=Sender(programme_id=place.pk), xml=record())
    observe_waiting()
    (row,) = due()
    assert webhooks.deliver(row.pk) == 0
    row.refresh_from_db()
    assert "private" in row.last_answer
    assert target.heard == []
    with pytest.raises(ValidationError):
        hook(place, target)


def test_deliveries_have_a_queue_of_their_own(settings):
    assert settings.CELERY_TASK_ROUTES["surveys.tasks.deliver_webhook"] == {"queue": "webhooks"}


def test_unknown_events_are_refused(place):
    with pytest.raises(ValidationError):
        webhooks.add_webhook(programme=place, url="https://x.org/", events=["other"], by=None)


@pytest.mark.parametrize(
    "second", ["127.0.0.1", "10.0.0.7", "::1", "::ffff:192.168.1.1", "64:ff9b::a00:1"]
)
def test_a_name_that_changes_its_address_reaches_nothing_of_ours(monkeypatch, settings, second):
    """DNS rebinding: the name server says a public address first and an inner one afterwards."""
    settings.LIVE = True
    answers = iter(["93.184.216.34", second])
    connected = []

    def name_server(host, port, **kinds):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(webhooks.socket, "getaddrinfo", name_server)
    monkeypatch.setattr(webhooks.socket, "create_connection", connect)
    connection = webhooks._connection("https://hooks.example/in")
    with pytest.raises(ConnectionRefusedError):
        connection.request("POST", "/in", b"{}")
    assert connected == [("93.184.216.34", 443)]
    with pytest.raises(webhooks.UnreachableError, match="private network"):
        webhooks._connection("https://hooks.example/in")


@pytest.mark.parametrize(
    "url", ["http://[::1", "https://x:99999/", "https://a..b/", "http://a\\u0000b/"]
)
def test_an_address_that_means_nothing_is_refused_in_a_sentence(url):
    with pytest.raises(webhooks.UnreachableError):
        webhooks._connection(url)


def test_an_unreadable_secret_signs_nothing(settings, place, target):
    made, _secret = hook(place, target)
    row = WebhookDelivery.objects.create(
        webhook=made, event="submission.created", body={}, next_try_at=timezone.now()
    )
    settings.SECRET_KEY = "changed by mistake"
    assert webhooks.deliver(row.pk) == 0
    row.refresh_from_db()
    assert "unreadable" in row.last_answer
    assert not target.heard
