"""Make a backup: one moment of the database, the media files, and the keys apart."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from operations.backups import encryption, fingerprints, media, postgres, secrets_file
from operations.backups.errors import BackupError

FORMAT = 1
KEYS_FOLDER = "keys"
Say = Callable[[str], None]


def make(say: Say = lambda _text: None) -> Path:
    """Make a backup in ``BACKUP_FOLDER``; its folder, which appears only when it is complete."""
    to = encryption.recipients(public_keys(say))
    name = f"{timezone.localtime():%Y%m%d-%H%M%S}"
    folder: Path = settings.BACKUP_FOLDER / name
    draft = folder.with_name(f".{name}.unfinished")
    keys = settings.BACKUP_FOLDER / KEYS_FOLDER / f"{name}.keys.age"
    for path in (draft, keys.parent):
        path.mkdir(mode=0o700, parents=True, exist_ok=path is not draft)
    try:
        sums = _fill(draft, to, say)
        sums["keys.age"] = _keep_keys(keys, to)
        _manifest(draft, name, sums)
        draft.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        keys.unlink(missing_ok=True)
        raise
    say(f"Saved in {folder}; the keys are in {keys}: keep the two apart.")
    return folder


def public_keys(say: Say) -> list[str]:
    """Return the public keys that backups are encrypted to.

    Raises BackupError when live without one.
    """
    named = [text for text in settings.BACKUP_RECIPIENTS.split(",") if text.strip()]
    if named:
        return named
    if settings.LIVE:
        raise BackupError(
            "LIVE=1 needs BACKUP_RECIPIENTS: the public key of whoever restores backups. Make a "
            "pair on another machine: manage.py backup_key FILE"
        )
    file: Path = settings.VAR / "backup-identity"
    if not file.exists():
        encryption.make_identity(file)
        say(f"Made a private key in {file}: without it this backup cannot be read.")
    return [str(one.to_public()) for one in encryption.read_identities(file)]


def _fill(draft: Path, to: list[Any], say: Say) -> dict[str, str]:
    """Write database, media and contents; the SHA-256 of each file."""
    sums = {}
    with postgres.connect(postgres.database(), autocommit=False) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        say("Saving the database.")
        sums["database.age"] = _dump(str(row[0]), draft / "database.age", to)
        say("Counting and hashing every table as saved.")
        tables = fingerprints.take(connection)
        migrations = connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
        applied = [f"{app}.{name}" for app, name in migrations.fetchall()]
    say("Saving the media files.")
    sums["media.age"], files = media.stream(
        lambda source: encryption.encrypt(source, draft / "media.age", to)
    )
    contents = {
        "tables": {name: asdict(fingerprint) for name, fingerprint in tables.items()},
        "media": files,
        "migrations": applied,
    }
    packed = io.BytesIO(json.dumps(contents).encode())
    sums["contents.age"] = encryption.encrypt(packed, draft / "contents.age", to)
    return sums


def _dump(snapshot: str, target: Path, to: list[Any]) -> str:
    arguments = ["--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges"]
    process = postgres.program(
        "pg_dump",
        *arguments,
        f"--snapshot={snapshot}",
        f"--dbname={postgres.database()}",
        stdout=subprocess.PIPE,
    )
    stdout: IO[bytes] | None = process.stdout
    assert stdout
    with stdout:
        total = encryption.encrypt(stdout, target, to)
    postgres.finish(process, "Saving the database")
    return total


def _keep_keys(file: Path, to: list[Any]) -> str:
    packed = io.BytesIO(json.dumps(secrets_file.installed_keys()).encode())
    return encryption.encrypt(packed, file, to)


def _manifest(folder: Path, name: str, sums: dict[str, str]) -> None:
    """Write what may be read without a key: nothing about people or numbers of rows."""
    manifest = {
        "format": FORMAT,
        "name": name,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "sha256": sums,
    }
    with (folder / "manifest.json").open("w") as out:
        json.dump(manifest, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    _sync(folder)


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
