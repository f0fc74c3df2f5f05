"""Health, metrics, log lines and the status page: true, and without personal data."""

import io
import json
import logging
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.tests.factories import join, make_programme, make_user
from config import request_ids
from config.logs import Discreet, DiscreetJson
from conftest import ROOT, test_database_url
from operations import gauges, status
from surveys.models import AppUser, ObservationChange

TOKEN = "a-token-of-monitoring"


def scrape(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def token(settings: Any, tmp_path: Path) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.BACKUP_FOLDER = tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["", TOKEN, "Bearer ", "Bearer another", f"bearer {TOKEN}", "Bearer ក"]
)
def test_metrics_are_for_whoever_brings_the_token(client: Client, token: None, header: str) -> None:
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


@pytest.mark.django_db
def test_without_a_token_in_the_settings_there_are_no_metrics(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_metrics_tell_what_waits_and_for_how_long(client: Client, token: None) -> None:
    before = scrape(client)
    assert before["keep_its_word_waiting", (("kind", "scores"),)] == 0
    assert before["keep_its_word_waiting_oldest_seconds", (("kind", "scores"),)] == 0
    change = ObservationChange.objects.create(
        province_code="01", commune_code="010201", month="2026-07-01", observation="case"
    )
    hour_ago = timezone.now() - timedelta(hours=1)
    ObservationChange.objects.filter(pk=change.pk).update(changed_at=hour_ago)
    after = scrape(client)
    assert after["keep_its_word_waiting", (("kind", "scores"),)] == 1
    assert 3600 <= after["keep_its_word_waiting_oldest_seconds", (("kind", "scores"),)] < 3700


@pytest.mark.django_db
def test_requests_are_counted_by_the_name_of_the_view_and_never_by_address(
    client: Client, token: None
) -> None:
    client.get("/sign-in/?who=dara-secret")
    client.generic("SECRET-METHOD", "/dara-secret/")
    result = scrape(client)
    labels = (("method", "GET"), ("status", "200"), ("view", "accounts:sign_in"))
    assert result["keep_its_word_requests_total", labels] >= 1
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content
    assert b"secret" not in text.lower()


@pytest.mark.django_db
def test_readyz_answers_without_workers_and_healthz_does_not(client: Client) -> None:
    assert client.get("/readyz").json() == {"ready": "ok"}
    assert client.get("/readyz").status_code == 200


@pytest.mark.slow
@pytest.mark.django_db
def test_counts_of_several_processes_are_added_up(tmp_path: Path) -> None:
    """As web processes and workers do: each writes files of its own into one folder."""
    environment = {
        **os.environ,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DATABASE_URL": test_database_url(),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    count = "import django; django.setup(); from operations import metrics as m; "
    count += "m.TASKS.labels('t', 'SUCCESS').inc()"
    for show in ("", "; print(m.exposition().decode())"):
        completed = subprocess.run(
            [sys.executable, "-c", count + show],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    assert 'keep_its_word_tasks_total{state="SUCCESS",task="t"} 2.0' in completed.stdout


@pytest.mark.django_db
def test_every_answer_has_an_identifier_and_nobody_writes_into_the_log_with_it(
    client: Client,
) -> None:
    own = client.get("/sign-in/")["X-Request-ID"]
    assert len(own) == 36
    good = "proxy-0001-abcd"
    assert client.get("/sign-in/", headers={"X-Request-ID": good})["X-Request-ID"] == good
    for bad in ("short", "a" * 41, "012 345 678", "x\nINFO forged line", "ក" * 10, "<script>--"):
        assert client.get("/sign-in/", headers={"X-Request-ID": bad})["X-Request-ID"] != bad
    assert request_ids.current() == {}


def line_of(formatter: logging.Formatter, message: str, error: bool = False) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    log = logging.Logger("of.a.test")
    log.addHandler(handler)
    try:
        raise ValueError('token="012345" of 012 345 678')
    except ValueError:
        log.warning(message, exc_info=error)
    return out.getvalue()


def test_log_lines_carry_the_identifier_and_nothing_personal() -> None:
    import structlog

    with structlog.contextvars.bound_contextvars(request_id="abc-1"):
        plain = line_of(Discreet("%(levelname)s %(message)s"), "called 012 345 678", error=True)
        json_line = json.loads(
            line_of(DiscreetJson(), 'said "token=x9" to 012 345 678', error=True)
        )
    assert plain.splitlines()[0] == "WARNING called […] request_id=abc-1"
    assert json_line["request_id"] == "abc-1"
    assert json_line["level"] == "warning"
    for text in (plain, json_line["message"], json_line["exception"]):
        assert "345" not in text
        assert "x9" not in text
    assert "request_id" not in json.loads(line_of(DiscreetJson(), "outside"))


@pytest.mark.django_db
def test_no_line_is_written_for_a_request(
    client: Client, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": "dara", "password": "wrong"})
    assert client.get("/none/").status_code == 404
    written = "".join(capfd.readouterr()) + caplog.text
    assert "request_started" not in written
    assert "sign-in" not in written
    assert "dara" not in written


def test_a_task_carries_the_identifier_of_the_request_that_sent_it() -> None:
    import structlog
    from django_structlog.celery.receivers import CeleryReceiver

    headers: dict[str, Any] = {}
    with structlog.contextvars.bound_contextvars(request_id="abc-2"):
        CeleryReceiver().receiver_before_task_publish(
            sender="t", headers=headers, body=([], {}, {}), routing_key="heavy"
        )
    assert headers["__django_structlog__"]["request_id"] == "abc-2"


@pytest.mark.slow
@pytest.mark.django_db
def test_the_status_page_says_in_words_what_the_gauges_say(
    client: Client, token: None, settings: Any
) -> None:
    coordinator, programme = make_user(), make_programme()
    join(coordinator, "submissions.review", programme=programme)
    tablet = AppUser.objects.create(
        programme=programme,
        name="Tablet 1",
        token_hash="0" * 64,
        last_used_at=timezone.now() - timedelta(days=8),
    )
    assert gauges.silent_tablets(AppUser.objects.all(), timezone.now()).get() == tablet
    client.force_login(coordinator)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get("/status/").content.decode()
    assert "1 tablet has not been heard from for 7 days." in page
    assert "There is no backup." in page
    assert "Not running:" in page  # this test has no worker
    folder = settings.BACKUP_FOLDER / "20261130-010203"
    folder.mkdir()
    made = {"made_at": timezone.now().isoformat(), "verified_at": timezone.now().isoformat()}
    (folder / "manifest.json").write_text(json.dumps(made))
    (folder / "verified.json").write_text(json.dumps(made))
    AppUser.objects.filter(pk=tablet.pk).update(last_used_at=timezone.now())
    page = client.get("/status/").content.decode()
    assert "A backup was restored and compared in the last month." in page
    assert "Every tablet in use has sent something in the last 7 days." in page
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "km"
    assert "backup" not in client.get("/status/").content.decode().split("<main")[1].lower()


@pytest.mark.django_db
def test_a_coordinator_reads_of_the_tablets_of_their_own_programmes_only() -> None:
    reader = make_user()
    join(reader, "submissions.review", programme=make_programme())
    long_ago = timezone.now() - timedelta(days=30)
    AppUser.objects.create(programme=make_programme(), name="Other", last_used_at=long_ago)
    texts = [line.text for line in status.statements(reader)]
    assert not [text for text in texts if "30" in text or "Other" in text]
    assert gauges.silent_tablets(AppUser.objects.visible_to(reader), timezone.now()).count() == 0
    assert gauges.silent_tablets(AppUser.objects.all(), timezone.now()).count() == 1
