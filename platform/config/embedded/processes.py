"""Start a server so that it cannot outlive its guardian, and stop it reliably."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 5_000_000


@dataclass(frozen=True)
class Account:
    """The system user a server runs as."""

    name: str
    uid: int
    gid: int


def die_with_parent(signal_number: signal.Signals) -> Callable[[], None] | None:
    """Return the function a child runs first so that the kernel signals it when its parent dies.

    Linux only; None elsewhere.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return prepare


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str],
    stop_signal: signal.Signals,
    account: Account | None,
) -> subprocess.Popen[bytes]:
    """Start a server in its folder, its output appended to a log of bounded size."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") as out:
        # preexec_fn runs after the change of user, which would clear the death signal.
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_parent(stop_signal),  # noqa: PLW1509
        )


def stop(child: subprocess.Popen[bytes], *, by: signal.Signals, seconds: float) -> None:
    """Ask a child to stop; kill it when it does not."""
    if child.poll() is None:
        child.send_signal(by)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()


def log_since(log: Path, offset: int) -> str:
    """Return the text appended to a log since ``offset`` bytes."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(min(offset, log.stat().st_size))
        return stream.read().decode(errors="replace")
