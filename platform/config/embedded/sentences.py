"""Messages about failed servers: one sentence each, with the next step."""

import errno
from pathlib import Path


class ServersError(RuntimeError):
    """A server cannot be used; the message is for a person to act on."""


FULL = {errno.ENOSPC, errno.EDQUOT}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}

DISK_FULL = (
    "The disk that holds {folder} is full, so {server} cannot start: "
    "free some space and start again."
)


def of_os_error(error: OSError, *, server: str, folder: Path) -> ServersError:
    """Turn a failure of the file system into its sentence."""
    if error.errno in FULL:
        return ServersError(DISK_FULL.format(folder=folder, server=server))
    if error.errno in REFUSED:
        return ServersError(
            f"{server} may not write in {folder}, which belongs to another user or is "
            "read-only: run as the user who made it, or make it writable."
        )
    return ServersError(f"{server} cannot start: {error}.")


def of_log(text: str, *, server: str, folder: Path, log: Path) -> ServersError:
    """Turn what a server wrote before it died into a sentence."""
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return ServersError(DISK_FULL.format(folder=folder, server=server))
    lines = [line for line in text.splitlines() if line.strip()]
    relevant = [line for line in lines if "FATAL" in line or "rror" in line or "PANIC" in line]
    last = (relevant or lines or ["it wrote nothing"])[-1].strip()
    return ServersError(f"{server} did not start ({last}); its log is {log}.")
