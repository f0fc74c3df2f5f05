"""Restore a backup, in place or as a drill that compares the copy with what was saved."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from operations.backups import encryption, fingerprints, media, postgres, secrets_file
from operations.backups.errors import BackupError
from operations.backups.making import FORMAT, KEYS_FOLDER, Say

VERIFIED = "verified.json"


@dataclass(frozen=True)
class Backup:
    """A backup on the disk, and the private keys that open it."""

    folder: Path
    manifest: dict[str, Any]
    identities: list[Any]

    @property
    def keys_file(self) -> Path:
        """Return the usual path of the backup's keys."""
        return self.folder.parent / KEYS_FOLDER / f"{self.manifest['name']}.keys.age"

    def contents(self) -> dict[str, Any]:
        """Read the backup's contents: fingerprints of tables, sums of files, migrations."""
        return _json(self.folder / "contents.age", self.identities)


def open_backup(place: Path, identity: Path) -> Backup:
    """Find a backup by its folder or a file in it, and compare its files with their sums.

    Raises BackupError for what is missing or damaged.
    """
    folder = place if place.is_dir() else place.parent
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError) as error:
        raise BackupError(
            f"{folder} is no complete backup: it has no readable manifest.json."
        ) from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{folder} was made by another version, which has to restore it.")
    for name, wanted in manifest["sha256"].items():
        if name != "keys.age" and _sum(folder / name) != wanted:
            raise BackupError(f"{folder / name} is damaged: copy it again, or take another backup.")
    return Backup(folder, manifest, encryption.read_identities(identity))


def _sum(file: Path) -> str:
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise BackupError(f"{file} is missing.") from error


def _json(file: Path, identities: list[Any]) -> dict[str, Any]:
    documents: list[dict[str, Any]] = []
    encryption.decrypt(file, identities, lambda plain: documents.append(json.load(plain)))
    return documents[0]


def restore(backup: Backup, *, keys: Path | None, say: Say) -> None:
    """Put database, media and keys back.

    The database is restored beside the present one and compared with what was saved; only then
    do the two change names, and the present one is kept as ``NAME_before_TIME``. Raises
    BackupError with the present database in place when anything is not as saved.
    """
    name, stamp = postgres.database(), f"{timezone.localtime():%Y%m%d%H%M%S}"
    postgres.require_idle(name)
    contents = backup.contents()
    fresh = f"{name}_restored_{stamp}"
    notes = _restore_keys(backup, keys)
    try:
        _load(backup, fresh, say)
        _compare_tables(contents, fresh, say)
        say("Restoring the media files.")
        reading = media.Reading(contents["media"], to_storage=True, stamp=stamp)
        encryption.decrypt(backup.folder / "media.age", backup.identities, reading.read)
        if wrong := reading.sentences():
            raise BackupError("The media files are not as saved: " + "; ".join(wrong[:5]))
        kept = f"{name}_before_{stamp}"
        if postgres.exists(name):
            postgres.rename(name, kept)
            say(f"The database as it was is kept as {kept}; drop it when you do not need it.")
        postgres.rename(fresh, name)
    except BaseException:
        postgres.drop(fresh)
        raise
    for note in notes:
        say(note)
    say(f"Restored {backup.manifest['name']}: every table and file is as it was saved.")


def _restore_keys(backup: Backup, keys: Path | None) -> list[str]:
    file = keys or backup.keys_file
    if not file.exists():
        return [
            "The keys were not restored (name their file in KEYS): citizens' numbers stay "
            "unreadable and everybody has to sign in again, unless the same keys are set here."
        ]
    return secrets_file.restore(_json(file, backup.identities))


def drill(backup: Backup, *, keys: Path | None, say: Say, scores: bool = True) -> dict[str, Any]:
    """Restore as a copy, compare everything, compute all scores a second time, and drop it again.

    Returns what was compared and notes it in the backup's folder. Raises BackupError for any
    difference.
    """
    started = timezone.now()
    contents = backup.contents()
    with _scratch() as name:
        _load(backup, name, say)
        rows = _compare_tables(contents, name, say)
        say("Comparing the media files.")
        reading = media.Reading(contents["media"], to_storage=False)
        encryption.decrypt(backup.folder / "media.age", backup.identities, reading.read)
        if wrong := reading.sentences():
            raise BackupError("The media files are not as saved: " + "; ".join(wrong[:5]))
        cells = _check_scores(backup, name, keys, say) if scores else None
    report = {
        "verified_at": timezone.now().isoformat(timespec="seconds"),
        "seconds": round((timezone.now() - started).total_seconds(), 1),
        "tables": len(contents["tables"]),
        "rows": rows,
        "files": len(reading.seen),
        "scores": cells,
    }
    (backup.folder / VERIFIED).write_text(json.dumps(report, indent=1))
    return report


@contextmanager
def _scratch() -> Iterator[str]:
    name = f"{postgres.database()}_drill_{os.getpid()}"
    try:
        yield name
    finally:
        postgres.drop(name)


def _load(backup: Backup, name: str, say: Say) -> None:
    """Load the saved database into a new one."""
    say("Restoring the database beside the present one.")
    postgres.create(name)
    process = postgres.program(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        f"--dbname={name}",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    stdin: IO[bytes] | None = process.stdin
    assert stdin

    def feed(plain: IO[bytes]) -> None:
        while data := plain.read(encryption.CHUNK):
            stdin.write(data)

    try:
        encryption.decrypt(backup.folder / "database.age", backup.identities, feed)
        stdin.close()
    except BrokenPipeError:
        pass  # pg_restore's error is shown below
    except BaseException:
        process.kill()
        raise
    postgres.finish(process, "Restoring the database")
    with postgres.connect(name) as connection:
        connection.execute("ANALYZE")


def _compare_tables(contents: dict[str, Any], name: str, say: Say) -> int:
    say("Comparing every table with what was saved.")
    with postgres.connect(name) as connection:
        restored = fingerprints.take(connection)
    if wrong := fingerprints.differences(contents["tables"], restored):
        raise BackupError("The database is not as saved: " + "; ".join(wrong[:5]))
    return sum(one.rows for one in restored.values())


def _check_scores(backup: Backup, name: str, keys: Path | None, say: Say) -> int:
    """Compute every score of the restored database a second way; return how many are stored."""
    say("Computing every score a second time.")
    file = keys or backup.keys_file
    saved = _json(file, backup.identities) if file.exists() else {}
    with postgres.connect(name) as connection:
        connection.execute("DELETE FROM scorecards_scorealarm WHERE resolved_at IS NULL")
    run = subprocess.run(
        [sys.executable, str(settings.ROOT / "manage.py"), "score", "--check", "--waiting"],
        env={**os.environ, **_as_variables(saved), "DATABASE_URL": postgres.address(name)},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["it ended"])[-1]
        raise BackupError(f"The scores cannot be computed a second time: {last}")
    with postgres.connect(name) as connection:
        alarms: Any = connection.execute(
            "SELECT count(*) FROM scorecards_scorealarm WHERE resolved_at IS NULL"
        ).fetchone()
        scores: Any = connection.execute("SELECT count(*) FROM scorecards_score").fetchone()
    if alarms[0]:
        what = "score differs" if alarms[0] == 1 else "scores differ"
        raise BackupError(f"{alarms[0]} {what} from a second computation.")
    return int(scores[0])


def _as_variables(saved: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the saved keys as variables, also those that were in files."""
    of_file = {key["file"]: key["variable"] for key in settings.SAVED_KEYS if key.get("file")}
    files = {of_file[name]: text for name, text in saved.get("files", {}).items()}
    return {**files, **saved.get("variables", {})}
