"""The submission address, as ODK Collect uses it."""

import xml.etree.ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

import media
from surveys.models import Quarantine, Submission, SubmissionAttachment, SubmissionVersion
from surveys.openrosa.answers import ACCEPT_LENGTH
from surveys.submissions.intake.files import name_of
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 50

pytestmark = pytest.mark.django_db


def post(rosa, key, xml, /, **files):
    parts = {"xml_submission_file": SimpleUploadedFile("record.xml", xml, "text/xml")}
    for name, content in files.items():
        kind = "image/jpeg" if isinstance(content, bytes) else content[1]
        body = content if isinstance(content, bytes) else content[0]
        parts[name] = SimpleUploadedFile(name, body, kind)
    return rosa.post(f"{key}/submission?deviceID=collect%3Aabc", parts)


def message_of(response):
    root = ET.fromstring(response.content)
    assert root.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    return root[0].text


def test_head_says_204_and_how_much_fits(rosa, key):
    answer = rosa.head(f"{key}/submission?deviceID=x")
    assert answer.status_code == 204
    assert answer["X-OpenRosa-Version"] == "1.0"
    assert answer["X-OpenRosa-Accept-Content-Length"] == "100000000"
    assert answer["Date"]


def test_a_record_is_kept_byte_for_byte(rosa, key, form, tablet):
    xml = record(instance="uuid:1")
    answer = post(rosa, key, xml)
    assert answer.status_code == 201
    assert answer["X-OpenRosa-Version"] == "1.0"
    assert "success" in message_of(answer)
    row = Submission.objects.get()
    assert bytes(row.xml) == xml
    assert (row.form, row.version, row.app_user) == (form, form.current, tablet[0])
    assert row.device_id == "collect:abc"
    assert row.observed_at is None


def test_one_record_costs_three_statements_at_most(rosa, key, form, django_assert_max_num_queries):
    post(rosa, key, record())
    with django_assert_max_num_queries(1):
        assert post(rosa, key, record()).status_code == 201


def test_the_same_record_again_leaves_one_row(rosa, key, form):
    xml = record(instance="uuid:1")
    assert post(rosa, key, xml).status_code == 201
    for _again in range(3):
        answer = post(rosa, key, xml)
        assert answer.status_code == 202
        assert "already" in message_of(answer)
    assert Submission.objects.count() == 1


def test_other_content_under_a_known_id_goes_to_quarantine(rosa, key, form):
    post(rosa, key, record(instance="uuid:1"))
    other = record(instance="uuid:1", answers="<age>99</age>")
    for times in (1, 2):
        answer = post(rosa, key, other, **{"p.jpg": JPEG})
        assert answer.status_code == 409
        held = Quarantine.objects.get()
        assert (held.reason, held.times) == ("other_content", times)
        assert bytes(held.xml) == other
        assert held.submission.instance_id == "uuid:1"
        assert media.read(name_of(held.files[0]["sha256"])) == JPEG


def test_a_long_record_comes_in_several_posts(rosa, key, form):
    xml = record(instance="uuid:1")
    parts = {
        "xml_submission_file": SimpleUploadedFile("r.xml", xml, "text/xml"),
        "a.jpg": SimpleUploadedFile("a.jpg", JPEG, "image/jpeg"),
        "*isIncomplete*": "yes",
    }
    assert rosa.post(f"{key}/submission", parts).status_code == 201
    assert post(rosa, key, xml, **{"b.jpg": JPEG}).status_code == 201
    assert post(rosa, key, xml, **{"b.jpg": JPEG}).status_code == 202
    assert sorted(SubmissionAttachment.objects.values_list("name", flat=True)) == ["a.jpg", "b.jpg"]


def test_khmer_file_names_stay_khmer(rosa, key, form):
    name = "រូបថត ផ្ទះ.jpg"
    assert post(rosa, key, record(), **{name: JPEG}).status_code == 201
    assert SubmissionAttachment.objects.get().name == name


def test_another_photo_under_the_same_name_is_kept_too(rosa, key, form):
    xml = record()
    post(rosa, key, xml, **{"a.jpg": JPEG})
    assert post(rosa, key, xml, **{"a.jpg": JPEG + b"2"}).status_code == 201
    assert SubmissionAttachment.objects.count() == 2
    assert SubmissionAttachment.objects.filter(name="a.jpg").count() == 1


def test_a_photo_that_is_no_photo_is_kept_and_known_for_what_it_is(rosa, key, form):
    page = b"<html><script>alert(1)</script></html>"
    assert post(rosa, key, record(), **{"p.jpg": page}).status_code == 201
    row = SubmissionAttachment.objects.get()
    assert (row.content_type, row.looks_like) == ("image/jpeg", "text/html")


def test_a_path_in_a_file_name_reaches_no_folder(rosa, key, form):
    assert post(rosa, key, record(), **{"..\\..\\evil.jpg": JPEG}).status_code == 201
    assert SubmissionAttachment.objects.get().name == "evil.jpg"


@pytest.mark.parametrize("orx", [True, False])
def test_meta_is_read_with_and_without_its_namespace(rosa, key, form, orx):
    assert post(rosa, key, record(instance="one", orx=orx)).status_code == 201
    assert Submission.objects.get().instance_id == "one"


def test_an_edit_replaces_the_wording_and_keeps_both(rosa, key, form):
    first, second = (
        record(instance="uuid:1"),
        record(instance="uuid:2", replaces="uuid:1", answers="<age>32</age>"),
    )
    post(rosa, key, first, **{"p.jpg": JPEG})
    assert post(rosa, key, second).status_code == 201
    assert post(rosa, key, second).status_code == 202
    assert post(rosa, key, first).status_code == 202
    row = Submission.objects.get()
    assert bytes(row.xml) == first
    assert bytes(row.current.xml) == second
    assert row.state == "edited"
    assert [a.name for a in row.current.attachments.all()] == ["p.jpg"]
    third = record(instance="uuid:3", replaces="uuid:2", answers="<age>33</age>")
    assert post(rosa, key, third).status_code == 201
    assert SubmissionVersion.objects.count() == 2


def test_an_edit_of_an_old_wording_is_held_and_of_nothing_is_unknown(rosa, key, form):
    post(rosa, key, record(instance="uuid:1"))
    post(rosa, key, record(instance="uuid:2", replaces="uuid:1"))
    late = post(rosa, key, record(instance="uuid:3", replaces="uuid:1"))
    assert late.status_code == 409
    lost = post(rosa, key, record(instance="uuid:4", replaces="uuid:none"))
    assert lost.status_code == 404
    assert Quarantine.objects.count() == 2
    assert Submission.objects.get().current.instance_id == "uuid:2"


def test_an_id_that_an_edit_bears_is_no_new_record(rosa, key, form):
    post(rosa, key, record(instance="uuid:1"))
    post(rosa, key, record(instance="uuid:2", replaces="uuid:1"))
    assert post(rosa, key, record(instance="uuid:2")).status_code == 409
    assert Submission.objects.count() == 1


def test_an_old_version_is_accepted_for_ever_and_an_unknown_one_is_held(rosa, key, form, programme):
    factories.published(programme, factories.SMALL.replace("| small | 1 |", "| small | 2 |"))
    assert post(rosa, key, record(version="1")).status_code == 201
    assert post(rosa, key, record(version="2")).status_code == 201
    assert post(rosa, key, record(version="77")).status_code == 404
    assert post(rosa, key, record(form="other")).status_code == 404
    assert set(Quarantine.objects.values_list("reason", flat=True)) == {"unknown_form"}
    assert Quarantine.objects.count() == 2


@pytest.mark.parametrize(
    "xml",
    [
        b"<data id='small' version='1'><unclosed></data>",
        b"not xml at all",
        b"",
        b"<data id='small' version='1'/>",
        b"<data><meta><instanceID>x</instanceID></meta></data>",
        b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><data id="small" version="1">&b;'
        b"<meta><instanceID>bomb</instanceID></meta></data>",
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><data id="small" version="1">'
        b"<note>&x;</note><meta><instanceID>xxe</instanceID></meta></data>",
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d [<!ENTITY a "ha">]>'
        '<data id="small" version="1">&a;<meta><instanceID>u</instanceID></meta></data>'.encode(
            "utf-16"
        ),
    ],
)
def test_what_is_no_record_is_refused_and_held_and_nothing_is_expanded(rosa, key, form, xml):
    answer = post(rosa, key, xml)
    assert answer.status_code == 400
    message_of(answer)
    assert Submission.objects.count() == 0
    assert bytes(Quarantine.objects.get().xml) == xml


def test_a_post_without_a_record_or_without_multipart_is_refused(rosa, key, form):
    assert rosa.post(f"{key}/submission", {"other": "1"}).status_code == 400
    plain = rosa.post(f"{key}/submission", data=record(), content_type="text/xml")
    assert plain.status_code == 400


def test_a_post_that_says_it_is_too_large_is_refused_unread(rosa, key, form):
    answer = rosa.post(
        f"{key}/submission",
        data=b"--x\r\n",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH="200000000",
    )
    assert answer.status_code == 413
    message_of(answer)


class Endless:
    """A body that never ends."""

    taken = 0

    def read(self, size=-1):
        self.taken += size
        return b"x" * size

    readline = read


def test_a_post_that_hides_its_length_is_refused_once_it_is_too_large(rosa, key, form):
    body = Endless()
    answer = rosa.post(
        f"{key}/submission",
        CONTENT_TYPE="multipart/form-data; boundary=x",
        HTTP_TRANSFER_ENCODING="chunked",
        **{"wsgi.input": body},
    )
    assert answer.status_code == 413
    message_of(answer)
    assert ACCEPT_LENGTH < body.taken < 1.01 * ACCEPT_LENGTH


def test_a_request_must_speak_openrosa(client, key, form):
    answer = client.post(f"{key}/submission", {})
    assert answer.status_code == 400
    assert answer["X-OpenRosa-Version"] == "1.0"


def test_a_wrong_token_and_another_project_are_403(rosa, key, form, programme):
    assert rosa.head(f"/v1/key/{'0' * 64}/projects/{programme.pk}/submission").status_code == 403
    assert rosa.head(f"{key}9/submission").status_code == 403


def test_a_tablet_sends_only_forms_it_was_given(rosa, programme, form):
    _user, token = factories.tablet(programme, all_forms=False)
    key = f"/v1/key/{token}/projects/{programme.pk}"
    assert post(rosa, key, record()).status_code == 403


def test_a_deleted_record_does_not_come_back(rosa, key, form):
    from django.utils import timezone

    xml = record(instance="uuid:1")
    post(rosa, key, xml)
    Submission.objects.update(deleted_at=timezone.now())
    assert post(rosa, key, xml).status_code == 409
    assert post(rosa, key, record(instance="uuid:1", answers="<age>1</age>")).status_code == 409
    assert Quarantine.objects.get().reason == "deleted"


def test_the_same_id_may_live_in_two_forms(rosa, key, form, programme):
    factories.published(programme, factories.SMALL.replace("| small |", "| second |"))
    assert post(rosa, key, record(instance="uuid:1")).status_code == 201
    assert post(rosa, key, record(instance="uuid:1", form="second")).status_code == 201


def test_a_raw_payload_can_not_be_changed_in_the_database(rosa, key, form):
    from django.db import DatabaseError, transaction

    post(rosa, key, record())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE surveys_submission SET xml = 'x'")
