"""Backups: made while people write, restored, compared; no damaged backup passes."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from conftest import ROOT
from operations.backups import encryption, media, postgres, restoring, secrets_file
from operations.backups.errors import BackupError
from operations.backups.making import make
from scorecards import tasks
from surveys.services import record_case
from surveys.tests.country import make_country, reported_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def here(settings: Any, tmp_path: Path) -> Path:
    """An installation with a case, two files and keys of its own."""
    settings.VAR = tmp_path / "var"
    settings.BACKUP_FOLDER = tmp_path / "backups"
    settings.BACKUP_RECIPIENTS = encryption.make_identity(tmp_path / "identity")
    settings.SAVED_KEYS = [{"variable": "KEY_OF_A_TEST", "file": "secret"}]
    settings.VAR.mkdir()
    (settings.VAR / "secret").write_text("signs sessions")
    default_storage.save("photos/ផ្ទះ.jpg", ContentFile(os.urandom(3_000_000)))
    default_storage.save("empty.txt", ContentFile(b""))
    make_country()
    record_case(by=None, job="test", reported=reported_case())
    return tmp_path


def content(name: str) -> bytes:
    with default_storage.open(name) as file:
        body: bytes = file.read()
        return body


def opened(folder: Path, here: Path) -> restoring.Backup:
    return restoring.open_backup(folder, here / "identity")


def test_a_backup_is_restored_beside_and_everything_compared(here: Path) -> None:
    folder = make()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(BackupError, match="is in use: stop the platform"):
        restoring.restore(opened(folder, here), keys=None, say=lambda _text: None)
    drill = restoring.drill(opened(folder, here), keys=None, say=lambda _text: None, scores=False)
    assert drill["files"] == 2
    assert drill["rows"] > 10
    assert json.loads((folder / "verified.json").read_text()) == drill
    with postgres.connect() as server:
        left = server.execute("SELECT 1 FROM pg_database WHERE datname LIKE '%drill%'")
        assert left.fetchall() == []


def test_the_keys_stand_apart_and_nothing_can_be_read_without_the_private_key(here: Path) -> None:
    folder = make()
    assert {file.name for file in folder.iterdir()} == {
        "manifest.json",
        "database.age",
        "media.age",
        "contents.age",
    }
    assert opened(folder, here).keys_file.parent.name == "keys"
    for file in here.rglob("*.age"):
        assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
        assert b"signs sessions" not in file.read_bytes()
    encryption.make_identity(here / "another")
    with pytest.raises(BackupError, match="the key is not the one of this backup"):
        restoring.open_backup(folder, here / "another").contents()


def test_a_damaged_file_is_named(here: Path) -> None:
    folder = make()
    for name in ("database.age", "media.age", "contents.age"):
        file = folder / name
        good = file.read_bytes()
        for bad in (good[:-1], good[:100] + bytes([good[100] ^ 1]) + good[101:], b""):
            file.write_bytes(bad)
            with pytest.raises(BackupError, match=f"{name} is damaged"):
                opened(folder, here)
        file.write_bytes(good)
    opened(folder, here)
    (folder / "manifest.json").unlink()
    with pytest.raises(BackupError, match="is no complete backup"):
        opened(folder, here)


def test_a_row_or_a_file_that_was_not_saved_is_found_by_the_drill(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = opened(make(), here)
    contents = backup.contents()
    contents["tables"]["surveys_case"]["rows"] += 1
    monkeypatch.setattr(restoring.Backup, "contents", lambda self: contents)
    with pytest.raises(BackupError, match="surveys_case: 2 rows were saved, 1 are there"):
        restoring.drill(backup, keys=None, say=lambda _text: None, scores=False)
    contents["tables"]["surveys_case"]["rows"] -= 1
    contents["media"]["lost.jpg"] = "0" * 64
    with pytest.raises(BackupError, match=r"lost\.jpg: missing"):
        restoring.drill(backup, keys=None, say=lambda _text: None, scores=False)


def test_restoring_brings_rows_files_and_keys_back_and_keeps_what_was_there(
    here: Path, settings: Any
) -> None:
    """The database is another one than the tests', which are connected to theirs."""
    folder = make()
    kept = content("photos/ផ្ទះ.jpg")
    default_storage.delete("photos/ផ្ទះ.jpg")
    default_storage.delete("empty.txt")
    default_storage.save("empty.txt", ContentFile(b"another"))
    (settings.VAR / "secret").unlink()
    name = f"restored_{os.getpid()}"
    postgres.create(name)
    described = settings.DATABASES["default"]
    present, described["NAME"] = described["NAME"], name
    try:
        restoring.restore(opened(folder, here), keys=None, say=lambda _text: None)
        with postgres.connect(name) as restored:
            assert restored.execute("SELECT count(*) FROM surveys_case").fetchone() == (1,)
        with postgres.connect() as server:
            named = server.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}_%"]
            ).fetchall()
        assert len(named) == 1
        assert named[0][0].startswith(f"{name}_before_")
        postgres.drop(named[0][0])
    finally:
        described["NAME"] = present
        postgres.drop(name)
    assert content("photos/ផ្ទះ.jpg") == kept
    assert (settings.VAR / "secret").read_text() == "signs sessions"
    beside = [one for one in media.names() if ".before-" in one]
    assert [content(one) for one in beside] == [b"another"]


def test_another_key_that_is_there_is_never_overwritten(here: Path, settings: Any) -> None:
    saved = secrets_file.installed_keys()
    (settings.VAR / "secret").write_text("another")
    with pytest.raises(BackupError, match="holds another key than the backup"):
        secrets_file.restore(saved)
    assert (settings.VAR / "secret").read_text() == "another"


def test_every_strong_secret_of_the_settings_is_saved() -> None:
    """A new key that no backup holds would make a restored installation unreadable."""
    import re

    from django.conf import settings as real

    text = (ROOT / "platform" / "config" / "settings.py").read_text()
    strong = set(re.findall(r'_strong\("([A-Z_]+)"\)', text))
    files = set(re.findall(r'local_secret\(VAR, "([a-z-]+)"\)', text)) | {"secret"}
    assert strong == {key["variable"] for key in real.SAVED_KEYS}
    assert files == {key["file"] for key in real.SAVED_KEYS if "file" in key}


def test_live_without_a_public_key_is_refused_with_what_to_do(here: Path, settings: Any) -> None:
    settings.LIVE, settings.BACKUP_RECIPIENTS = True, ""
    with pytest.raises(CommandError, match="LIVE=1 needs BACKUP_RECIPIENTS"):
        call_command("backup")
    settings.BACKUP_RECIPIENTS = "ssh-ed25519 AAAA"
    with pytest.raises(CommandError, match="is no public key of age"):
        call_command("backup")


def test_every_score_of_a_restored_database_is_computed_a_second_time(here: Path) -> None:
    """One stored score is wrong: it and the province's sum differ, and every other is confirmed."""
    tasks.recompute_changed()
    call_command("score", stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scorecards_score")
        assert cursor.fetchone()[0] > 20
        key = "period, indicator, service, provider_kind, place_code, provider_id"
        cursor.execute(
            f"UPDATE scorecards_score SET no_standard = no_standard + 1 WHERE ({key}) = "
            f"(SELECT {key} FROM scorecards_score WHERE level = 'commune' "
            f"AND period ~ '^....-..$' ORDER BY {key} LIMIT 1)"
        )
        assert cursor.rowcount == 1
    with pytest.raises(BackupError, match=r"^2 scores differ from a second computation"):
        restoring.drill(opened(make(), here), keys=None, say=lambda _text: None)
