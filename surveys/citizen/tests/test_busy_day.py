"""After a busy day neither database, nor cache, nor logs tell a number, a token, or who reported."""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pyrage
import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string

from accounts.tests.factories import PASSWORD, join, make_programme, make_user
from accounts.tokens import issue
from surveys.citizen import services
from surveys.citizen.models import ReportKey, SealedReport
from surveys.submissions.tests import factories
from surveys.tests.country import reported_case

pytestmark = pytest.mark.django_db

SENDER = "203.0.113.77"
NUMBER = "012 345 678"
SPELLINGS = ("12345678", "12 345 678")
REPORTS = 12


def everything_stored() -> Iterator[tuple[str, str]]:
    """Yield every row of every table, and every key and value of the cache, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row
    with redis.Redis.from_url(django_settings.CACHES["default"]["LOCATION"]) as cache:
        for key in cache.scan_iter():
            kept = cache.dump(key) or b""
            yield "cache", f"{key.decode('latin-1')} {kept.decode('latin-1')}"


@pytest.fixture
def day(
    country: None,
    identity: Any,
    forget_remembered: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> dict[str, str]:
    """Do what people do on a busy day; return the words that nothing may store."""
    caplog.set_level(logging.DEBUG)
    forget_remembered()
    lead = make_user(username="sokha")
    join(lead, "cases.record", "submissions.review", "scores.working")
    tablet, token = factories.tablet(make_programme())
    _row, key = issue(user=lead, name="program")
    browser = Client(REMOTE_ADDR=SENDER)
    browser.post("/sign-in/", {"username": "sokha", "password": f"{PASSWORD} mistyped"})
    browser.post("/sign-in/", {"username": "sokha", "password": PASSWORD})
    session = browser.session.session_key
    Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/cases/")
    browser.get(f"/v1/key/{token}/projects/{tablet.programme_id}/tablet.json")
    fields = {"email": "sokha", "password": PASSWORD}
    central = browser.post("/v1/sessions", fields, content_type="application/json").json()["token"]
    browser.post("/v1/tablet/enrol", {"code": "111111"}, content_type="application/json")
    asked = {
        "id": "f" * 32,
        "service": "certified-copy",
        "commune": "010201",
        "asked_on": "2026-04-10",
        "number": NUMBER,
        "consent": True,
    }
    answer = browser.post("/app/requests/keep", asked, content_type="application/json")
    assert answer.status_code == 200, answer.content
    for number in range(REPORTS):
        words = f"report {number:02}".encode()
        sealed = base64.b64encode(pyrage.encrypt(words, [identity.to_public()])).decode()
        message = {"ciphertext": sealed, "key": ReportKey.objects.get().pk}
        kept = Client(REMOTE_ADDR=SENDER).post(
            "/app/sealed", json.dumps(message), content_type="application/json"
        )
        assert kept.json() == {"kept": True}
    secrets = {"tablet": token, "token": key, "central": central, "password": PASSWORD}
    return {**secrets, "code": answer.json()["code"], "session": session or ""}


def test_nothing_tells_a_number_a_token_or_an_address(
    day: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    hidden = {**day, "address": SENDER, **{spelling: spelling for spelling in SPELLINGS}}
    session = hidden.pop("session")
    results = [
        f"{what} in {where}"
        for where, text in everything_stored()
        for what, word in hidden.items()
        if word in text
    ]
    assert not results, results
    # Django finds a session by its key; no other table and no log may hold it
    assert {where for where, text in everything_stored() if session in text} == {
        "accounts_websession"
    }
    formatter = import_string(django_settings.LOGGING["formatters"]["discreet"]["()"])()
    logged = "\n".join(formatter.format(entry) for entry in caplog.records)
    assert not [what for what, word in hidden.items() if word in logged]
    assert session not in logged


def test_the_reports_of_a_day_have_no_order_and_no_hour(day: dict[str, str], identity: Any) -> None:
    def arrived() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ciphertext FROM citizen_sealedreport ORDER BY ctid")
            rows = cursor.fetchall()
        return [int(pyrage.decrypt(bytes(row[0]), [identity])[-2:]) for row in rows]

    order = arrived()
    assert sorted(order) == list(range(REPORTS))
    assert order != sorted(order), "in the order in which they came: 1 in 479,001,600 by chance"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM citizen_sealedreport")
        assert cursor.fetchone()[0] == 1, "the transaction tells the hour"
    assert not any("sealed" in text for where, text in everything_stored() if where == "cache")
    stored = [text for where, text in everything_stored() if where == "audit_entry"]
    assert not any("sealedreport" in text for text in stored)
    before = set(SealedReport.objects.values_list("pk", "fingerprint", "arrived_on"))
    assert services.shuffle(arrived_on=SealedReport.objects.all()[0].arrived_on) == REPORTS
    assert set(SealedReport.objects.values_list("pk", "fingerprint", "arrived_on")) == before


def test_the_search_itself_finds_what_is_there(country: None) -> None:
    """The control: a word that is stored is found in its table."""
    from surveys.services import record_case

    lead = make_user()
    join(lead, "cases.record")
    record_case(by=lead, reported=reported_case(note="findable words"))
    assert {where for where, text in everything_stored() if "findable words" in text} == {
        "surveys_case"
    }
