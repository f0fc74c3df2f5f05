"""The process that owns one server: `python -m config.embedded.guardian KIND VAR`.

It starts the server, tells its address on standard output as one JSON line,
waits until the last holder is gone, and stops the server.
"""

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Protocol

from config.embedded import sentences
from config.embedded.holding import Files
from config.embedded.locks import FileLock
from config.embedded.postgres import NAME as POSTGRES_NAME
from config.embedded.postgres import Postgres
from config.embedded.sentences import ServersError
from config.embedded.valkey import NAME as VALKEY_NAME
from config.embedded.valkey import Valkey


class Server(Protocol):
    """What a guardian needs of a server."""

    notice: str

    def start(self) -> str: ...
    def stop(self) -> None: ...


class Ended(Exception):  # noqa: N818
    """Waiting is over: the server died or we were asked to stop."""


def make(kind: str, var: Path) -> Server:
    """The server of that kind."""
    return Postgres(var) if kind == "postgres" else Valkey(var)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise Ended


def main(kind: str, var: Path) -> int:
    """Guard one server for its whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    name = POSTGRES_NAME if kind == "postgres" else VALKEY_NAME
    files = Files(var, kind)
    alive = FileLock(files.guardian)
    server: Server | None = None
    try:
        alive.take(seconds=10, otherwise=f"{name} is already guarded by another process.")
        files.state.unlink(missing_ok=True)
        server = make(kind, var)
        address = server.start()
        files.write_state({"address": address, "guardian": os.getpid()})
        _report({"address": address, "notice": server.notice})
        signal.signal(signal.SIGCHLD, _end)
        FileLock(files.hold).wait()
    except ServersError as error:
        _report({"error": str(error)})
    except OSError as error:
        _report({"error": str(sentences.of_os_error(error, server=name, folder=var))})
    except Ended:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        files.state.unlink(missing_ok=True)
        if server:
            server.stop()
    return 0


def _report(words: dict[str, str]) -> None:
    """Tell whoever started us, who may be gone by now."""
    try:
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except BrokenPipeError:
        pass


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2])))
