"""Without Valkey, pages of every role answer, what is sent is stored, and the page says so.

A Valkey of the test's own, killed with SIGKILL: it is broker, results and cache of this process.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config.embedded.valkey import Valkey
from conftest import wait_for
from jobs import messages
from scorecards.models import Release, ScoringRun
from standards.models import Standard
from surveys import lost_messages
from surveys.forms import pages as form_pages
from surveys.hotline import callbacks, lines, texts
from surveys.hotline.models import Event, Line, TextMessage
from surveys.importing import uploads
from surveys.models import (
    Case,
    ExportJob,
    Form,
    FormUpload,
    ImportBatch,
    ObservationChange,
    Submission,
)
from surveys.submissions.notify import wakeups
from surveys.submissions.processing import derive
from surveys.submissions.tests import factories
from surveys.tests.country import make_country
from surveys.tests.test_pages import ANSWERS
from tests.addresses import addresses, answered, make_people, make_things
from tests.processes import passable_folder

TELLS = {"healthz"}
"""Addresses that report by 503 that the broker does not answer, which is their purpose."""
ANSWERED = {501}
"""What Central's interface does not offer."""
SHEET = b"case_id,commune,service,asked_on,status\nK-1,010201,birth-registration,2026-03-02,open\n"
FORM = b"| survey |\n| | type | name | label |\n| | integer | age | Age |\n"


@pytest.fixture
def valkey(settings: Any) -> Iterator[Valkey]:
    """A Valkey that this process uses for everything, until a test kills it."""
    with passable_folder() as folder:
        (folder / "servers").mkdir()
        server = Valkey(Path(folder))
        address = server.start()
        before = current_app._get_current_object()
        app = Celery("own", broker=address, backend=address)
        app.conf.task_routes = before.conf.task_routes
        app.conf.task_queues = before.conf.task_queues
        app.conf.broker_transport_options = before.conf.broker_transport_options
        settings.CACHES = {"default": {**django_settings.CACHES["default"], "LOCATION": address}}
        try:
            assert messages.send("surveys.tasks.observe_arrived"), "it works before it is killed"
            yield server
        finally:
            wakeups.waking.cancel()
            app.close()
            before.set_current()
            before.set_default()
            server.stop()


def kill(server: Valkey) -> None:
    assert server.child
    server.child.kill()
    server.child.wait()
    assert not messages.send("surveys.tasks.observe_arrived")


@pytest.mark.django_db
def test_every_page_of_every_role_answers_without_valkey(valkey: Valkey) -> None:
    make_country()
    people = make_people()
    things = make_things(people["facilitator"], people["coordinator"])
    cache.set("kept-before", 1)
    kill(valkey)
    wrong, pages = [], dict.fromkeys(["visitor", *people], 0)
    for name in pages:
        client = Client(raise_request_exception=False)
        if name != "visitor":
            client.force_login(people[name])
        for address in addresses():
            path = address.filled(things)
            of_programs = path.startswith(("/v1/", "/api/"))
            if address.name in TELLS or (of_programs and name != "coordinator"):
                continue
            answer = answered(client, "get", path)
            if answer.status_code >= 500 and answer.status_code not in ANSWERED:
                wrong.append(f"{name} at {path}: {answer.status_code}")
            pages[name] += answer.status_code == 200
    assert not wrong, "\n".join(wrong)
    assert all(count > 9 for count in pages.values()), pages


@pytest.fixture
def office(transactional_db: None, settings: Any, monkeypatch: Any) -> dict[str, User]:
    """People of each role in a small country; uploaded forms are left to a worker."""
    make_country()
    settings.FORMS_COMPILED_BY_WORKER = True
    monkeypatch.setattr(form_pages, "_WAIT_SECONDS", 0.2)
    return make_people()


def signed_in(person: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    person.language = "en"
    person.save(update_fields=["language"])
    client.force_login(person)
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_uploads_and_exports_are_kept_said_to_be_kept_and_done_later(
    celery_worker_process: str, valkey: Valkey, office: dict[str, User]
) -> None:
    lead = signed_in(office["coordinator"])
    programme = office["coordinator"].memberships.get().programme
    assert programme
    factories.published(programme)
    kill(valkey)
    sheet = {"kind": "cases", "file": SimpleUploadedFile("a.csv", SHEET)}
    form = {"programme": programme.pk, "file": SimpleUploadedFile("my.md", FORM)}
    export = {"form": Form.objects.get().pk, "format": "xlsx"}
    answers = [
        lead.post("/cases/import/", sheet),
        lead.post("/forms/upload/", form),
        lead.post("/submissions/exports/", export),
    ]
    assert [answer.status_code for answer in answers] == [302] * 3
    then = timezone.now() - timedelta(minutes=1)
    ImportBatch.objects.update(created_at=then)
    FormUpload.objects.update(created_at=then)
    ExportJob.objects.update(asked_at=then)
    sentences = [page(lead, answer.url) for answer in answers]
    assert "The spreadsheet is kept and waits" in sentences[0]
    assert "The form is kept and waits" in sentences[1]
    assert "The file is not being made yet" in sentences[2]
    assert lost_messages.send_again() == 0, "no broker takes them"

    # files of tests are where the worker does not look: the sheet is read here
    assert uploads.run_upload(ImportBatch.objects.get().pk) == 1
    assert Case.objects.get().case_id == "K-1"

    # the broker is back: beat's next sweep is enough
    own = current_app._get_current_object()
    from config.celery import app

    app.set_current()
    try:
        assert lost_messages.send_again() == 2
    finally:
        own.set_current()
    wait_for(lambda: ExportJob.objects.exclude(file="").exists(), what="the export")
    wait_for(lambda: Form.objects.filter(xml_form_id="my").exists(), what="the form")


def test_runs_and_releases_are_kept_and_the_page_says_when_they_begin(
    valkey: Valkey, office: dict[str, User]
) -> None:
    admin = signed_in(office["admin"])
    release = Release.objects.create(
        period="2026-Q1",
        method_version="1",
        state=Release.State.AUDITED,
        prepared_by=office["coordinator"],
    )
    kill(valkey)
    answer = admin.post("/scores/runs/", {"kind": "compute"}, follow=True)
    assert "The run is kept. It begins by itself within a quarter of an hour." in (
        answer.content.decode()
    )
    assert ScoringRun.objects.get().state == ScoringRun.State.RUNNING
    decide = f"/releases/{release.pk}/decide/"
    answer = admin.post(decide, {"decision": "publish", "sure": "1"}, follow=True)
    assert "Your decision is kept." in answer.content.decode()
    release.refresh_from_db()
    assert release.state == Release.State.APPROVED


def test_cases_records_standards_and_the_hotline_lose_nothing(
    valkey: Valkey, office: dict[str, User]
) -> None:
    team = signed_in(office["facilitator"])
    programme = office["coordinator"].memberships.get().programme
    assert programme
    factories.published(programme)
    tablet, token = factories.tablet(programme)
    kill(valkey)
    assert team.post("/cases/new/", ANSWERS).status_code == 302
    assert Case.objects.count() == 1
    assert ObservationChange.objects.count() == 1, "the scores follow at beat's next look"

    sent = Client().post(
        f"/v1/key/{token}/projects/{tablet.programme_id}/submission",
        {"xml_submission_file": SimpleUploadedFile("a.xml", factories.record(), "text/xml")},
        headers={"X-OpenRosa-Version": "1.0"},
    )
    assert sent.status_code == 201
    assert derive.observe_waiting() == 1
    assert Submission.objects.get().observed_at

    terms = {"starts_on": "2027-01-01", "fee": "1500", "currency": "KHR", "fee_unit": "case"}
    priced = signed_in(office["admin"]).post(
        f"/standards/{Standard.objects.get(service__code='birth-registration').pk}/new-price/",
        {**terms, "days_max": "10", "day_kind": "working", "confirm": "1", "source": "test"},
    )
    assert priced.status_code < 500

    line = Line(company=Line.Company.SOMLENG, number="1294", account_sid="a")
    lines.set_token(line, "a secret of the telephone company")
    line.save()
    callbacks.receive(line, {"MessageSid": "SM1", "MessageStatus": "sent"})
    assert Event.objects.filter(sid="SM1").exists(), "the sweep deletes its words at the company"
    texts.ask(number="012345678", language="km", kind=TextMessage.Kind.ANSWER, service="x")
    assert TextMessage.objects.get().pk in texts.due(timezone.now())
