"""Find every process of a folder, for tests that none stays."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every process that names this folder or works in it."""
    results = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                continue
            words = " ".join(process.cmdline())
            if str(folder) in words or Path(process.cwd()).is_relative_to(folder.resolve()):
                results.append(process)
        except psutil.Error:
            continue
    return results


@contextmanager
def passable_folder() -> Iterator[Path]:
    """A folder with a short name that every user may pass; nothing of it outlives the test."""
    folder = Path(tempfile.mkdtemp(prefix="kiw-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for process in processes_of(folder):
            with suppress(psutil.NoSuchProcess):  # it ended by itself meanwhile
                process.kill()
        shutil.rmtree(folder, ignore_errors=True)
