"""Imports, exports and forms whose message was lost are done all the same; old forms are tested."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audit.models import Entry
from conftest import wait_for
from jobs import attempts, messages
from surveys import lost_messages
from surveys.forms import compiling, engine, fitness, retesting
from surveys.forms.publishing import prepare, publish, save_draft
from surveys.importing import uploads
from surveys.models import ExportJob, FormUpload, FormVersion, ImportBatch
from surveys.submissions.exports import formats
from surveys.submissions.tests import factories

FORM = b"| survey |\n| | type | name | label |\n| | integer | age | Age |\n"
LATE = timedelta(minutes=1)


def ask_for_everything(programme, person):
    """An import, an export and a form that wait; their messages are lost."""
    batch = uploads.start_upload(
        by=person, kind="cases", file=SimpleUploadedFile("a.csv", b"x"), language="en"
    )
    form = factories.published(programme)
    job = formats.ask(form=form, format="csv", by=person)
    sent = compiling.submit(
        programme=programme,
        content=FORM,
        kind="md",
        file_name="a.md",
        by=person,
        makes_draft=True,
        default_form_id="a",
    )
    return batch, job, sent


def make_late():
    then = timezone.now() - LATE
    ImportBatch.objects.update(created_at=then)
    FormUpload.objects.update(created_at=then)
    ExportJob.objects.update(asked_at=then)


@pytest.fixture
def no_messages(monkeypatch):
    """Whatever is sent is lost."""
    lost = []
    with monkeypatch.context() as patch:
        patch.setattr(messages.current_app, "send_task", lambda *a, **o: lost.append(a))
        yield lost


@pytest.mark.django_db(transaction=True)
def test_what_waits_is_sent_again_and_what_is_new_or_done_is_not(
    programme, form_coordinator, settings, no_messages
):
    settings.FORMS_COMPILED_BY_WORKER = True
    ask_for_everything(programme, form_coordinator)
    assert lost_messages.send_again() == 0, "their messages were only just sent"
    make_late()
    assert lost_messages.send_again() == 3
    FormUpload.objects.update(finished_at=timezone.now(), state=FormUpload.State.READY)
    assert lost_messages.send_again() == 2


def test_a_worker_does_what_the_sweep_sends_once(
    celery_worker_process, programme, form_coordinator, settings, monkeypatch
):
    settings.FORMS_COMPILED_BY_WORKER = True
    with monkeypatch.context() as patch:
        patch.setattr(messages, "current_app", SimpleNamespace(send_task=lambda *a, **o: None))
        batch, job, sent = ask_for_everything(programme, form_coordinator)
    make_late()
    assert [lost_messages.send_again() for _sweep in range(2)] == [3, 3], "nobody has begun yet"

    def are_done():
        rows = [one._meta.model.objects.get(pk=one.pk) for one in (batch, job, sent)]
        return all(row.finished_at for row in rows)

    wait_for(are_done, what="import, export and form")
    assert lost_messages.send_again() == 0
    sent.refresh_from_db()
    assert sent.form.draft.tried_by == engine.version()


@pytest.mark.django_db
def test_a_page_says_that_a_file_is_kept_while_no_worker_is_at_it(
    client, country, coordinator, no_messages
):
    batch = uploads.start_upload(
        by=coordinator, kind="cases", file=SimpleUploadedFile("a.csv", b"x"), language="en"
    )
    client.force_login(coordinator)

    def page():
        return client.get(f"/cases/import/{batch.pk}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()

    assert "is kept and waits" not in page()
    make_late()
    assert "is kept and waits" in page()
    attempts.begin(attempts.key_of(uploads.TASK, [batch.pk]), uploads.TASK)
    assert "is kept and waits" not in page()


# -- versions of forms that today's engine has not opened ---------------------------------


def of_before(programme, **changes):
    """A published version as it was stored before there was an engine."""
    form = factories.published(programme)
    FormVersion.objects.filter(pk=form.current_id).update(tried_by="", **changes)
    return FormVersion.objects.get(pk=form.current_id)


@pytest.mark.django_db
def test_a_version_of_before_the_engine_is_tested_and_gains_what_it_compiles(programme):
    now = factories.published(programme).current.compiled
    version = FormVersion.objects.get()
    FormVersion.objects.update(tried_by="", compiled={**now, "actions": [], "lists": {}})
    assert retesting.due() == [version.pk]
    assert retesting.retest(version.pk) == 1
    version.refresh_from_db()
    assert (version.compiled, version.outside_subset) == (now, [])
    assert version.for_tablet
    assert retesting.due() == []
    assert retesting.retest(version.pk) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("relevant", "text"),
    [
        ("( /data/age &gt; 5", "F6"),  # an unclosed bracket
        ("/data/happy = 'yes'", "F6"),  # a cycle
        ("no-such-function(1)", "no-such-function"),
    ],
)
def test_a_version_that_the_engine_cannot_run_is_for_collect_alone(programme, relevant, text):
    draft = save_draft(
        programme=programme, prepared=prepare(factories.SMALL.encode(), "md"), by=None
    )
    wrong, changed = re.subn(r'relevant="[^"]*"', f'relevant="{relevant}"', draft.xml)
    assert changed == 1
    FormVersion.objects.filter(pk=draft.pk).update(xml=wrong, tried_by="")
    publish(form=draft.form, by=None)
    assert retesting.retest(draft.pk) == 1
    version = FormVersion.objects.get(pk=draft.pk)
    assert not version.for_tablet
    assert text in str(version.outside_subset)
    entry = Entry.objects.get(verb="form.tested_again")
    assert (entry.before, entry.after["for_tablet"]) == ({"for_tablet": True}, False)


@pytest.mark.django_db
def test_a_version_stays_due_while_no_engine_can_be_started(programme, monkeypatch):
    version = of_before(programme)

    def away(*_args):
        raise fitness.NotTestedError("The form engine cannot be started.")

    monkeypatch.setattr(fitness, "check", away)
    assert retesting.retest(version.pk) == 0
    assert retesting.due() == [version.pk]
    version.refresh_from_db()
    assert version.for_tablet, "nothing is known against it"


@pytest.mark.django_db
def test_a_form_published_while_no_engine_can_be_started_is_tested_later(programme, monkeypatch):
    def away(*_args):
        raise fitness.NotTestedError("The form engine cannot be started.")

    with monkeypatch.context() as patch:
        patch.setattr(fitness, "check", away)
        form = factories.published(programme)
    assert not form.current.for_tablet
    assert retesting.due() == [form.current_id]
    assert retesting.retest(form.current_id) == 1
    assert FormVersion.objects.get(pk=form.current_id).for_tablet


@pytest.mark.django_db
def test_a_version_that_kills_its_worker_twice_is_for_collect_alone(programme):
    version = of_before(programme)
    retesting.give_up(version.pk)
    version.refresh_from_db()
    assert not version.for_tablet
    assert retesting.due() == []
