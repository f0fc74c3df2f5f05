"""Inputs that hypothesis invents, for every address that other people's programs call.

OpenRosa, a telephone company, the citizens' app and Central's clients send extreme days, digits of
every script, NUL, lone surrogates and long values: no answer is an error of ours, and records and
scores continue to work. ``HOSTILE=2000`` (as `make fuzz` sets) invents so many of each.
"""

import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from surveys.hotline.tests.conftest import TOKEN, line
from surveys.hotline.tests.phone import BASE
from surveys.models import Submission
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories
from tests.test_hostile_values import SAID

pytestmark = pytest.mark.django_db
__all__ = ["line"]

EXAMPLES = int(os.environ.get("HOSTILE", "12"))
DAYS = (
    *("0001-01-01", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "2026-02-30"),
    *("2026-03-02T25:61:61+99:99", "2569-03-01", "1969-12-31T23:59:59Z", "២០២៦-០៣-០២"),
)
NUMBERS = ("9" * 5000, "-0", "1e999", "NaN", "²", "٣", "៣", "①", "0x10", "+855" + "1" * 40, "٠٠")
TEXTS = ("\x00", "\ud800", "x" * 70_000, "\u202e", "]]>", "<!--", "%00", "../..", "𐀀", "\ufffe")
ANY_TEXT = st.one_of(
    st.sampled_from((*DAYS, *NUMBERS, *TEXTS)),
    st.text(st.characters(), max_size=40),
    st.text(st.characters(categories=["Cs", "Cc", "Nd", "Co"]), max_size=20),
)
ANY_JSON = st.recursive(
    st.one_of(ANY_TEXT, st.none(), st.booleans(), st.floats(), st.integers()),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(ANY_TEXT, inside)),
    max_leaves=6,
)
LIGHTLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def raw(text: str) -> bytes:
    """The text as a broken program sends it: lone surrogates as three bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def check(answer: Any, *about: object) -> None:
    """No error of ours, and JSON where JSON is promised."""
    assert answer.status_code < 500 or answer.status_code in SAID, (answer.status_code, about)
    if answer.get("Content-Type", "").startswith("application/json") and not answer.streaming:
        json.loads(answer.content or b"null")


@pytest.fixture
def rosa() -> tuple[Client, str]:
    """A client that speaks OpenRosa, and the address of a tablet's key."""
    programme = factories.programme()
    factories.published(programme)
    tablet, token = factories.tablet(programme)
    client = Client(raise_request_exception=False, headers={"X-OpenRosa-Version": "1.0"})
    return client, f"/v1/key/{token}/projects/{tablet.programme_id}"


def test_records_of_any_content_are_kept_or_refused_and_never_stop_the_others(
    rosa: tuple[Client, str],
) -> None:
    client, key = rosa
    plain = factories.record(instance="INSTANCE")

    @given(number=st.integers(0), where=st.integers(0, 3), text=ANY_TEXT, name=ANY_TEXT)
    @LIGHTLY
    def send(number: int, where: int, text: str, name: str) -> None:
        marks = (b"2026-11-20", b"INSTANCE", b"T09:20:00.000+07:00", b"<age>31</age>")
        xml = plain.replace(marks[where], raw(text))
        xml = xml.replace(b"INSTANCE", f"uuid:{number}".encode())
        parts = {
            "xml_submission_file": SimpleUploadedFile("r.xml", xml, "text/xml"),
            "p.jpg": SimpleUploadedFile("p.jpg", b"\xff\xd8\xff\xe0" + raw(name), "image/jpeg"),
        }
        device = quote(raw(name)[:3000])
        check(client.post(f"{key}/submission?deviceID={device}", parts), where, text, name)
        for path in (f"returned/{quote(raw(text)[:500])}.xml", f"forms/{device[:900]}/manifest"):
            check(client.get(f"{key}/{path}"), path)

    send()
    good = factories.record(instance="uuid:good")
    parts = {"xml_submission_file": SimpleUploadedFile("r.xml", good, "text/xml")}
    assert client.post(f"{key}/submission", parts).status_code == 201
    observe_waiting()
    assert not Submission.objects.filter(observed_at=None).exists()


def test_a_telephone_company_may_send_anything(line: Any) -> None:
    client = Client(raise_request_exception=False)
    names = ("CallSid", "From", "To", "Digits", "CallStatus", "CallDuration", "Direction", "Caller")

    @given(fields=st.dictionaries(st.sampled_from(names), ANY_TEXT, min_size=1))
    @LIGHTLY
    def call(fields: dict[str, str]) -> None:
        values = {"AccountSid": line.account_sid, "CallSid": "a", "From": "+85512345678"}
        values |= {name: text[:2000] for name, text in fields.items()}
        for address in (f"/ivr/v1/voice/{line.pk}", f"/ivr/v1/status/{line.pk}"):
            body = urlencode(
                {name: raw(text) for name, text in values.items()}, quote_via=quote
            ).encode()
            heard = {name: raw(text).decode("utf-8", "replace") for name, text in values.items()}
            signature = RequestValidator(TOKEN).compute_signature(BASE + address, heard)
            answer = client.post(
                address,
                body,
                content_type="application/x-www-form-urlencoded",
                headers={"X-Twilio-Signature": signature},
            )
            check(answer, address, values)
        check(client.get(f"/ivr/v1/step/{quote(raw(values['From']))}/1"))

    call()


def test_the_citizens_app_may_send_anything() -> None:
    from surveys.tests.country import make_country

    make_country()
    client = Client(raise_request_exception=False)
    addresses = (
        *("tell", "requests/keep", "requests/find", "requests/close", "requests/waiting"),
        *("remind", "remind/cancel", "commitments/answer", "sealed"),
    )
    names = (
        *("service", "commune", "asked_on", "received_on", "status", "fee_paid", "visits", "id"),
        *("code", "key", "ciphertext", "endpoint", "receipt", "documents", "option", "answer"),
    )

    @given(fields=st.dictionaries(st.sampled_from(names), ANY_JSON, min_size=1))
    @LIGHTLY
    def send(fields: dict[str, Any]) -> None:
        good = {"service": "certified-copy", "commune": "010201", "asked_on": "2026-04-10"}
        body = json.dumps(good | {"id": "0" * 20} | fields)
        for address in addresses:
            cache.clear()  # the limits of messages from one address
            check(client.post(f"/app/{address}", body, content_type="application/json"), body[:300])

    send()


def test_centrals_clients_may_ask_anything(django_user_model: Any) -> None:
    programme = factories.programme()
    factories.published(programme)
    client = Client(raise_request_exception=False)
    client.force_login(django_user_model.objects.create_superuser("root", "a-long-password-9"))
    project = f"/v1/projects/{programme.pk}"
    form = f"{project}/forms/small"
    asked = ("$filter", "$top", "$skip", "$orderby", "$select", "$expand", "$skiptoken", "q")
    posts: dict[str, Callable[[str, Any], Any]] = {
        f"{form}/submissions": lambda text, _json: (raw(f"<data>{text}</data>"), "text/xml"),
        f"{project}/forms": lambda text, _json: (raw(text), "application/xml"),
        "/v1/sessions": lambda _text, content: (json.dumps(content), "application/json"),
        f"{project}/app-users": lambda text, _json: (
            json.dumps({"displayName": text}),
            "application/json",
        ),
    }

    @given(
        values=st.dictionaries(st.sampled_from(asked), ANY_TEXT), text=ANY_TEXT, content=ANY_JSON
    )
    @LIGHTLY
    def ask(values: dict[str, str], text: str, content: Any) -> None:
        query = urlencode({name: raw(value)[:3000] for name, value in values.items()})
        part = quote(raw(text)[:900], safe="")
        for path in (
            *(f"{form}.svc/Submissions", f"{form}.svc/$metadata", f"{form}/submissions"),
            *(f"{form}/submissions/{part}", f"{form}/submissions/{part}/attachments/{part}"),
            *(f"{project}/forms/{part}", f"/v1/projects/{part}", f"{form}/submissions.csv"),
        ):
            check(client.get(f"{path}?{query}"), path, values)
        for path, body_of in posts.items():
            body, kind = body_of(text, content)
            check(client.post(path, body, content_type=kind), path, text, content)
        patch = json.dumps({"reviewState": text, "state": content})
        for path in (form, f"{form}/submissions/{part}"):
            check(client.patch(path, patch, content_type="application/json"), path, patch)

    ask()
