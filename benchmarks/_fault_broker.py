"""A RabbitMQ and a Valkey of one folder, for `benchmarks.faults` with ``FAULTS_BROKER=rabbitmq``.

Both are started again two seconds after they end, as systemd does. Needs Debian's rabbitmq-server.
"""

import os
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from config.embedded.valkey import free_port, packaged_program

RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
RESTART = 2.0
"""RestartSec of the units, in seconds."""


class Kept:
    """A server that is started again whenever it ends, until it is stopped."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._command, self._environment, self._folder = command, environment, folder
        self._ended = False
        self._start()
        threading.Thread(target=self._keep, daemon=True).start()

    def _start(self) -> None:
        with (self._folder / "output.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _keep(self) -> None:
        while not self._ended:
            if self._process.poll() is not None:
                time.sleep(RESTART)
                if not self._ended:
                    with suppress(OSError):  # the disk may be full: tried again
                        self._start()
            time.sleep(0.1)

    def server(self) -> psutil.Process:
        """The server itself: the largest of the processes that were started."""
        own = psutil.Process(self._process.pid)
        every = [own, *own.children(recursive=True)]
        return max(every, key=lambda one: one.memory_info().rss)

    def stop(self) -> None:
        """End it and everything it started."""
        self._ended = True
        with suppress(psutil.Error):
            own = psutil.Process(self._process.pid)
            for process in [*own.children(recursive=True), own]:
                with suppress(psutil.Error):
                    process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(30)
            return
        self._process.kill()
        self._process.wait()


class Broker:
    """RabbitMQ for messages, Valkey for results and cache; both on free ports of 127.0.0.1."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        """``settings``: lines of rabbitmq.conf."""
        if not RABBIT.exists():
            raise SystemExit("FAULTS_BROKER=rabbitmq needs Debian's package rabbitmq-server.")
        messages, distribution, names, results = (free_port() for _ in range(4))
        home = folder / "rabbitmq"
        self._names = {"ERL_EPMD_PORT": str(names), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        home.mkdir(parents=True, exist_ok=True)
        (home / "rabbitmq.conf").write_text(settings)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            **self._names,
            "RABBITMQ_NODENAME": "faults@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(messages),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        }
        self.rabbit = Kept([str(RABBIT)], environment, home)
        command = [str(packaged_program()), "--port", str(results), "--bind", "127.0.0.1"]
        command += ["--appendonly", "yes", "--dir", str(folder / "results")]
        self.results = Kept(command, {"PATH": os.environ["PATH"]}, folder / "results")
        self.variables = {
            "BROKER_URL": f"amqp://guest:guest@127.0.0.1:{messages}//",
            "CACHE_URL": f"redis://127.0.0.1:{results}/8",
        }

    def stop(self) -> None:
        """Stop both, and the program by which RabbitMQ is found."""
        self.rabbit.stop()
        self.results.stop()
        subprocess.run(
            ["epmd", "-kill"],
            env={**os.environ, **self._names, "ERL_EPMD_RELAXED_COMMAND_CHECK": "1"},
            check=False,
            capture_output=True,
        )
