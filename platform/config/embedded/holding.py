"""Join the servers that already run for this checkout, or have them started."""

import atexit
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded import sentences
from config.embedded.locks import POLL, FileLock, locked
from config.embedded.sentences import ServersError

NAMES = {"postgres": "PostgreSQL", "valkey": "Valkey"}
PATIENCE = 180.0
"""Seconds: a database that was killed may replay its journal for a while."""


@dataclass(frozen=True)
class Files:
    """The small files by which processes of one checkout agree about one server."""

    var: Path
    kind: str

    def _file(self, what: str) -> Path:
        return self.var / "servers" / f"{self.kind}.{what}"

    @property
    def hold(self) -> Path:
        """Return the lock shared by every process that uses the server."""
        return self._file("hold")

    @property
    def start(self) -> Path:
        """Return the lock held alone while one process has the server started."""
        return self._file("start")

    @property
    def guardian(self) -> Path:
        """Return the lock held alone by the guardian while it lives."""
        return self._file("guardian")

    @property
    def log(self) -> Path:
        """Return the path of the server's own log."""
        return self._file("log")

    @property
    def state(self) -> Path:
        """Return the file with the address for later processes, or the reason why the guardian gave
        up.
        """
        return self._file("state.json")

    def write_state(self, state: dict[str, Any]) -> None:
        """Publish the address in one step, readable by this user only."""
        draft = self.state.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(state))
        draft.replace(self.state)

    def read_state(self) -> dict[str, Any]:
        """Read the guardian's published state: address and number of starts, or an error."""
        try:
            state: dict[str, Any] = json.loads(self.state.read_text())
        except (OSError, ValueError):
            return {}
        return state

    def address(self) -> str | None:
        """Return the published address, if the server is up."""
        return self.read_state().get("address")


class Hold:
    """This process's share in one server: while it lives, the server runs."""

    def __init__(self, kind: str, var: Path) -> None:
        self.files = Files(var, kind)
        self.name = NAMES[kind]
        self.address = ""
        self._owner = os.getpid()
        self._lock: FileLock | None = None
        self._starts = 1
        self._guardian = 0

    def join(self) -> str:
        """Use the running server, or start it; return its address."""
        busy = f"{self.name} of this checkout is still being started or stopped: try again."
        try:
            with locked(self.files.start, seconds=PATIENCE, otherwise=busy):
                self._lock = FileLock(self.files.hold)
                self._lock.take(shared=True, seconds=PATIENCE, otherwise=busy)
                self.address = self._running() or self._start()
        except OSError as error:
            self._let_go()
            raise sentences.of_os_error(error, server=self.name, folder=self.files.var) from error
        except ServersError:
            self._let_go()
            raise
        atexit.register(self.leave)
        return self.address

    def look_after(self) -> list[str]:
        """Have the guardian started again when it was killed; return a message for each.

        Raises ServersError when the server cannot be started again at the same address.
        """
        state = self.files.read_state()
        if error := state.get("error"):
            raise ServersError(error)
        if (starts := state.get("starts", self._starts)) > self._starts:
            self._starts = starts
            return [f"{self.name} was killed and has been started again."]
        guardian = FileLock(self.files.guardian)
        try:
            if guardian.is_held_by_others():
                return []
        finally:
            guardian.release()
        with suppress(ChildProcessError):  # it was our own child only if we started it
            os.waitpid(self._guardian or os.getpid(), os.WNOHANG)
        busy = f"{self.name} of this checkout is still being started or stopped: try again."
        with locked(self.files.start, seconds=PATIENCE, otherwise=busy):
            address = self._running() or self._start()
        self._starts = 1
        if address != self.address:
            raise ServersError(f"{self.name} came back at another address: start again.")
        return [f"The guardian of {self.name} was killed; both have been started again."]

    def _let_go(self) -> None:
        if self._lock:
            self._lock.release()
            self._lock = None

    def _running(self) -> str | None:
        """Return the address of a server whose guardian lives; waits for one that is starting."""
        guardian = FileLock(self.files.guardian)
        try:
            while guardian.is_held_by_others():
                if address := self.files.address():
                    return address
                time.sleep(POLL)
        finally:
            guardian.release()
        return None

    def _start(self) -> str:
        """Have a guardian start the server, and read its answer."""
        log = self.files.state.with_suffix(".log").with_name(f"{self.files.kind}.guardian.log")
        platform = Path(__file__).resolve().parents[2]
        paths = [str(platform), *filter(None, [os.environ.get("PYTHONPATH")])]
        command = [sys.executable, "-P", "-m", "config.embedded.guardian"]
        with log.open("ab") as errors:
            guardian = subprocess.Popen(
                [*command, self.files.kind, str(self.files.var)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=platform,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                start_new_session=True,
            )
        assert guardian.stdout
        with guardian.stdout:
            line = guardian.stdout.readline()
        words = json.loads(line) if line else {}
        if "address" not in words:
            guardian.wait()
            raise ServersError(words.get("error") or f"{self.name} did not start; see {log}.")
        self._guardian = guardian.pid
        guardian.returncode = 0  # it is meant to outlive us: no warning about that
        if words.get("notice"):
            sys.stderr.write(words["notice"] + "\n")
        return str(words["address"])

    def leave(self) -> None:
        """Give up this process's hold; when it was the last, wait until the server stopped."""
        if self._owner != os.getpid() or self._lock is None:
            return
        self._let_go()
        try:
            hold, guardian = FileLock(self.files.hold), FileLock(self.files.guardian)
        except OSError:
            return
        others = 0
        until = time.monotonic() + PATIENCE
        while guardian.is_held_by_others() and others < 5 and time.monotonic() < until:
            # Still shared after several tries: another process uses the server.
            if hold.try_take(shared=True):
                hold.free()
                others += 1
            time.sleep(0.01)
        hold.release()
        guardian.release()
