"""Photos lose position, time and device, and not a pixel; Pillow wrote and reads them."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageChops, PngImagePlugin

import media
from surveys.submissions.intake.files import keep, name_of
from surveys.submissions.intake.metadata import without_metadata

SECRETS = (b"SpyPhone", b"2026:11:30", b"Sokha", b"11.5564", b"behind the end")


def exif(orientation: int = 6) -> Image.Exif:
    result = Image.Exif()
    result[0x0112] = orientation
    result[0x0110] = "SpyPhone 9"
    result[0x0132] = "2026:11:30 10:11:12"
    result[0x013B] = "Sokha"
    result.get_ifd(0x8825)[2] = (11.0, 33.0, 23.0)
    return result


def picture(kind: str, **more: Any) -> bytes:
    image = Image.effect_noise((64, 48), 80).convert("RGB")
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def cases() -> list[Any]:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Sokha")
    info.add_itxt("XML:com.adobe.xmp", "<x>11.5564</x>")
    xmp = b"<x:xmpmeta>Sokha 11.5564</x:xmpmeta>"
    return [
        pytest.param("JPEG", picture("JPEG", exif=exif(), comment=b"Sokha"), id="jpeg"),
        pytest.param("JPEG", picture("JPEG", exif=exif(), progressive=True), id="progressive"),
        pytest.param(
            "JPEG", picture("JPEG", exif=exif()) + b"behind the end Sokha", id="after-end"
        ),
        pytest.param("PNG", picture("PNG", exif=exif(), pnginfo=info), id="png"),
        pytest.param("PNG", picture("PNG", exif=exif()) + b"behind the end", id="png-after-end"),
        pytest.param("WEBP", picture("WEBP", exif=exif(), xmp=xmp, lossless=True), id="webp"),
        pytest.param("WEBP", picture("WEBP", exif=exif(), quality=60), id="webp-lossy"),
    ]


@pytest.mark.parametrize(("kind", "data"), cases())
def test_nothing_but_the_picture_is_left(kind: str, data: bytes) -> None:
    bare = without_metadata(data, f"image/{kind.lower()}")
    assert not [secret for secret in SECRETS if secret in bare]
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(bare)) as after:
        assert not ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()
        assert not after.getexif().get_ifd(0x8825)
        if kind == "JPEG":
            assert dict(after.getexif()) == {0x0112: 6}
    # what is bare stays as it is: a record that is sent twice is the same record
    assert without_metadata(bare, f"image/{kind.lower()}") == bare


def test_an_upright_photo_without_metadata_is_not_touched() -> None:
    plain = picture("JPEG")
    assert without_metadata(plain, "image/jpeg") == plain


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\xff\xff",
        b"\xff\xd8\xff picture",
        b"\x89PNG\r\n\x1a\n\0",
        b"RIFF\0\0\0\0WEBPVP8X",
    ],
)
def test_what_is_no_photo_is_no_error(data: bytes) -> None:
    for kind in ("image/jpeg", "image/png", "image/webp", "audio/ogg", ""):
        assert isinstance(without_metadata(data, kind), bytes)


def test_files_of_records_are_kept_without_metadata() -> None:
    data = picture("JPEG", exif=exif())
    kept = keep(SimpleUploadedFile("photo.jpg", data))
    on_disk = media.read(name_of(kept.sha256))
    assert len(on_disk) == kept.size < len(data)
    assert b"SpyPhone" not in on_disk
    assert keep(SimpleUploadedFile("photo.jpg", data)).sha256 == kept.sha256
