"""Media of a form as they are handed in: single files, or a zip of them."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_FILES = 1000
MAX_UNPACKED = 300_000_000


@dataclass(frozen=True)
class Given:
    """One media file: its bare name, what it says it is, its bytes."""

    name: str
    content_type: str
    content: bytes


def given(uploads: Iterable[Any]) -> Iterator[Given]:
    """Yield each file handed in, one in memory at a time; a zip gives its files.

    Folders inside a zip do not count, only the last part of a name; what systems add by themselves
    (``__MACOSX``, hidden files) is left out. Raises ValidationError for a file that is not a zip,
    or would unpack to too much.
    """
    for upload in uploads:
        if PurePosixPath(upload.name or "").suffix.lower() == ".zip":
            yield from _unpacked(upload)
        else:
            yield Given(upload.name or "", upload.content_type or "", upload.read())


def _unpacked(upload: Any) -> Iterator[Given]:
    try:
        with zipfile.ZipFile(io.BytesIO(upload.read())) as archive:
            inside = [i for i in archive.infolist() if _wanted(i)]
            unpacked = sum(i.file_size for i in inside)
            if len(inside) > MAX_FILES or unpacked > MAX_UNPACKED:
                raise ValidationError(_("The zip is too large; give its files in several."))
            for info in inside:
                yield Given(PurePosixPath(info.filename).name, "", archive.read(info))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as trouble:
        # also a zip with a password, or damaged inside
        raise ValidationError(_("This zip cannot be opened.")) from trouble


def _wanted(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename).parts
    return not info.is_dir() and not any(p == "__MACOSX" or p.startswith(".") for p in parts)
