"""Uploaded forms are read by a worker.

The page and the API wait for it, and say when no worker comes.
"""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from conftest import wait_for
from jobs import attempts
from surveys.forms import compiling, pages
from surveys.forms.tests.test_fitness import CASES
from surveys.models import Form, FormUpload
from surveys.tasks import compile_form

GOOD = "| survey |\n| | type | name | label |\n| | integer | age | Age |\n"


@pytest.fixture
def by_worker(settings):
    settings.FORMS_COMPILED_BY_WORKER = True


@pytest.fixture
def coordinator(client, form_coordinator):
    form_coordinator.language = "en"
    form_coordinator.save()
    client.force_login(form_coordinator)
    return form_coordinator


def upload(client, programme, content, name="My form.md"):
    body = {"programme": programme.pk, "file": SimpleUploadedFile(name, content)}
    return client.post("/forms/upload/", body, HTTP_ACCEPT_LANGUAGE="en")


def test_a_worker_reads_an_upload_and_makes_the_draft(
    by_worker, celery_worker_process, client, coordinator, programme, monkeypatch
):
    monkeypatch.setattr(pages, "_WAIT_SECONDS", 120)
    answer = upload(client, programme, GOOD.encode())
    assert answer.status_code == 302
    form = Form.objects.get()
    assert answer.url == f"/forms/{form.pk}/"
    assert form.xml_form_id == "my_form"
    assert form.draft.outside_subset == []


def test_a_worker_s_refusal_is_on_the_page_with_its_cell(
    by_worker, celery_worker_process, client, coordinator, programme, monkeypatch
):
    monkeypatch.setattr(pages, "_WAIT_SECONDS", 120)
    wrong = (CASES / "x1-unclosed-paren.md").read_bytes()
    answer = upload(client, programme, wrong)
    assert answer.status_code == 422
    assert "survey, E3" in answer.content.decode()
    assert not Form.objects.exists()


@pytest.mark.django_db
def test_without_a_worker_the_page_shows_that_the_form_waits(
    by_worker, client, coordinator, programme, monkeypatch
):
    monkeypatch.setattr(pages, "_WAIT_SECONDS", 0.2)
    answer = upload(client, programme, GOOD.encode())
    sent = FormUpload.objects.get()
    assert answer.url == f"/forms/upload/{sent.pk}/"
    assert "being read" in client.get(answer.url, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    FormUpload.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert "kept and waits" in client.get(answer.url, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert compiling.run(sent.pk) == 1
    assert client.get(answer.url).url == f"/forms/{Form.objects.get().pk}/"


@pytest.mark.django_db
def test_others_do_not_see_an_upload(by_worker, client, coordinator, programme, django_user_model):
    sent = compiling.submit(
        programme=programme,
        content=GOOD.encode(),
        kind="md",
        file_name="a",
        by=None,
        makes_draft=True,
    )
    assert client.get(f"/forms/upload/{sent.pk}/").status_code == 404


@pytest.mark.django_db
def test_a_form_whose_worker_died_twice_is_given_up(by_worker, programme):
    sent = compiling.submit(
        programme=programme,
        content=GOOD.encode(),
        kind="md",
        file_name="a",
        by=None,
        makes_draft=True,
    )

    key = attempts.key_of(compiling.TASK, [sent.pk])
    for _message in ("the first", "the sweep's"):
        attempts.begin(key, compiling.TASK)  # the worker is killed now
    compile_form.push_request(id="another", called_directly=False)
    try:
        assert compile_form(sent.pk) is None
    finally:
        compile_form.pop_request()
    sent.refresh_from_db()
    assert sent.state == FormUpload.State.FAILED
    assert len(sent.problems) == 1
    assert compiling.run(sent.pk) == 0


@pytest.mark.django_db
def test_old_uploads_are_forgotten_and_their_drafts_stay(programme):
    compiling.submit(
        programme=programme,
        content=GOOD.encode(),
        kind="md",
        file_name="a",
        by=None,
        makes_draft=True,
    )
    assert compiling.forget_old() == 0
    FormUpload.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert compiling.forget_old() == 1
    assert Form.objects.get().draft is not None


def test_what_is_uploaded_twice_at_once_is_one_form(
    by_worker, celery_worker_process, form_coordinator, programme
):
    sent = [
        compiling.submit(
            programme=programme,
            content=GOOD.encode(),
            kind="md",
            file_name="a",
            by=form_coordinator,
            makes_draft=True,
        )
        for _turn in range(2)
    ]
    wait_for(lambda: not FormUpload.objects.filter(finished_at=None).exists(), what="both are read")
    assert {u.state for u in FormUpload.objects.filter(pk__in=[s.pk for s in sent])} == {"ready"}
    assert Form.objects.count() == 1
