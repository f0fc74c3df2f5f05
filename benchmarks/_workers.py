"""Real Celery workers on the benchmark's database, and the most memory that any of them held."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from benchmarks.nation import ROOT

if TYPE_CHECKING:
    import psutil


@contextmanager
def workers(count: int) -> Iterator["Memory"]:
    """Start a Celery worker of ``count`` processes on the benchmark's database.

    Yield its memory.
    """
    import psutil

    from benchmarks.field import _database_url

    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", str(count)]
    command += ["-l", "INFO", "-n", f"bench-{os.getpid()}@localhost", "--without-mingle"]
    environment = {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        memory = Memory(psutil.Process(process.pid))
        try:
            while b" ready." not in _output(log):
                if process.poll() is not None:
                    raise SystemExit(_output(log).decode())
                time.sleep(0.05)
            memory.start()
            yield memory
        finally:
            memory.ended.set()
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                # It is busy with what follows the measured work, and may be stopped there.
                process.send_signal(signal.SIGQUIT)
                process.wait(60)


def _output(log: IO[bytes]) -> bytes:
    return os.pread(log.fileno(), 1_000_000, 0)


class Memory(threading.Thread):
    """Watches the most memory that any process of a worker has held, in megabytes."""

    def __init__(self, worker: "psutil.Process") -> None:
        super().__init__(daemon=True)
        self.worker, self.peak, self.ended = worker, 0.0, threading.Event()

    def run(self) -> None:
        import psutil

        while not self.ended.wait(0.2):
            for child in [self.worker, *self.worker.children(recursive=True)]:
                try:
                    self.peak = max(self.peak, child.memory_info().rss / 2**20)
                except psutil.Error:
                    continue
