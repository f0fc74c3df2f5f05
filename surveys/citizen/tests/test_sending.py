"""What phones send becomes requests and cases, once, and mistakes come back as sentences."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from standards.models import Service
from surveys.citizen import answers, content
from surveys.citizen.models import Answered
from surveys.citizen.tests.conftest import NAME
from surveys.citizen.throttle import SENDING, WRONG_CODES
from surveys.models import Case, Contact, ObservationChange, Request

Send = Callable[..., Any]

pytestmark = pytest.mark.django_db
KEPT = {"id": NAME, "service": "certified-copy", "commune": "010201", "asked_on": "2026-04-10"}
TOLD = {
    "id": NAME,
    "service": "certified-copy",
    "commune": "010201",
    "asked_on": "2026-04-10",
    "received_on": "2026-04-21",
    "status": "received",
    "fee_paid": "៤០០០",
    "visits": 3,
}


def test_a_request_is_kept_once_and_its_code_told_again_to_the_same_phone(
    country: None, send: Send
) -> None:
    first = send("/app/requests/keep", KEPT)
    again = send("/app/requests/keep", KEPT)
    assert first.status_code == 200
    assert first.json() == again.json()
    assert len(first.json()["code"]) == 8
    assert Request.objects.count() == Case.objects.count() == 1
    kept = Answered.objects.get()
    assert first.json()["code"].encode() not in bytes(kept.sealed_answer)
    assert NAME not in kept.message_hash


def test_answers_are_forgotten_after_a_month(country: None, send: Send) -> None:
    send("/app/requests/keep", KEPT)
    Answered.objects.update(answered_on=date(2020, 1, 1))
    assert answers.purge() == 1


def test_a_request_is_found_waited_for_and_closed_by_its_code(country: None, send: Send) -> None:
    code = send("/app/requests/keep", KEPT).json()["code"]
    standing = send("/app/requests/find", {"code": code}).json()
    assert standing["promised"] == "2026-04-20"  # New Year lies in between
    assert standing["overdue"]
    assert not send("/app/requests/waiting", {"code": code}).json()["closed"]
    closed = send(
        "/app/requests/close",
        {"code": code, "received_on": "2026-04-22", "fee_paid": 4000, "visits": 3, "receipt": True},
    )
    assert closed.json()["closed"]
    case = Case.objects.get()
    assert (case.status, case.fee_paid, case.visits, case.receipt) == ("received", 4000, 3, True)
    assert ObservationChange.objects.filter(commune_code="010201").count() >= 2


def test_a_number_is_kept_only_with_consent(country: None, send: Send) -> None:
    refused = send("/app/requests/keep", KEPT | {"number": "012345678"})
    assert "agree" in refused.json()["errors"]["number"][0]
    assert not Request.objects.exists()
    bad = send("/app/requests/keep", KEPT | {"number": "1294", "consent": True})
    assert bad.status_code == 400
    assert not Request.objects.exists()
    send("/app/requests/keep", KEPT | {"number": "០១២ ៣៤៥ ៦៧៨", "consent": True})
    assert Contact.objects.count() == 1


def test_what_somebody_tells_is_a_case_once_with_honest_unknowns(country: None, send: Send) -> None:
    for _twice in range(2):
        assert send("/app/tell", TOLD).json() == {"kept": True}
    case = Case.objects.get()
    assert (case.channel, case.fee_paid, case.visits) == ("citizen", 4000, 3)
    assert case.receipt is None
    assert case.recorded_by is None
    assert send("/app/tell", TOLD | {"fee_paid": 1}).status_code == 409


def test_mistakes_are_sentences_in_the_language_of_the_phone(country: None, send: Send) -> None:
    late = send("/app/tell", TOLD | {"asked_on": "2199-01-01"})
    assert late.status_code == 400
    assert "future" in " ".join(late.json()["errors"]["asked_on"])
    km = send("/app/tell", TOLD | {"asked_on": "31/12"}, **{"X-Language": "km"})
    assert "ថ្ងៃ" in km.json()["errors"]["asked_on"][0]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        "null",
        '{"id": 7}',
        '{"id": "short"}',
        json.dumps(TOLD | {"visits": {"a": 1}}),
        json.dumps(TOLD | {"fee_paid": True}),
        json.dumps(TOLD | {"service": "a\x00b"}),
        json.dumps(TOLD | {"commune": "9" * 500}),
        json.dumps(TOLD | {"receipt": "maybe"}),
        "[" * 50_000,
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_kept(
    country: None, send: Send, text: str
) -> None:
    answer = send("/app/tell", text)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not Case.objects.exists()


def test_other_sites_and_other_kinds_of_message_are_refused(country: None, client: Client) -> None:
    assert client.get("/app/tell").status_code == 405
    assert client.post("/app/tell", {"id": NAME}).status_code == 415
    cross = client.post(
        "/app/tell", TOLD, content_type="application/json", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert cross.status_code == 403
    assert not Case.objects.exists()


def test_guessing_codes_is_stopped_and_sending_too_much_has_to_wait(
    country: None, send: Send
) -> None:
    code = send("/app/requests/keep", KEPT).json()["code"]
    wrong = "00000000" if code != "00000000" else "00000001"
    for _guess in range(WRONG_CODES.most):
        assert send("/app/requests/find", {"code": wrong}).status_code == 404
    assert send("/app/requests/find", {"code": code}).status_code == 429
    for _more in range(SENDING.most):
        SENDING.count("127.0.0.1")
    assert send("/app/tell", {}).status_code == 429


def test_the_content_is_the_standards_and_is_not_sent_twice(country: None, client: Client) -> None:
    first = client.get("/app/data.json")
    fields = {one["code"]: one for one in first.json()["services"]}
    copy = fields["certified-copy"]["options"][0]
    assert (copy["fee"], copy["concession"], copy["days"]) == (1000, 500, 3)
    assert fields["birth-registration"]["options"][0]["papersKnown"]
    assert ["2026-04-14", "ចូលឆ្នាំ", "New Year", True] in first.json()["holidays"]
    same = client.get("/app/data.json", headers={"If-None-Match": first["ETag"]})
    assert same.status_code == 304
    small = client.get("/app/places.json", headers={"Accept-Encoding": "gzip"})
    assert small["Content-Encoding"] == "gzip"


def test_an_unpublished_price_is_null_and_posted_prices_come_with_their_commune(
    country: None, client: Client
) -> None:
    posted = client.get("/app/communes/010201.json").json()
    centre = next(o for o in posted["offices"] if o["kind"] == "health_centre")
    assert centre["posted"][0]["fee"] == 4000
    services = {s["code"]: s for s in content.book()["services"]}
    assert services["outpatient-consultation"]["options"] == []
    assert client.get("/app/communes/999999.json").status_code == 404


def test_the_page_brings_todays_services_and_the_kept_page_none(
    country: None, client: Client
) -> None:
    cache.clear()
    Service.objects.filter(code="certified-copy").update(name_km="</script><b>copy")
    page = client.get("/app/").content.decode()
    assert "&lt;/script&gt;&lt;b&gt;copy" in page
    assert "<b>copy" not in page
    section = page[page.index('id="/s/certified-copy"') :].partition("</section></section>")[0]
    assert "១.០០០" in section
    assert "៥០០" in section, "the concession"
    assert "២១/១១/២០២៦" in section, "when it was checked"
    bare = client.get("/app/?bare").content.decode()
    assert "<!--first-->" in bare
    assert "certified-copy" not in bare
    again = client.get("/app/", headers={"If-None-Match": client.get("/app/")["ETag"]})
    assert again.status_code == 304
