"""Encrypt and decrypt streams with age, so that nothing is written unencrypted on the way."""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import IO, Any

import pyrage
from pyrage import x25519

from operations.backups.errors import BackupError

CHUNK = 2**20


class Hashed:
    """A file being written or read, and the SHA-256 of its bytes so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write and count in."""
        self._sum.update(data)
        return self._file.write(data)

    def read(self, size: int = -1) -> bytes:
        """Read and count in."""
        data = self._file.read(size)
        self._sum.update(data)
        return data

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._file.flush()

    def hexdigest(self) -> str:
        """Return the sum so far."""
        return self._sum.hexdigest()


def recipients(texts: Iterable[str]) -> list[Any]:
    """Public keys (``age1…``). Raises BackupError for one that cannot be read."""
    recipients_read = []
    for text in texts:
        try:
            recipients_read.append(x25519.Recipient.from_str(text.strip()))
        except pyrage.RecipientError as error:
            raise BackupError(
                f"“{text.strip()}” is no public key of age: it begins with age1. "
                "Make a pair of keys: manage.py backup_key FILE"
            ) from error
    return recipients_read


def make_identity(file: Path) -> str:
    """Write a new private key to a file that only its owner may read; its public key."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(f"# public key: {public}\n{identity}\n")
    return public


def read_identities(file: Path) -> list[Any]:
    """Return the private keys of a file. Raises BackupError where there is none."""
    try:
        lines = file.read_text().splitlines()
    except OSError as error:
        raise BackupError(
            f"The private key {file} cannot be read: name its file in IDENTITY."
        ) from error
    identities = [line.strip() for line in lines if line.strip().startswith("AGE-SECRET-KEY-")]
    if not identities:
        raise BackupError(f"{file} holds no private key of age (a line AGE-SECRET-KEY-…).")
    try:
        return [x25519.Identity.from_str(text) for text in identities]
    except pyrage.IdentityError as error:
        raise BackupError(f"The private key in {file} is damaged.") from error


def encrypt(source: IO[bytes], target: Path, to: list[Any]) -> str:
    """Encrypt a stream to a file that is on the disk when this returns; the file's SHA-256."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        hashed = Hashed(out)
        pyrage.encrypt_io(source, hashed, to)
        out.flush()
        os.fsync(out.fileno())
    return hashed.hexdigest()


def decrypt(source: Path, by: list[Any], read: Callable[[IO[bytes]], None]) -> None:
    """Decrypt a file into ``read``, which gets the plain stream.

    Raises BackupError when the key is not the backup's or the file is damaged.
    """
    outlet, inlet = os.pipe()
    trouble: list[BaseException] = []

    def work() -> None:
        try:
            with os.fdopen(inlet, "wb", CHUNK) as plain, source.open("rb", CHUNK) as cipher:
                pyrage.decrypt_io(cipher, plain, by)
        except Exception as error:  # handed over below, in the caller's thread
            trouble.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    reading: BaseException | None = None
    with os.fdopen(outlet, "rb", CHUNK) as plain:
        try:
            read(plain)
            while plain.read(CHUNK):  # what follows the last entry of a tar
                pass
        except Exception as error:  # an unreadable stream has its cause in the decryption
            reading = error
    thread.join()
    if trouble and not isinstance(trouble[0], BrokenPipeError):
        raise BackupError(
            f"{source.name} cannot be decrypted: the key is not the one of this backup, "
            "or the file is damaged. Copy it again, or take another backup."
        ) from trouble[0]
    if reading:
        raise reading
