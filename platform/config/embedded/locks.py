"""File locks: the kernel releases them when their holder dies in any way."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.sentences import ServersError

POLL = 0.02


class FileLock:
    """One open handle on a lock file; forked children share it, other programs do not."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def try_take(self, *, shared: bool = False) -> bool:
        """Take the lock if it is free now."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def take(self, *, shared: bool = False, seconds: float, otherwise: str) -> None:
        """Take the lock within so many seconds, or raise the sentence `otherwise`."""
        until = time.monotonic() + seconds
        while not self.try_take(shared=shared):
            if time.monotonic() > until:
                raise ServersError(otherwise)
            time.sleep(POLL)

    def wait(self) -> None:
        """Wait until the lock is ours alone; a signal handler that raises ends the wait."""
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def free(self) -> None:
        """Release the lock but stay open."""
        fcntl.flock(self._handle, fcntl.LOCK_UN)

    def release(self) -> None:
        """Release and close; safe to call twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def is_held_by_others(self) -> bool:
        """Return whether another process holds this lock exclusively; the lock stays as it was."""
        if not self.try_take(shared=True):
            return True
        self.free()
        return False


@contextmanager
def locked(path: Path, *, seconds: float, otherwise: str) -> Iterator[None]:
    """Hold the lock file alone for the length of a block."""
    lock = FileLock(path)
    try:
        lock.take(seconds=seconds, otherwise=otherwise)
        yield
    finally:
        lock.release()
