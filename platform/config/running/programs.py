"""The programs that make up a running platform, as commands."""

import os
import shutil
import sys
from pathlib import Path

from config.queues import CALLS, FORMS, HEAVY, QUEUES, RECORDS, SCORES, WEBHOOKS

ROOT = Path(__file__).resolve().parents[3]
METRICS = ROOT / "var" / "metrics"


def processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def commands(host: str, port: int) -> dict[str, list[str]]:
    """Return name and command of every program; sized to the machine, each number open to a
    variable.

    Each queue has a worker of its own, so that nothing quick waits for something slow. Programs
    that nobody waits for have a lower priority than pages and calls.
    """
    python = [sys.executable, "-m"]
    count = processors()
    web = os.environ.get("WEB_WORKERS", str(max(2, min(4, count))))
    threads = os.environ.get("WEB_THREADS", "4")
    scoring = os.environ.get("WORKERS", str(max(2, min(8, count))))
    listen = ["--host", host, "--port", str(port), "--workers", web]
    quiet = ["--blocking-threads", threads, "--no-ws", "--log-level", "warning"]
    again = ["--respawn-failed-workers", "--respawn-interval", "0.1"]
    return {
        "web": [
            *[*python, "granian", "--interface", "wsgi", *listen, *quiet, *again],
            "config.wsgi:application",
        ],
        **_workers(int(scoring)),
        "beat": [
            *[sys.executable, "-m", "config.running.yielding", "5", *python, "celery", "-q"],
            *["-A", "config.clock", "beat", "--loglevel", "WARNING"],
        ],
    }


def _workers(processes: int) -> dict[str, list[str]]:
    """Return a worker for each queue; with WORKERS_APART=0 one for all, in less memory."""
    if os.environ.get("WORKERS_APART", "1") == "0":
        return {"worker": _worker("worker", 5, ",".join(QUEUES), "-c", str(processes + 1))}
    threads = ["--pool", "threads", "-c", "4"]
    count = str(processes)
    return {
        CALLS: _worker(CALLS, 0, CALLS, *threads),
        RECORDS: _worker(RECORDS, 3, RECORDS, "-c", os.environ.get("RECORD_WORKERS", "1")),
        FORMS: _worker(FORMS, 5, FORMS, "-c", os.environ.get("FORM_WORKERS", "1")),
        SCORES: _worker(SCORES, 7, SCORES, "-c", count),
        HEAVY: _worker(HEAVY, 10, HEAVY, "-c", count),
        WEBHOOKS: _worker(WEBHOOKS, 5, WEBHOOKS, *threads),
    }


def _worker(name: str, niceness: int, queues: str, *pool: str) -> list[str]:
    """Return the command of the worker of these queues."""
    return [
        *[sys.executable, "-m", "config.running.yielding", str(niceness), sys.executable, "-m"],
        # `make check` checks the addresses; a start need not load every page to do it again.
        *["celery", "-q", "--skip-checks", "-A", "config", "worker"],
        *["-Q", queues, "-n", f"{name}@%h", *pool],
        *["--loglevel", "WARNING", "--without-gossip", "--without-mingle"],
    ]


def forget_counts() -> None:
    """Empty the folder of counts, before any program writes to it."""
    shutil.rmtree(METRICS, ignore_errors=True)
    METRICS.mkdir(parents=True)


def keep_counts() -> None:
    """Make the folder of counts, without those of processes that have ended."""
    METRICS.mkdir(parents=True, exist_ok=True)
    for file in METRICS.glob("*.db"):
        number = file.stem.rpartition("_")[2]
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            file.unlink(missing_ok=True)


def environment() -> dict[str, str]:
    """Return the variables under which the programs run."""
    paths = [str(ROOT), str(ROOT / "platform")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        # The console of `make run` shows progress and trouble, nothing in between.
        "PROGRAM_LOG_LEVEL": "WARNING",
        # Celery advises against root on every start; in a container there is nobody else.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        # Counts of all processes of this host, which /metrics adds up.
        "PROMETHEUS_MULTIPROC_DIR": str(METRICS),
        # Asked to stop, workers return long tasks at once instead of an hour later.
        "REMAP_SIGTERM": "SIGQUIT",
    }
