"""Media files as one tar stream: written from the storage, checked or restored into it."""

import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from threading import Thread
from typing import IO

from django.core.files import File
from django.core.files.storage import Storage, default_storage

from operations.backups.encryption import CHUNK
from operations.backups.errors import BackupError


def names(storage: Storage | None = None, below: str = "") -> Iterator[str]:
    """Yield the names of all files of the storage, in order."""
    storage = storage or default_storage
    try:
        folders, files = storage.listdir(below)
    except FileNotFoundError:
        return  # nothing was ever uploaded
    for file in sorted(files):
        yield f"{below}{file}"
    for folder in sorted(folders):
        yield from names(storage, f"{below}{folder}/")


def stream(use: Callable[[IO[bytes]], str]) -> tuple[str, dict[str, str]]:
    """Give ``use`` a tar of all media files; return its result, and the SHA-256 of each file.

    A file that is deleted meanwhile (an old export) is left out.
    """
    outlet, inlet = os.pipe()
    sums: dict[str, str] = {}
    trouble: list[BaseException] = []

    def write() -> None:
        try:
            with (
                os.fdopen(inlet, "wb", CHUNK) as out,
                tarfile.open(fileobj=out, mode="w|", bufsize=CHUNK) as tar,
            ):
                for name in names():
                    _add(tar, name, sums)
        except Exception as error:  # passed on below, in the caller's thread
            trouble.append(error)

    thread = Thread(target=write, daemon=True)
    thread.start()
    with os.fdopen(outlet, "rb", CHUNK) as source:
        used = use(source)
    thread.join()
    if trouble:
        raise BackupError(f"The media files cannot be read: {trouble[0]}") from trouble[0]
    return used, sums


def _add(tar: tarfile.TarFile, name: str, sums: dict[str, str]) -> None:
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        return
    with file:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = file.size, 0o600
        entry.mtime = int(_changed_at(name).timestamp())
        reader = _Summing(file, entry.size)
        tar.addfile(entry, reader)  # type: ignore[arg-type]
        sums[name] = reader.sum.hexdigest()


def _changed_at(name: str) -> datetime:
    return default_storage.get_modified_time(name)


class _Summing:
    """A file as ``tarfile`` reads it, hashed on the way."""

    def __init__(self, file: "File[bytes]", size: int) -> None:
        self._file, self.sum = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        data: bytes = self._file.read(size)
        self.sum.update(data)
        return data


@dataclass
class Reading:
    """Media files of a backup as they are read again."""

    wanted: dict[str, str]
    to_storage: bool
    stamp: str = ""
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    kept_beside: list[str] = field(default_factory=list)

    def read(self, source: IO[bytes]) -> None:
        """Compare each file with its sum, and put it into the storage where that is wanted."""
        with tarfile.open(fileobj=source, mode="r|", bufsize=CHUNK) as tar:
            for entry in tar:
                file = tar.extractfile(entry)
                if file is None or ".." in PurePosixPath(entry.name).parts:
                    self.wrong.append(f"{entry.name}: no plain file")
                    continue
                self._one(entry.name, file)

    def sentences(self) -> list[str]:
        """List the files that differ from the saved ones or are missing."""
        missing = [f"{name}: missing" for name in sorted(self.wanted.keys() - self.seen)]
        return [*self.wrong, *missing]

    def _one(self, name: str, file: IO[bytes]) -> None:
        self.seen.add(name)
        if not self.to_storage:
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        else:
            digest = self._store(name, file)
        if digest != self.wanted.get(name):
            self.wrong.append(f"{name}: the content differs")

    def _store(self, name: str, file: IO[bytes]) -> str:
        """Store a file under its name; another one that is there is renamed and stays."""
        if default_storage.exists(name):
            if sum_of(name) == self.wanted.get(name):
                return self.wanted[name]
            beside = f"{name}.before-{self.stamp}"
            with default_storage.open(name) as there:
                default_storage.save(beside, there)
            default_storage.delete(name)
            self.kept_beside.append(beside)
        default_storage.save(name, File(file, name))
        return sum_of(name)


def sum_of(name: str) -> str:
    """Return the SHA-256 of a file of the storage."""
    total = hashlib.sha256()
    with default_storage.open(name) as file:
        while data := file.read(CHUNK):
            total.update(data)
    return total.hexdigest()
