"""Files that came with records: stored once by their sha256, typed by their first bytes."""

import hashlib
import mimetypes
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import media
from surveys.submissions.intake.metadata import without_metadata


class Upload(Protocol):
    """The common interface of Django's uploaded files and our own."""

    name: str | None
    content_type: str | None

    def chunks(self) -> Iterable[bytes]: ...


@dataclass(frozen=True)
class Kept:
    """A file that is stored before any row names it."""

    name: str
    sha256: str
    md5: str
    size: int
    content_type: str
    looks_like: str


_SIGNATURES = (
    (re.compile(rb"^\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"^\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"^GIF8[79]a"), "image/gif"),
    (re.compile(rb"^RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"^....ftyp(heic|heix|mif1)", re.DOTALL), "image/heic"),
    (re.compile(rb"^....ftyp(M4A|M4B)", re.DOTALL), "audio/mp4"),
    (re.compile(rb"^....ftyp", re.DOTALL), "video/mp4"),
    (re.compile(rb"^RIFF....WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"^OggS"), "audio/ogg"),
    (re.compile(rb"^(ID3|\xff[\xfb\xf3\xf2\xf1\xf9])"), "audio/mpeg"),
    (re.compile(rb"^#!AMR"), "audio/amr"),
    (re.compile(rb"^\x1aE\xdf\xa3"), "video/webm"),
    (re.compile(rb"^%PDF-"), "application/pdf"),
    (re.compile(rb"^PK\x03\x04"), "application/zip"),
    (re.compile(rb"^\s*<(!DOCTYPE\s+html|html|script|svg)", re.IGNORECASE), "text/html"),
)


def looks_like(head: bytes) -> str:
    """Return the media type that the first bytes show, or "" when they show none."""
    return next((kind for pattern, kind in _SIGNATURES if pattern.match(head)), "")


def name_of(sha256: str) -> str:
    """Return the name in the storage of the file with this content."""
    return f"submissions/{sha256[:2]}/{sha256}"


def clean_name(name: str | None) -> str:
    """Return the last part of a file's name; Khmer stays as it is, control characters go."""
    last = re.split(r"[\\/]", name or "")[-1]
    return "".join(c for c in last if c.isprintable()).strip().lstrip(".")[:255]


def _md5(data: bytes) -> "hashlib._Hash":
    return hashlib.md5(data, usedforsecurity=False)


WITH_METADATA = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Photos, whose metadata name a position, a time and a device."""


IN_MEMORY: Final = 4 * 2**20
"""Bytes of a file held in memory until all of it has come; a larger one goes to the disk."""


def keep(upload: Upload, *, name: str | None = None) -> Kept:
    """Write a file under its sha256 (atomically, once) and return its facts.

    Photos are stored without metadata; size and hashes are those of the stored file. A 201 promises
    that the photo is stored, even if the power fails the next moment: ``media.write`` ensures it.
    """
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size, head = 0, b""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as complete:
        for chunk in upload.chunks():
            head = head or bytes(chunk[:64])
            sha256.update(chunk)
            md5.update(chunk)
            size += len(chunk)
            complete.write(chunk)
        complete.seek(0)
        if looks_like(head) in WITH_METADATA:
            bare = without_metadata(complete.read(), looks_like(head))
            size, sha256, md5 = len(bare), hashlib.sha256(bare), _md5(bare)
            media.write(name_of(sha256.hexdigest()), bare)
        else:
            media.write(name_of(sha256.hexdigest()), complete)
    file_name = clean_name(name or upload.name)
    content_type = (
        upload.content_type or mimetypes.guess_type(file_name)[0] or "application/octet-stream"
    )
    return Kept(
        file_name, sha256.hexdigest(), md5.hexdigest(), size, content_type[:120], looks_like(head)
    )
