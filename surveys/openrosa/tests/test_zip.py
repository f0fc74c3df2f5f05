"""``submissions.csv.zip``, as R's clients of Central fetch it."""

import csv
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import media
from surveys.models import Submission
from surveys.submissions.exports.tables import Table
from surveys.submissions.exports.zip_archive import repeat_files
from surveys.submissions.intake.files import keep, name_of
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db
FORM = """
| survey |
| | type | name | label |
| | text | head | Head |
| | begin_group | house | House |
| | begin_repeat | child | Child |
| | text | pet | Pet |
| | begin_repeat | toy | Toy |
| | text | colour | Colour |
| | geopoint | place | Place |
| | end_repeat |
| | end_repeat |
| | end_group |
| | begin_repeat | gift | Gift |
| | text | made | Made |
| | end_repeat |
| settings |
| | form_id | version |
| | family | 1 |
"""
CHILDREN = (
    "<head>=1+1</head><house>"
    "<child><pet>cat</pet><toy><colour>red</colour><place>11.5 104.9 10 5</place></toy></child>"
    "<child><pet>ឆ្កែ</pet><toy><colour>blue</colour></toy><toy><colour>grey</colour></toy></child>"
    "</house><gift><made>1999</made></gift>"
)


def photo(content, name="a.jpg"):
    return keep(SimpleUploadedFile(name, content, "image/jpeg"), name=name)


@pytest.fixture
def address(client, programme, django_user_model):
    factories.published(programme, FORM)
    sender = Sender(programme_id=programme.pk)
    receive(sender=sender, xml=record(form="family", instance="uuid:1", answers=CHILDREN))
    for number in (2, 3):
        xml = record(form="family", instance=f"uuid:{number}", answers="<head>alone</head>")
        receive(sender=sender, xml=xml, files=[photo(f"photo {number}".encode())])
    client.force_login(django_user_model.objects.create_superuser("root", "a-long-password-9"))
    return f"/v1/projects/{programme.pk}/forms/family/submissions"


def members(answer):
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def table(text):
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("observed", [False, True])
def test_main_table_repeats_and_files_are_in_the_zip(client, address, observed):
    if observed:
        observe_waiting()
    body = members(client.get(f"{address}.csv.zip"))
    assert set(body) == {
        "family.csv",
        "family-child.csv",
        "family-toy.csv",
        "family-gift.csv",
        "media/a.jpg",
        f"media/a.{Submission.objects.get(instance_id='uuid:3').attachments.get().pk}.jpg",
    }
    main = table(body["family.csv"])
    assert next(iter(main[0])) == "SubmissionDate"
    assert [(r["head"], r["KEY"], r["AttachmentsPresent"]) for r in main] == [
        ("'=1+1", "uuid:1", "0"),
        ("alone", "uuid:2", "1"),
        ("alone", "uuid:3", "1"),
    ]
    assert table(body["family-child.csv"]) == [
        {"pet": "cat", "PARENT_KEY": "uuid:1", "KEY": "uuid:1/house/child[1]"},
        {"pet": "ឆ្កែ", "PARENT_KEY": "uuid:1", "KEY": "uuid:1/house/child[2]"},
    ]
    toys = table(body["family-toy.csv"])
    assert [(t["colour"], t["place-Latitude"], t["KEY"]) for t in toys] == [
        ("red", "11.5", "uuid:1/house/child[1]/toy[1]"),
        ("blue", "", "uuid:1/house/child[2]/toy[1]"),
        ("grey", "", "uuid:1/house/child[2]/toy[2]"),
    ]
    assert table(body["family-gift.csv"])[0]["KEY"] == "uuid:1/gift[1]"
    assert body["media/a.jpg"] == b"photo 2"


def test_repeats_of_one_name_are_numbered():
    main = Table(())
    main.repeat(("toy",)).repeat(("toy",))
    main.repeat(("a/b",))
    names = [name for name, _table in repeat_files(main, "family")]
    assert names == ["family-toy~1.csv", "family-toy~2.csv", "family-ab.csv"]


def test_files_can_be_left_out_and_a_lost_one_costs_none_of_the_others(client, address):
    assert not any(
        name.startswith("media/")
        for name in members(client.get(f"{address}.csv.zip?attachments=false"))
    )
    lost = Submission.objects.get(instance_id="uuid:2").attachments.get()
    media.delete(name_of(lost.sha256))
    body = members(client.get(f"{address}.csv.zip"))
    assert [body[n] for n in body if n.startswith("media/")] == [b"photo 3"]


def test_r_asks_for_keys_first_and_posts(client, address, settings):
    assert client.get(f"{address}/keys").json() == []
    assert set(members(client.post(f"{address}.csv.zip?attachments=false", {}))) >= {"family.csv"}


def test_nobody_else_gets_it(client, address, django_user_model):
    client.force_login(django_user_model.objects.create_user("stranger", "a-long-password-9"))
    assert client.get(f"{address}.csv.zip").status_code == 403
    client.logout()
    assert client.get(f"{address}.csv.zip").status_code == 401
