"""The programs that make up a running platform, as commands."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def commands(host: str, port: int) -> dict[str, list[str]]:
    """Name and command of every program; sized to the machine, each number open to a variable."""
    python = [sys.executable, "-m"]
    count = processors()
    web = os.environ.get("WEB_WORKERS", str(max(2, min(4, count))))
    threads = os.environ.get("WEB_THREADS", "4")
    scoring = os.environ.get("WORKERS", str(max(2, min(8, count))))
    # `make check` looks at the addresses; a start need not load every page to do it again.
    celery = [*python, "celery", "-q", "--skip-checks", "-A", "config"]
    yielding = [*python, "config.running.yielding"]
    listen = ["--host", host, "--port", str(port), "--workers", web]
    quiet = ["--blocking-threads", threads, "--no-ws", "--log-level", "warning"]
    schedule = ["--loglevel", "WARNING"]
    work = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return {
        "web": [
            *[*python, "granian", "--interface", "wsgi", *listen, *quiet],
            "config.wsgi:application",
        ],
        # Scores can wait a moment; somebody at a telephone or a page cannot.
        "worker": [
            *[*yielding, "10", *celery, "worker", "-Q", "celery", "-n", "work@%h"],
            *["-c", scoring, *work],
        ],
        # Other people's servers answer slowly; they must not keep scores waiting. What nobody
        # waits for yields to the others, which at start makes the first page come sooner.
        "webhooks": [
            *[*yielding, "5", *celery, "worker", "-Q", "webhooks", "-n", "webhooks@%h"],
            *["--pool", "threads", "-c", "4", *work],
        ],
        "beat": [*yielding, "5", *python, "celery", "-q", "-A", "config.clock", "beat", *schedule],
    }


def environment() -> dict[str, str]:
    """The variables under which the programs run."""
    paths = [str(ROOT), str(ROOT / "platform")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        # Celery advises against root on every start; in a container there is nobody else.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        # Asked to stop, workers hand long tasks back at once instead of an hour later.
        "REMAP_SIGTERM": "SIGQUIT",
    }
