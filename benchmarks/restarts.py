"""Kill each program of a running platform with SIGKILL: seconds until it runs and answers again.

Prints a line for each program and, last, one JSON line: name -> [started again, all answers again].
A page is read all the time; the longest time without an answer is printed too.
"""

import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import psutil

# how the tests start a platform and find its processes; they read the settings when imported
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
test_serve: Any = import_module("tests.test_serve")
test_restarts: Any = import_module("tests.test_restarts")

Find = Callable[[], psutil.Process | None]
AWAY = 0.1
"""Seconds between two readings."""


class Reader(threading.Thread):
    """Reads a page all the time and remembers the longest time without an answer."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.address = f"http://127.0.0.1:{port}/sign-in/"
        self.longest, self.ended = 0.0, threading.Event()

    def run(self) -> None:
        """Read until ``ended`` is set."""
        answered = time.perf_counter()
        while not self.ended.wait(AWAY):
            try:
                with urllib.request.urlopen(self.address, timeout=30):
                    now = time.perf_counter()
            except OSError:
                continue
            self.longest, answered = max(self.longest, now - answered), now


def main() -> None:
    """Measure every program once, one after the other."""
    with _platform() as run:
        reader = Reader(run.port)
        reader.start()
        times = {name: _kill(run, find) for name, find in _programs(run).items()}
        reader.ended.set()
        reader.join()
    for name, (again, well) in times.items():
        print(f"{name:12} started again after {again:5.1f} s, all answers after {well:5.1f} s")
    print(f"longest without a page: {reader.longest:.1f} s")
    print(json.dumps({name: [round(t, 1) for t in both] for name, both in times.items()}))


@contextmanager
def _platform() -> Iterator[Any]:
    with test_serve.copy_of_checkout() as folder:
        run = test_serve.Run(folder, WORKERS_APART="1", WORKERS="1")
        try:
            run.wait_until_well()
            yield run
        finally:
            run.process.send_signal(signal.SIGINT)
            run.process.wait(120)


def _programs(run: Any) -> dict[str, Find]:
    """How to find the process of each program that is killed, as it runs now."""

    def program(name: str) -> Find:
        return lambda: psutil.Process(test_restarts.started(run)[name])

    def server(kind: str) -> Find:
        return lambda: test_restarts.servers(run).get(kind)

    def web_worker() -> psutil.Process:
        web = psutil.Process(test_restarts.started(run)["web"])
        return max(web.children(recursive=True), key=lambda one: one.create_time())

    return {
        "postgres": server("postgres"),
        "valkey": server("valkey"),
        "web worker": web_worker,
        "web": program("web"),
        "scores": program("scores"),
        "records": program("records"),
        "beat": program("beat"),
    }


def _kill(run: Any, find: Find) -> tuple[float, float]:
    """Seconds until another process is there, and until everything answers."""
    victim = find()
    assert victim
    before = time.perf_counter()
    victim.kill()
    again = _wait(lambda: _other(find, victim.pid)) - before
    return again, _wait(lambda: run.health() == 200) - before


def _other(find: Find, pid: int) -> bool:
    try:
        found = find()
    except (psutil.Error, ValueError):
        return False
    return found is not None and found.pid != pid


def _wait(true: Callable[[], bool]) -> float:
    while not true():
        time.sleep(0.02)
    return time.perf_counter()


if __name__ == "__main__":
    main()
