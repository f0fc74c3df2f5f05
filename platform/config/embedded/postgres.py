"""PostgreSQL 18 from the wheel, over a unix socket that only its user (and root) may open."""

import locale
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from config.embedded import processes
from config.embedded.homes import Home, find_home
from config.embedded.sentences import DISK_FULL, ServersError, of_log

NAME = "PostgreSQL"
MAJOR = "18"
DATABASE = "keep_its_word"
ENOUGH_BYTES = 100_000_000
START_SECONDS = 120.0
STOP_SECONDS = 60.0


def settings(home: Home) -> dict[str, str]:
    """Return the server's settings: sized to memory and disk, durable, no personal data in logs.

    The reasons and the figures are in docs/decisions/0001-embedded-servers.md.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    disk = shutil.disk_usage(home.data if home.data.exists() else home.data.parent).total // 2**20
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(home.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{max(64, min(8192, memory // 4))}MB",
        # After a stop it loads in the background what it held before.
        "shared_preload_libraries": "pg_prewarm",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        # A nation's scores are gigabytes written at once: room between two checkpoints. But the
        # write-ahead log keeps the size it once had, and must not fill a small disk.
        "max_wal_size": f"{max(256, min(6144, disk // 20))}MB",
        "wal_buffers": "32MB",
        # There is no replica: what fills a new table is written to it and not twice.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        # Many short statements over many partitions: compiling costs more than it saves.
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Rows and statements can hold people's reports: never log them.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }


class Postgres:
    """The PostgreSQL of one checkout, as its guardian sees it."""

    stop_signal = signal.SIGINT  # a "fast" shutdown: ends sessions, loses nothing

    def __init__(self, var: Path, home: Home | None = None) -> None:
        self.var = var
        self.log = var / "servers" / "postgres.log"
        self.home = home or find_home(var)
        self.notice = self.home.notice
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server and return its address."""
        fresh = not (self.home.data / "PG_VERSION").exists()
        if not fresh:
            self._check_version()
            self._stop_leftover()
        self._check_space()
        self._prepare_folders()
        if fresh:
            self._initialise()
        offset = self.log.stat().st_size if self.log.exists() else 0
        command = [str(self.home.programs / "postgres"), "-D", str(self.home.data)]
        for name, value in settings(self.home).items():
            command += ["-c", f"{name}={value}"]
        self.child = processes.spawn(
            command,
            log=self.log,
            folder=self.home.data,
            environment=self._environment(),
            stop_signal=self.stop_signal,
            account=self.home.account,
        )
        self._wait_until_ready(offset)
        self._ensure_database()
        return f"postgresql://postgres@/{DATABASE}?host={quote(str(self.home.sockets), safe='')}"

    def stop(self) -> None:
        """Stop the server in good order."""
        if self.child:
            processes.stop(self.child, by=self.stop_signal, seconds=STOP_SECONDS)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C", "HOME": "/"}

    def _check_version(self) -> None:
        text = (self.home.data / "PG_VERSION").read_text().strip()
        if text != MAJOR:
            raise ServersError(
                f"{self.home.data} was written by PostgreSQL {text} and this program brings "
                f"{MAJOR}: dump it with the old version, move the folder away, and load the dump."
            )

    def _check_space(self) -> None:
        folder = self.home.data if self.home.data.exists() else self.home.data.parent
        if shutil.disk_usage(folder).free < ENOUGH_BYTES:
            raise ServersError(DISK_FULL.format(folder=self.home.data, server=NAME))

    def _prepare_folders(self) -> None:
        for folder in {self.home.data, self.home.sockets}:
            folder.mkdir(mode=0o700, exist_ok=True)
            if self.home.account:
                os.chown(folder, self.home.account.uid, self.home.account.gid)
        if self.home.sockets.stat().st_mode & 0o077:
            raise ServersError(f"{self.home.sockets} is open to other users: close or remove it.")

    def _initialise(self) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8"]
        # Sorting and case do not depend on the machine. What counts as a letter does: trigram
        # search asks the C library, to which a Khmer letter is none in the plain C locale.
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [f"--lc-ctype={unicode_locale()}"]
        made = self._run("initdb", "-D", str(self.home.data), *options)
        if made.returncode:
            self.log.write_bytes(made.stdout + made.stderr)
            text = (made.stdout + made.stderr).decode(errors="replace")
            raise of_log(text, server=NAME, folder=self.home.data, log=self.log)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        account = self.home.account
        return subprocess.run(
            [str(self.home.programs / program), *arguments],
            cwd=self.home.data,
            env=self._environment(),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            capture_output=True,
            check=False,
        )

    def _stop_leftover(self) -> None:
        """Stop a server that outlived a killed guardian; forget lock files of dead ones.

        A lock file may name an unrelated process by now, or a dead one that was not collected: only
        a process that works in this folder counts.
        """
        pid_file = self.home.data / "postmaster.pid"
        if not pid_file.exists():
            return
        until = time.monotonic() + STOP_SECONDS
        asked: set[int] = set()
        while alive := set(working_in(self.home.data)):
            for pid in alive - asked:
                os.kill(pid, signal.SIGINT)
            asked |= alive
            if time.monotonic() > until:
                raise ServersError(
                    f"An old PostgreSQL (process {min(alive)}) does not stop: end it."
                )
            time.sleep(0.05)
        for stale in [pid_file, *self.home.sockets.glob(".s.PGSQL.*")]:
            stale.unlink(missing_ok=True)

    def _wait_until_ready(self, offset: int) -> None:
        assert self.child
        pid_file = self.home.data / "postmaster.pid"
        until = time.monotonic() + START_SECONDS
        while True:
            if self.child.poll() is not None:
                text = processes.log_since(self.log, offset)
                raise of_log(text, server=NAME, folder=self.home.data, log=self.log)
            lines = pid_file.read_text().splitlines() if pid_file.exists() else []
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return
            if time.monotonic() > until:
                raise ServersError(
                    f"{NAME} is not ready after {START_SECONDS:.0f} s; see {self.log}."
                )
            time.sleep(0.01)

    def _ensure_database(self) -> None:
        connect = ["-h", str(self.home.sockets), "-U", "postgres", "-d", "postgres", "-At"]
        query = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"  # noqa: S608
        if self._run("psql", *connect, "-c", query).stdout.strip() == b"1":
            return
        made = self._run("psql", *connect, "-c", f"CREATE DATABASE {DATABASE}")
        if made.returncode:
            text = made.stderr.decode(errors="replace")
            raise of_log(text, server=NAME, folder=self.home.data, log=self.log)


def unicode_locale() -> str:
    """Return a locale of this machine whose letters are Unicode's."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8", "UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"


def working_in(folder: Path) -> Iterator[int]:
    """Yield the living processes that have this folder as their working directory."""
    import psutil

    there = folder.resolve()
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == there and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid
        except psutil.Error:
            continue
