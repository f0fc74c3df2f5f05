"""A folder or ZIP of recordings: each file by its name, one bad file beside many good ones."""

import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from surveys.hotline import bulk, script
from surveys.hotline.models import Clip, Line
from surveys.hotline.tests.test_pages import make_editor
from surveys.hotline.tests.test_recording import voice

pytestmark = pytest.mark.django_db
MANY = "hotline:record_many"


def packed(**files: bytes) -> SimpleUploadedFile:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return SimpleUploadedFile("recordings.zip", made.getvalue())


def test_a_zip_is_taken_by_names_and_by_numbers_of_the_script(line: Line, client: Client) -> None:
    lines = script.lines("km")
    client.force_login(make_editor())
    sound = voice()
    sent = packed(
        **{
            "folder/goodbye.wav": sound,
            "folder/003 something.wav": sound,
            "__MACOSX/._goodbye.wav": b"x",
            "folder/nobody.wav": sound,
            "folder/invalid.wav": b"no sound",
        }
    )
    page = client.post(reverse(MANY, args=["km"]), {"sounds": sent})
    assert page.status_code == 200
    taken = set(Clip.objects.filter(replaced_at=None).values_list("name", flat=True))
    assert taken == {"goodbye", lines[2].name}
    text = page.content.decode()
    assert "folder/nobody.wav" in text
    assert "folder/invalid.wav" in text
    assert "MACOSX" not in text


def test_a_folder_is_taken_file_by_file(line: Line, client: Client) -> None:
    client.force_login(make_editor())
    files = [SimpleUploadedFile(f"{name}.wav", voice()) for name in ("goodbye", "silence")]
    client.post(reverse(MANY, args=["km"]), {"sounds": files})
    assert Clip.objects.filter(replaced_at=None).count() == 2


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"not a zip"])
def test_a_zip_that_cannot_be_read_is_said_so(line: Line, client: Client, content: bytes) -> None:
    client.force_login(make_editor())
    sent = SimpleUploadedFile("recordings.zip", content)
    page = client.post(reverse(MANY, args=["km"]), {"sounds": sent})
    assert page.status_code in (200, 422)
    assert "recordings.zip" in page.content.decode() or page.status_code == 422
    assert not Clip.objects.exists()


def test_nothing_chosen_and_too_many_are_said_so(
    line: Line, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(make_editor())
    assert client.post(reverse(MANY, args=["km"])).status_code == 422
    monkeypatch.setattr(bulk, "MOST_FILES", 1)
    sent = packed(**{"goodbye.wav": b"x", "silence.wav": b"x"})
    assert client.post(reverse(MANY, args=["km"]), {"sounds": sent}).status_code == 422


def test_files_too_large_to_unpack_are_left_out(
    line: Line, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(make_editor())
    monkeypatch.setattr(bulk, "LARGEST", 1000)
    sent = packed(**{"goodbye.wav": b"0" * 5000})
    page = client.post(reverse(MANY, args=["km"]), {"sounds": sent})
    assert "goodbye.wav" in page.content.decode()
    assert not Clip.objects.exists()


@pytest.mark.parametrize(
    ("file", "meant"),
    [
        ("welcome.wav", 0),
        ("1.mp3", 0),
        ("001.wav", 0),
        ("001_anything.ogg", 0),
        ("999.wav", None),
        ("0.wav", None),
        ("anything.wav", None),
    ],
)
def test_a_file_means_the_line_of_its_name_or_number(
    line: Line, file: str, meant: int | None
) -> None:
    lines = script.lines("km")
    assert bulk.meant(file, lines) == (None if meant is None else lines[meant])


def test_the_script_is_printed_with_every_line_and_its_number(line: Line, client: Client) -> None:
    client.force_login(make_editor())
    page = client.get(reverse("hotline:script", args=["km"])).content.decode()
    lines: list[Any] = script.lines("km")
    assert all(one.name in page for one in lines)
    assert f"{len(lines):03d}" in page
