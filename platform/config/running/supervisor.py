"""Honcho's manager, made to leave no process behind however it ends.

Between the supervisor and each program stands honcho's relay, which reads the
program's lines. The relay watches the supervisor and ends the program's whole
group when the supervisor is gone; on Linux the kernel also signals the program
when its relay is gone.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing.queues import Queue
from types import FrameType
from typing import Any

from honcho import manager
from honcho.printer import Message
from honcho.process import Popen, Process

from config.embedded.processes import die_with_parent

PATIENCE = 15.0
"""Seconds a program may take to finish what it is doing after it was asked to stop."""
LOOK_EVERY = 0.3


class TetheredProcess(Process):  # type: ignore[misc]  # honcho is not typed
    """A program that does not outlive its supervisor."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._supervisor = os.getpid()
        self._child_ctor = partial(start, shell=False)

    def run(self, events: "Queue[Any] | None" = None, ignore_signals: bool = False) -> None:
        """Relay the program's lines until it ends (in a process of its own)."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        threading.Thread(target=self._watch, daemon=True).start()
        super().run(events, ignore_signals)

    def _watch(self) -> None:
        while os.getppid() == self._supervisor:
            time.sleep(LOOK_EVERY)
        child = self._child
        if child is not None:
            end_group(child.pid, signal.SIGTERM)
            until = time.monotonic() + PATIENCE
            while child.poll() is None and time.monotonic() < until:
                time.sleep(LOOK_EVERY)
            end_group(child.pid, signal.SIGKILL)
        os._exit(1)  # nobody reads our lines any more, and flushing them could block for ever


def start(command: list[str], **options: Any) -> Any:
    """Start a program that the kernel signals when its relay dies."""
    return Popen(command, preexec_fn=die_with_parent(signal.SIGTERM), **options)


def end_group(leader: int, by: signal.Signals) -> None:
    """Signal a program and everything it started."""
    try:
        os.killpg(leader, by)
    except (ProcessLookupError, PermissionError):
        pass


class Supervisor(manager.Manager):  # type: ignore[misc]  # honcho is not typed
    """Starts the programs, shows their lines, stops them all when one stops or on a signal."""

    def __init__(self, *, when_started: Callable[["Supervisor"], None]) -> None:
        super().__init__()
        self._process_ctor = TetheredProcess
        self._when_started = when_started
        self.stopping = False
        self._terminating = False

    @property
    def ending(self) -> bool:
        """Whether the programs are being stopped."""
        return bool(self._terminating)

    def say(self, text: str) -> None:
        """Show lines of our own between those of the programs; from any thread."""
        self.events.put(
            Message(
                type="line",
                data=text,
                time=self._clock.now(),
                name=manager.SYSTEM_PRINTER_NAME,
                colour=None,
            )
        )

    def run(self, commands: Mapping[str, list[str]], environment: Mapping[str, str]) -> int:
        """Run until someone stops us; returns 0, or the code of a program that failed."""
        for name, command in commands.items():
            self.add_process(name, command, env=dict(environment))
        signal.signal(signal.SIGHUP, self._hang_up)
        manager.KILL_WAIT = PATIENCE  # honcho's five seconds are short for a task at work
        self.loop()
        for process in self._processes.values():
            end_group(process["pid"], signal.SIGKILL)  # what a program left behind in its group
            process["process"].join(PATIENCE)
        return 0 if self.stopping else int(self.returncode or 1)

    def terminate(self) -> None:
        """Ask every program to stop; insist after a while."""
        if self._terminating:
            return
        self._terminating = True
        self.stopping = not self._any_stopped()
        for process in self._processes.values():
            if "returncode" not in process and process.get("pid"):
                try:  # the program alone: it tells its own children
                    os.kill(process["pid"], signal.SIGTERM)
                except ProcessLookupError:
                    pass
        timer = threading.Timer(PATIENCE, self.kill)
        timer.daemon = True
        timer.start()

    def _start(self) -> None:
        super()._start()
        threading.Thread(target=self._when_started, args=[self], daemon=True).start()

    def _hang_up(self, _signal: int, _frame: FrameType | None) -> None:
        self.terminate()


def end_with_make() -> None:
    """End this process when the `make` that started it is killed: nobody else could stop it."""
    if "MAKELEVEL" in os.environ:
        threading.Thread(target=_watch, args=[os.getppid()], daemon=True).start()


def _watch(make: int) -> None:
    while os.getppid() == make:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
