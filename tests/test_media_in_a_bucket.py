"""Every file is in an S3-compatible bucket where one is named, and nothing on this disk.

The server is moto's: the largest test server of Amazon's interface, written from its documents.
"""

import io
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

import media
from accounts.tests.factories import join, make_user
from config import settings as own_settings
from config.embedded.valkey import free_port
from conftest import wait_for
from operations.backups import media as saved_media
from surveys.hotline import sound
from surveys.models import ExportJob, SubmissionAttachment
from surveys.submissions.exports import formats, zip_archive
from surveys.submissions.intake.files import keep, name_of
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db


def photo() -> bytes:
    out, position = io.BytesIO(), Image.Exif()
    position[0x0110] = "SpyPhone"
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=position)
    return out.getvalue()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("moto_server")), "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        try:
            return bool(urllib.request.urlopen(f"{address}/moto-api/", timeout=5).status == 200)
        except OSError:
            return False

    try:
        wait_for(answers, what="the S3 server to answer")
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(server: str, settings: Any, tmp_path: Path) -> Any:
    """The bucket of this test, empty, with the settings that an operator would give."""
    name = "media-" + tmp_path.name.replace("_", "-").lower()[:50].strip("-")
    keys = {"aws_access_key_id": "operator", "aws_secret_access_key": "secret"}
    s3 = boto3.resource("s3", endpoint_url=server, region_name="us-east-1", **keys)
    options = {
        **own_settings.S3_OPTIONS,
        "bucket_name": name,
        "endpoint_url": server,
        "region_name": "us-east-1",
        "access_key": "operator",
        "secret_key": "secret",
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "media.bucket.Bucket", "OPTIONS": options},
    }
    result = s3.create_bucket(Bucket=name)
    yield result
    assert not list(Path(settings.MEDIA_ROOT).rglob("*")), "something was written on the disk"


def keys_of(bucket: Any) -> set[str]:
    return {entry.key for entry in bucket.objects.all()}


def test_a_photo_of_a_record_lies_there_bare_and_once_and_a_coordinator_sees_it(
    bucket: Any, client: Any
) -> None:
    programme = factories.programme()
    factories.published(programme)
    tablet, token = factories.tablet(programme)
    address = f"/v1/key/{token}/projects/{tablet.programme_id}/submission"
    for instance in ("uuid:1", "uuid:2"):
        parts = {
            "xml_submission_file": SimpleUploadedFile(
                "r.xml", factories.record(instance=instance), "text/xml"
            ),
            "a.jpg": SimpleUploadedFile("a.jpg", photo(), "image/jpeg"),
        }
        answer = client.post(address, parts, headers={"X-OpenRosa-Version": "1.0"})
        assert answer.status_code == 201
    (key,) = keys_of(bucket)
    assert key.startswith("submissions/")
    assert b"SpyPhone" not in bucket.Object(key).get()["Body"].read()

    coordinator = make_user()
    join(coordinator, "submissions.review", "cases.view", programme=programme)
    client.force_login(coordinator)
    file = SubmissionAttachment.objects.earliest("pk")
    page = reverse("surveys:submission_file", args=[file.submission_id, file.pk])
    shown = client.get(page)
    assert b"".join(shown.streaming_content) == media.read(key)
    media.delete(key)
    assert client.get(page).status_code == 404


def test_exports_archives_and_backups_read_and_write_there(bucket: Any) -> None:
    programme = factories.programme()
    form = factories.published(programme)
    kept = keep(SimpleUploadedFile("a.jpg", photo(), "image/jpeg"))
    sender = Sender(programme_id=programme.pk)
    receive(sender=sender, xml=factories.record(instance="uuid:1"), files=[kept])
    coordinator = make_user()
    join(coordinator, "submissions.review", "cases.view", programme=programme)
    for kind in ("csv", "xlsx", "json"):
        job = ExportJob.objects.create(form=form, format=kind, asked_by=coordinator)
        assert formats.run(job.pk) == 1
        job.refresh_from_db()
        assert formats.stored_name(job) in keys_of(bucket)
    archive = b"".join(zip_archive.zipped(formats.exportable(form, coordinator), form))
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert files.read("media/a.jpg") == media.read(name_of(kept.sha256))
    _used, sums = saved_media.stream(lambda source: str(len(source.read())))
    assert sums.keys() == keys_of(bucket)
    assert sums[name_of(kept.sha256)] == kept.sha256


def test_sounds_of_the_telephone_are_joined_and_played_from_there(bucket: Any, client: Any) -> None:
    tone = sound.written(sound.signal())
    media.write(sound.clip_name("a" * 64), tone)
    joined = sound.Joined(("a" * 64, 350, "a" * 64))
    name = sound.ready(joined)
    assert name in keys_of(bucket)
    head, played = (
        getattr(client, method)(reverse("hotline:audio", args=[joined.sha256]))
        for method in ("head", "get")
    )
    assert played.content == media.read(name)
    assert head["Content-Length"] == str(len(played.content))


def test_two_uploads_of_one_name_stay_two_files(bucket: Any) -> None:
    first, second = (
        default_storage.save("plans/replies/a.jpg", ContentFile(b)) for b in (b"1", b"2")
    )
    assert first != second
    assert (media.read(first), media.read(second)) == (b"1", b"2")


def test_a_bucket_that_is_away_is_an_error_as_of_a_disk(bucket: Any, settings: Any) -> None:
    options = settings.STORAGES["default"]["OPTIONS"]
    nowhere = {**options, "endpoint_url": f"http://127.0.0.1:{free_port()}"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "media.bucket.Bucket", "OPTIONS": nowhere},
    }
    for act in (
        lambda: media.write("a", b"1"),
        lambda: media.read("a"),
        lambda: media.exists("a"),
        lambda: media.delete("a"),
    ):
        with pytest.raises(OSError, match="bucket"):
            act()
