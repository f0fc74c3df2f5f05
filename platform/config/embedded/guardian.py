"""The process that owns one server: `python -m config.embedded.guardian KIND VAR`.

It starts the server, prints its address on standard output as one JSON line,
starts it again when it was killed, waits until the last holder is gone, and
stops the server.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
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
from config.running.restarts import MOST, WITHIN, Restarts


class Server(Protocol):
    """The interface of a server that a guardian starts and stops."""

    notice: str
    child: subprocess.Popen[bytes] | None

    def start(self) -> str: ...
    def stop(self) -> None: ...


class Ended(Exception):  # noqa: N818
    """The guardian was asked to stop."""


class Died(Exception):  # noqa: N818
    """The server ended by itself."""


def make(kind: str, var: Path) -> Server:
    """Return the server of that kind."""
    return Postgres(var) if kind == "postgres" else Valkey(var)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise Ended


def _died(_signal: int, _frame: FrameType | None) -> None:
    raise Died


def _wait_for_holders(server: Server, hold: FileLock) -> None:
    """Wait until no process holds the server. Raises Died when it ends before."""
    try:
        signal.signal(signal.SIGCHLD, _died)
        if server.child is None or server.child.poll() is not None:
            raise Died
        hold.wait()
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _guard(server: Server, files: Files, address: str, name: str) -> None:
    """Keep the server running at its address as long as a process holds it. Raises ServersError."""
    restarts = Restarts()
    hold = FileLock(files.hold)
    for starts in range(1, sys.maxsize):
        if starts > 1:
            _publish(files, address, starts)
        try:
            return _wait_for_holders(server, hold)
        except Died:
            pause = restarts.pause()
        if pause is None:
            raise ServersError(
                f"{name} ended more than {MOST} times within {WITHIN:.0f} seconds; "
                f"its log is {files.log}."
            )
        time.sleep(pause)
        if server.start() != address:
            raise ServersError(
                f"{name} ended, and its address was taken by another program: start again."
            )
    return None


def main(kind: str, var: Path) -> int:
    """Guard one server for its whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    name = POSTGRES_NAME if kind == "postgres" else VALKEY_NAME
    files = Files(var, kind)
    alive = FileLock(files.guardian)
    server: Server | None = None
    problem = ""
    try:
        alive.take(seconds=10, otherwise=f"{name} is already guarded by another process.")
        files.state.unlink(missing_ok=True)
        server = make(kind, var)
        address = server.start()
        _publish(files, address, starts=1)
        _report({"address": address, "notice": server.notice})
        _guard(server, files, address, name)
    except ServersError as error:
        problem = str(error)
    except OSError as error:
        problem = str(sentences.of_os_error(error, server=name, folder=var))
    except Ended:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        files.state.unlink(missing_ok=True)
        if server:
            server.stop()
    if problem:
        _report({"error": problem})
        with suppress(OSError):  # a full disk may be the very problem
            files.write_state({"error": problem})
        sys.stderr.write(problem + "\n")
    return 0


def _publish(files: Files, address: str, starts: int) -> None:
    """Write the address into the state file, before reporting that the server is up."""
    files.write_state({"address": address, "guardian": os.getpid(), "starts": starts})


def _report(words: dict[str, str]) -> None:
    """Report to the process that started us, which may have ended."""
    try:
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except BrokenPipeError:
        pass


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2])))
