"""Break a running platform under load, fault by fault: what is lost, and how soon it runs again.

Load: tablets (with wrong clocks), cases by the API, whose scores change, a release that is
prepared, calls, pages. Each fault is followed by the seconds until health is 200, a record is
acknowledged and a page is read again, without anybody's help; the supervisor is started again as
systemd does (Restart=always). Afterwards every acknowledged record exists once, is read, and every
score equals a second computation. ``FAULTS=name,name`` chooses some. Broker and database are the
embedded ones of its own folder; with ``FAULTS_BROKER=rabbitmq`` the broker is Debian's RabbitMQ,
on another disk than the one that is filled: its quorum queues do not survive a full one.

Prints a table and, last, one JSON line. Goals: lost 0, doubled 0, slowest recovery 30 s.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from benchmarks._fault_broker import Broker
from benchmarks._fault_load import RELEASE, SEED, Acknowledged, Client, in_checkout, settled

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
test_serve: Any = import_module("tests.test_serve")
test_restarts: Any = import_module("tests.test_restarts")

GOAL = 30.0
LONGEST = 180.0
HOLD = 8.0
"""Seconds for which something is full or cannot be reached."""
DISK = os.environ.get("FAULTS_DISK", "900m")


class Platform:
    """A platform of its own folder on a small disk, started again when its supervisor is killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.starts, self.ended = folder, 0, False
        with_rabbit = os.environ.get("FAULTS_BROKER") == "rabbitmq"
        self.broker = Broker(folder) if with_rabbit else None
        self.variables = {"WORKERS_APART": "1", "WORKERS": "1"}
        self.variables |= self.broker.variables if self.broker else {}
        self.run: Any = None
        self.start()
        threading.Thread(target=self._as_systemd, daemon=True).start()

    def start(self) -> None:
        """Start it, at the same address as before."""
        if self.run is None:
            self.run = test_serve.Run(self.folder, **self.variables)
        else:
            log = self.run.log.open("ab")
            self.run.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--bare"],
                cwd=self.folder,
                env=test_serve.environment(PORT=str(self.run.port), **self.variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.starts += 1

    def _as_systemd(self) -> None:
        while not self.ended:
            if self.run.process.poll() is not None:
                time.sleep(2)  # RestartSec of the units
                if not self.ended:
                    self.start()
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it in an orderly way."""
        self.ended = True
        with suppress(ProcessLookupError):
            self.run.process.send_signal(signal.SIGINT)
        self.run.process.wait(120)
        if self.broker:
            self.broker.stop()

    def program(self, name: str) -> psutil.Process:
        """Return the process of a program as it runs now."""
        return psutil.Process(test_restarts.started(self.run)[name])

    def server(self, kind: str) -> psutil.Process:
        """Return the process of an embedded server, or of its guardian."""
        process: psutil.Process = test_restarts.servers(self.run)[kind]
        return process


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Have the folder's ``var`` on a disk of its own that can be filled; False where that fails."""
    var = folder / "var"
    var.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", str(var)]
    done = subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "-l", str(var)], check=False)


def kill(find: Callable[[], psutil.Process]) -> Callable[[], float]:
    """Return a fault: kill -9, which returns its moment once another process is there instead."""

    def act() -> float:
        killed = find()
        killed.kill()
        moment = time.monotonic()
        while not _is_replaced(killed, find) and time.monotonic() < moment + LONGEST:
            time.sleep(0.05)
        return moment

    return act


def _is_replaced(killed: psutil.Process, find: Callable[[], psutil.Process]) -> bool:
    try:
        return find() != killed and find().is_running()
    except (psutil.Error, LookupError, ValueError):  # there is none at this moment
        return False


def freeze(find: Callable[[], psutil.Process]) -> Callable[[], float]:
    """Return a fault: no answer for a while, as when the network between two hosts is cut."""

    def act() -> float:
        processes = [find(), *find().children(recursive=True)]
        for process in processes:
            with suppress(psutil.Error):
                process.suspend()
        time.sleep(HOLD)
        for process in processes:
            with suppress(psutil.Error):
                process.resume()
        return time.monotonic()

    return act


def fill_disk(platform: Platform) -> float:
    """Fill the disk of database, broker and media completely."""
    filler = platform.folder / "var" / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as out:
        while True:
            out.write(b"\0" * 2**16)
    time.sleep(HOLD)
    filler.unlink()
    return time.monotonic()


def fill_cache(platform: Platform) -> float:
    """Fill Valkey, so that it takes no more data."""
    import redis

    if platform.broker:
        address = platform.broker.variables["CACHE_URL"]
    else:
        conf = (platform.folder / "var" / "valkey" / "valkey.conf").read_text().splitlines()
        kept = dict(line.split(" ", 1) for line in conf)
        address = f"redis://:{kept['requirepass']}@127.0.0.1:{kept['port']}/0"
    with redis.Redis.from_url(address) as valkey:
        valkey.config_set("maxmemory", "1mb")
        time.sleep(HOLD)
        valkey.config_set("maxmemory", "0")
    return time.monotonic()


def fill_connections(platform: Platform) -> float:
    """Take every connection to PostgreSQL."""
    import psycopg

    socket = next(
        word.partition("=")[2]
        for word in platform.server("postgres").cmdline()
        if word.startswith("unix_socket_directories=")
    )
    held = []
    with suppress(psycopg.OperationalError):
        while True:
            held.append(psycopg.connect(f"postgresql://postgres@/keep_its_word?host={socket}"))
    time.sleep(HOLD)
    for connection in held:
        connection.close()
    return time.monotonic()


def faults(platform: Platform, has_small_disk: bool) -> dict[str, Callable[[], float]]:
    """Return every fault by name; each returns the moment from which recovery counts."""

    def web_worker() -> psutil.Process:
        children = platform.program("web").children(recursive=True)
        return max(children, key=lambda one: one.create_time())

    results = {
        "kill web worker": kill(web_worker),
        "kill web": kill(lambda: platform.program("web")),
        **{
            f"kill worker {name}": kill(lambda name=name: platform.program(name))  # type: ignore[misc]
            for name in ("calls", "records", "scores", "heavy")
        },
        "kill beat": kill(lambda: platform.program("beat")),
    }
    broker = platform.broker
    if broker:
        results |= {
            "kill RabbitMQ": kill(broker.rabbit.server),
            "cut RabbitMQ off": freeze(broker.rabbit.server),
        }

    def valkey() -> psutil.Process:
        return broker.results.server() if broker else platform.server("valkey")

    results |= {
        "kill Valkey": kill(valkey),
        "cut Valkey off": freeze(valkey),
        "cache full": lambda: fill_cache(platform),
        "kill PostgreSQL": kill(lambda: platform.server("postgres")),
        "cut PostgreSQL off": freeze(lambda: platform.server("postgres")),
        "connections full": lambda: fill_connections(platform),
    }
    if has_small_disk:
        results["disk full"] = lambda: fill_disk(platform)
    results["kill supervisor"] = kill(lambda: psutil.Process(platform.run.process.pid))
    wanted = [name for name in os.environ.get("FAULTS", "").split(",") if name]
    return {name: act for name, act in results.items() if not wanted or name in wanted}


def recovered(platform: Platform, acknowledged: Acknowledged, start: float) -> float:
    """Return seconds since ``start`` until health is 200 and a record and a page are answered."""

    def wait(true: Callable[[], bool]) -> bool:
        while not true():
            if time.monotonic() - start > LONGEST:
                return False
            time.sleep(0.05)
        return True

    if not wait(lambda: platform.run.health() == 200):
        return float("inf")
    records, cases, pages = len(acknowledged.records), len(acknowledged.cases), acknowledged.pages
    if not wait(
        lambda: (
            len(acknowledged.records) > records
            and len(acknowledged.cases) > cases
            and acknowledged.pages > pages
        )
    ):
        return float("inf")
    return time.monotonic() - start


def main() -> None:
    """Run every fault, then check what is stored."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the platform is stopped
    with test_serve.copy_of_checkout() as folder, small_disk(folder) as is_small:
        platform = Platform(folder)
        try:
            while platform.run.health() != 200:  # as long as a busy machine needs
                time.sleep(1)
            _measure(platform, is_small)
        finally:
            platform.stop()


def _measure(platform: Platform, is_small: bool) -> None:
    environment = test_serve.environment(**platform.variables)
    seed = in_checkout(platform.folder, SEED, environment)
    acknowledged = Acknowledged()
    kinds = ["tablet", "tablet", "case", "page", "call"]
    clients = [Client(platform.run.port, acknowledged, seed, kind) for kind in kinds]
    for client in clients:
        client.start()
    while not (acknowledged.records and acknowledged.cases and acknowledged.pages):
        time.sleep(0.1)
    times = {}
    for name, act in faults(platform, is_small).items():
        in_checkout(platform.folder, RELEASE.format(by=seed["by"]), environment)
        before, starts = acknowledged.acknowledged, platform.starts
        times[name] = recovered(platform, acknowledged, act())
        times_started = platform.starts - starts
        print(
            f"{name:22} runs again after {times[name]:6.1f} s"
            f"{', the supervisor was started again' if times_started else ''}"
            f", {acknowledged.acknowledged - before} acknowledged meanwhile",
            flush=True,
        )
    for client in clients:
        client.ended.set()
    for client in clients:
        client.join()
    lost, doubled = settled(platform.folder, acknowledged, environment)
    summary = {
        "faults": len(times),
        "acknowledged": acknowledged.acknowledged,
        "lost": lost,
        "doubled": doubled,
        "slowest_recovery_s": round(max(times.values()), 1),
    }
    print(
        f"{acknowledged.pages} pages read, {acknowledged.refused} requests refused meanwhile "
        f"(goal: {GOAL} s)"
    )
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
