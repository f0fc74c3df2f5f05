"""Storage of uploaded and computed files: this machine's disk, or an S3-compatible bucket.

All code reads and writes them by name through Django's storage and knows no path, so that several
hosts can share a bucket (``MEDIA_S3_BUCKET``) or a mounted folder (``MEDIA_ROOT``).
"""

import os
import tempfile
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def write(name: str, content: IO[bytes] | bytes) -> None:
    """Store a file under exactly this name, completely or not at all; raises OSError.

    For names that follow from the content (a hash), or that nobody else can choose: a second writer
    of the same name writes the same bytes. On a disk the file survives a power cut from here on.
    """
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:
        if not default_storage.exists(name):
            _send(name, content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".coming-")
    try:
        with os.fdopen(handle, "wb") as out:
            for block in _file(content).chunks():
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        for changed in (path.parent, path.parent.parent):
            _folder_to_disk(changed)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(name: str) -> bytes:
    """Return the complete file.

    Raises FileNotFoundError, or OSError where the storage does not answer.
    """
    with default_storage.open(name) as file:
        content: bytes = file.read()
        return content


def open_file(name: str) -> "File[bytes]":
    """Return the file, opened for reading; raises FileNotFoundError now, not at the first byte."""
    return default_storage.open(name)


def exists(name: str) -> bool:
    """Return whether there is a file of this name."""
    return default_storage.exists(name)


def delete(name: str) -> None:
    """Delete the file, if there is one."""
    default_storage.delete(name)


def _file(content: IO[bytes] | bytes) -> "File[bytes]":
    return ContentFile(content) if isinstance(content, bytes) else File(content)


def _send(name: str, content: IO[bytes] | bytes) -> None:
    default_storage.save(name, _file(content))


def _folder_to_disk(changed: Path) -> None:
    """Make a new name in a folder survive a power cut, as fsync of the file alone does not."""
    handle = os.open(changed, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
