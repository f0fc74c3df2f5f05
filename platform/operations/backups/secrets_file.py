"""The keys of an installation, from variables and files under ``var/``.

They are saved apart from the data: with both one can undo the rounding of released figures and
read citizens' telephone numbers.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from operations.backups.errors import BackupError


@dataclass(frozen=True)
class Key:
    """A secret of the installation: its variable, and the file that serves when it is not set."""

    variable: str
    file: str = ""


def installed_keys() -> dict[str, dict[str, str]]:
    """Return the secrets of this installation: variables that are set, and files under ``var/``."""
    return {
        "variables": {
            key.variable: os.environ[key.variable]
            for key in _keys()
            if os.environ.get(key.variable)
        },
        "files": {
            key.file: path.read_text()
            for key in _keys()
            if key.file and (path := _path(key)).exists()
        },
    }


def restore(saved: dict[str, dict[str, str]]) -> list[str]:
    """Write the files back under ``var/``; return sentences that say which variables to set.

    Raises BackupError before anything is written where another key is already there.
    """
    by_file = {key.file: key for key in _keys() if key.file}
    files = {
        by_file[name]: text for name, text in saved.get("files", {}).items() if name in by_file
    }
    for key, text in files.items():
        path = _path(key)
        if path.exists() and path.read_text() != text:
            raise BackupError(
                f"{path} holds another key than the backup: move it away, then restore again."
            )
    for name, value in saved.get("variables", {}).items():
        if os.environ.get(name) and os.environ[name] != value:
            raise BackupError(
                f"{name} is set to another key than the one saved: unset it, then restore again."
            )
    for key, text in files.items():
        _write(_path(key), text)
    unset = {
        name: value for name, value in saved.get("variables", {}).items() if name not in os.environ
    }
    if not unset:
        return []
    file = settings.VAR / "restored-keys.env"
    _write(file, "".join(f"{name}={value}\n" for name, value in unset.items()))
    return [f"Set {', '.join(unset)} as in {file}, then delete that file."]


def _keys() -> list[Key]:
    return [Key(**named) for named in settings.SAVED_KEYS]


def _path(key: Key) -> Path:
    return Path(settings.VAR) / key.file


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    draft.replace(path)
