"""The pages of forms, tablets and review, as a coordinator uses them."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from accounts.models import Membership, Role, User
from surveys.forms import published_versions
from surveys.models import (
    AppUser,
    CollectionRules,
    ExportJob,
    Form,
    Quarantine,
    Submission,
    Webhook,
)
from surveys.submissions.exports.formats import run
from surveys.submissions.intake.receive import RefusedError, Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    published_versions.forget()


@pytest.fixture
def coordinator(client, form_coordinator):
    form_coordinator.language = "en"
    form_coordinator.save()
    client.force_login(form_coordinator)
    return form_coordinator


@pytest.fixture
def sender(programme):
    tablet, _token = factories.tablet(programme)
    return Sender(programme_id=programme.pk, app_user_id=tablet.pk)


def sheet(rows, name="form.xlsx"):
    book = Workbook()
    survey = book.active
    survey.title = "survey"
    for row in rows:
        survey.append(row)
    settings = book.create_sheet("settings")
    settings.append(["form_id", "form_title"])
    settings.append(["mine", "Mine"])
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def upload(client, programme, rows):
    body = {"programme": programme.pk, "file": sheet(rows)}
    return client.post("/forms/upload/", body, HTTP_ACCEPT_LANGUAGE="en")


def test_a_form_is_uploaded_tested_and_published(client, coordinator, programme):
    rows = [["type", "name", "label"], ["integer", "age", "Age"]]
    answer = upload(client, programme, rows)
    form = Form.objects.get()
    assert answer.status_code == 302
    page = client.get(f"/forms/{form.pk}/").content.decode()
    assert 'class="qr"' in page
    client.post(f"/forms/{form.pk}/publish/")
    form.refresh_from_db()
    assert form.current is not None
    assert re.fullmatch(r"\d{12}", form.current.version)
    again = client.get("/forms/").content.decode()
    assert "Mine" in again
    source = client.get(f"/forms/{form.pk}/{form.current.pk}.source")
    assert load_workbook(io.BytesIO(source.content))["survey"]["B2"].value == "age"


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return SimpleUploadedFile("media.zip", out.getvalue(), "application/zip")


def test_a_zip_of_media_fills_the_slots_of_its_names(client, coordinator, programme):
    rows = [["type", "name", "label", "media::audio"], ["integer", "age", "Age", "អាយុ.mp3"]]
    upload(client, programme, rows)
    form = Form.objects.get()
    files = {"voices/អាយុ.mp3": b"ID3 voice", "__MACOSX/អាយុ.mp3": b"no", "other.mp3": b"x"}
    page = client.post(f"/forms/{form.pk}/media/", {"files": zipped(files)}, follow=True)
    row = form.draft.attachments.get(name="អាយុ.mp3")
    assert bytes(row.content) == b"ID3 voice"
    assert row.content_type == "audio/mpeg"
    assert "other.mp3" in page.content.decode()
    broken = SimpleUploadedFile("media.zip", b"PK no zip", "application/zip")
    page = client.post(f"/forms/{form.pk}/media/", {"files": broken}, follow=True)
    assert "message--error" in page.content.decode()


@pytest.mark.parametrize(
    ("rows", "cell", "words"),
    [
        ([["type", "name", "label"], ["integer", "1age", "Age"]], "survey, B2", "name"),
        (
            [["type", "name", "label", "relevant"], ["integer", "age", "Age", "${old} > 1"]],
            "survey, D2",
            "old",
        ),
        ([["type", "name", "label"], ["nonsense", "age", "Age"]], "survey, A2", "nonsense"),
        (
            [["type", "name", "label"], ["begin_group", "case", "Case"], ["text", "phone", "Phone"],
             ["end_group", "", ""]],
            "survey, B3",
            "citizens",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_cell(client, coordinator, programme, rows, cell, words):
    client.cookies["django_language"] = "en"
    answer = upload(client, programme, rows)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert cell in text
    assert words in text
    assert not Form.objects.exists()


def test_what_is_no_workbook_is_refused_in_words(client, coordinator, programme):
    file = SimpleUploadedFile("form.xlsx", b"not a zip")
    body = {"programme": programme.pk, "file": file}
    assert client.post("/forms/upload/", body).status_code == 422
    body = {"programme": programme.pk, "file": SimpleUploadedFile("form.exe", b"MZ")}
    assert client.post("/forms/upload/", body).status_code == 422


def test_what_the_tablet_cannot_do_is_named_and_left_to_collect(client, coordinator, programme):
    upload(client, programme, [["type", "name", "label"], ["barcode", "b", "Bar"]])
    form = Form.objects.get()
    client.cookies["django_language"] = "en"
    assert "survey!A2" in client.get(f"/forms/{form.pk}/").content.decode()


def test_nobody_without_the_right_enters(client, programme, db):
    stranger = User.objects.create_user("stranger", "a-long-password-9")
    client.force_login(stranger)
    for url in ("/forms/", "/tablets/", "/submissions/", "/submissions/quarantine/"):
        assert client.get(url).status_code == 403
    other = factories.published(programme)
    assert client.get(f"/forms/{other.pk}/").status_code == 403


def test_a_coordinator_of_another_programme_sees_nothing(client, coordinator, sender):
    other = factories.programme("other")
    form = factories.published(other)
    receive(sender=Sender(programme_id=other.pk), xml=record())
    row = Submission.objects.get()
    assert client.get(f"/forms/{form.pk}/").status_code == 404
    assert client.get(f"/submissions/{row.pk}/").status_code == 404
    assert "small" not in client.get("/submissions/").content.decode()


def test_a_tablet_is_made_shown_rotated_and_revoked(client, coordinator, programme):
    client.post("/tablets/", {"programme": programme.pk, "name": "Tablet 7"})
    tablet = AppUser.objects.get()
    page = client.get(f"/tablets/{tablet.pk}/")
    assert page.content.decode().count('class="qr"') == 1
    assert "no-store" in page["Cache-Control"]
    shown = client.post(f"/tablets/{tablet.pk}/", {"action": "code"}).content.decode()
    assert re.search(r'aria-label="\d{6}"', shown)
    before = tablet.token_hash
    client.post(f"/tablets/{tablet.pk}/", {"action": "rotate"})
    tablet.refresh_from_db()
    assert tablet.token_hash != before
    client.post(f"/tablets/{tablet.pk}/", {"action": "revoke"})
    tablet.refresh_from_db()
    assert tablet.revoked_at is not None


@pytest.fixture
def arrived(programme, sender):
    factories.published(programme)
    receive(sender=sender, xml=record(instance="uuid:1"))
    observe_waiting()
    return Submission.objects.get()


def test_a_record_is_read_returned_edited_and_approved(client, coordinator, arrived, sender):
    client.cookies["django_language"] = "en"
    url = f"/submissions/{arrived.pk}/"
    page = client.get(url).content.decode()
    assert "Age" in page
    assert "Yes" in page
    client.post(url, {"action": "returned"})
    arrived.refresh_from_db()
    assert arrived.state == "received"  # a comment is needed
    client.post(url, {"action": "returned", "comment": "Which age?"})
    edit = record(instance="uuid:2", replaces="uuid:1", answers="<age>32</age><happy>yes</happy>")
    receive(sender=sender, xml=edit)
    observe_waiting()
    page = client.get(url).content.decode()
    assert "<del>31</del>" in page
    assert "<ins>32</ins>" in page
    assert "Which age?" in page
    client.post(url, {"action": "approved"})
    arrived.refresh_from_db()
    assert arrived.state == "approved"
    client.post(url, {"action": "delete", "comment": "test"})
    assert client.get(url).status_code == 404


def test_the_list_is_filtered_and_asks_few_questions(
    client, coordinator, arrived, sender, django_assert_max_num_queries
):
    for number in range(20):
        receive(sender=sender, xml=record(answers=f"<age>{number + 130}</age>"))
    observe_waiting()
    with django_assert_max_num_queries(20):
        page = client.get("/submissions/").content.decode()
    assert page.count('<th scope="row">') == 21
    some = client.get("/submissions/?flag=constraint&state=received").content.decode()
    assert some.count('<th scope="row">') == 20


def test_a_refused_record_is_shown_with_its_diff_and_taken(client, coordinator, arrived, sender):
    other = record(instance="uuid:1", answers="<age>40</age><happy>no</happy>")
    with pytest.raises(RefusedError):
        receive(sender=sender, xml=other)
    held = Quarantine.objects.get()
    client.cookies["django_language"] = "en"
    page = client.get(f"/submissions/quarantine/{held.pk}/").content.decode()
    assert "<ins>40</ins>" in page
    client.post(f"/submissions/quarantine/{held.pk}/", {"action": "take"})
    arrived.refresh_from_db()
    assert b"<age>40</age>" in bytes(arrived.current.xml)
    held.refresh_from_db()
    assert held.settlement == "taken"


def test_a_page_disguised_as_a_photo_is_never_shown(client, coordinator, programme, sender):
    from surveys.submissions.intake.files import keep

    factories.published(programme)
    bad = keep(SimpleUploadedFile("p.jpg", b"<html><script>alert(1)</script>", "image/jpeg"))
    answers = "<age>31</age><photo>p.jpg</photo>"
    receive(sender=sender, xml=record(answers=answers), files=[bad])
    observe_waiting()
    row = Submission.objects.get()
    assert row.flags.get(kind="bad_media").detail["looks_like"] == "text/html"
    file = row.attachments.get()
    answer = client.get(f"/submissions/{row.pk}/files/{file.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content).startswith(b"<html>")


def test_small_exports_are_given_at_once_and_workbooks_in_the_background(
    client, coordinator, arrived
):
    form = arrived.form
    answer = client.post("/submissions/exports/", {"form": form.pk, "format": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeffSubmissionDate,")
    assert "ល្អ" in text
    client.post("/submissions/exports/", {"form": form.pk, "format": "xlsx"})
    job = ExportJob.objects.get()
    assert run(job.pk) == 1
    assert run(job.pk) == 0  # one that is done is left alone
    assert "progress" in client.get("/submissions/exports/").content.decode()
    given = client.get(f"/submissions/exports/{job.pk}/")
    book = load_workbook(io.BytesIO(b"".join(given.streaming_content)))
    names, cells = book["Submissions"].values
    row = dict(zip(names, cells, strict=True))
    assert (names[0], row["KEY"], row["age"]) == ("SubmissionDate", "uuid:1", "31")
    client.force_login(User.objects.create_user("other", "a-long-password-9"))
    assert client.get(f"/submissions/exports/{job.pk}/").status_code in {403, 404}


def test_rules_and_webhooks_of_a_programme(client, coordinator, programme, arrived):
    url = f"/submissions/rules/{programme.code}/"
    body = {"count_only_approved": "on", "from_hour": 7, "to_hour": 18, "far_km": 5}
    assert client.post(url, {**body, "callback_percent": 10}).status_code == 302
    assert CollectionRules.objects.get().count_only_approved is True
    arrived.refresh_from_db()
    assert arrived.observed_at is None
    assert client.post(url, {**body, "from_hour": 20, "callback_percent": 10}).status_code == 422
    hook = {"url": "https://example.org/hook", "events": ["submission.created"]}
    client.post(f"{url}webhooks/", hook)
    row = Webhook.objects.get()
    assert client.get(url).status_code == 200
    client.post(f"{url}webhooks/", {"remove": row.pk})
    row.refresh_from_db()
    assert row.is_active is False


def test_who_may_see_the_nation_sees_every_record_and_form(client, arrived):
    from surveys.submissions.exports.formats import exportable

    boss = User.objects.create_superuser("boss", "a-long-password-9")
    role = Role.objects.create(
        code="national",
        name_km="ក",
        name_en="n",
        about_km="ក",
        about_en="n",
        permissions=["submissions.review"],
    )
    national = User.objects.create_user("national", "a-long-password-9")
    Membership.objects.create(user=national, role=role)
    for person in (boss, national):
        assert exportable(arrived.form, person).count() == 1
        assert Form.objects.visible_to(person).count() == 1
        assert AppUser.objects.visible_to(person).count() == 1
