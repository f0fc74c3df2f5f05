"""Start the programs, print their lines, restart those that end, and leave no process behind.

Each program runs behind a tether (``config.running.tether``), which ends it when the supervisor
itself is killed. A program that ends is started again after a pause; one that ends too often, or
before everything answered for the first time, stops the platform with a sentence.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from types import FrameType

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from config.running.restarts import MOST, WITHIN, Restarts
from config.running.tether import LOOK_EVERY, PATIENCE, STARTED, end_group

SYSTEM = "system"
_SIGNALS = {signal.SIGINT: "SIGINT", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}


class Program:
    """One program: its command, the process that runs it now, and when to start it again."""

    def __init__(
        self, name: str, command: list[str], environment: Mapping[str, str], colour: str
    ) -> None:
        self.name, self.colour = name, colour
        self.pid = 0
        self.start_at: float | None = None
        self._command, self._environment = command, environment
        self._tether: subprocess.Popen[bytes] | None = None
        self._restarts = Restarts()

    def start(self, hear: Callable[["Program", str], None]) -> None:
        """Start it behind a tether; a thread reads its lines."""
        self.start_at = None
        self.pid = 0
        tie = [sys.executable, "-P", "-m", "config.running.tether", str(os.getpid())]
        self._tether = subprocess.Popen(
            [*tie, *self._command],
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._read, args=[self._tether, hear], daemon=True).start()

    def _read(
        self, tether: subprocess.Popen[bytes], hear: Callable[["Program", str], None]
    ) -> None:
        assert tether.stdout
        for raw in tether.stdout:
            line = raw.decode(errors="replace")
            if line.startswith(STARTED):
                self.pid = int(line.removeprefix(STARTED))
            hear(self, line)

    def has_ended(self) -> int | None:
        """Return its code, once, when it ended since the last look."""
        if self._tether is None or (code := self._tether.poll()) is None:
            return None
        if self.pid:  # the tether itself may have been killed, and its program still run
            end_group(self.pid, signal.SIGKILL)
        self._tether = None
        return code

    def pause(self) -> float | None:
        """Return seconds until the next start; None when it ended too often."""
        return self._restarts.pause()

    @property
    def is_running(self) -> bool:
        """Return whether its process has not been seen to end."""
        return self._tether is not None

    def ask_to_stop(self) -> None:
        """Signal the program alone: it signals its own children."""
        if self._tether and self.pid:
            try:
                os.kill(self.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def insist(self) -> None:
        """Kill it and everything it started."""
        if self._tether and self.pid:
            end_group(self.pid, signal.SIGKILL)


class Supervisor:
    """Runs all programs until somebody stops us or one of them cannot be kept running."""

    def __init__(
        self, *, when_started: Callable[["Supervisor"], None], watch: Callable[[], list[str]]
    ) -> None:
        """``watch`` looks after the servers: returns messages, raises what it cannot repair."""
        self._when_started, self._watch = when_started, watch
        # a simple queue may be used by a signal handler at any moment
        self._lines: queue.SimpleQueue[tuple[str, str, str | None]] = queue.SimpleQueue()
        self._printer = Printer(sys.stdout)
        self._programs: list[Program] = []
        self.is_well = False
        self.ending = False
        self._failed = False
        self._insist_at = 0.0

    def say(self, text: str) -> None:
        """Show lines of our own between those of the programs; from any thread."""
        self._lines.put((SYSTEM, text, None))

    def fail(self, sentence: str) -> None:
        """Stop everything because of this; from any thread."""
        self.say(sentence)
        if not self.ending:
            self._failed = True

    def run(self, commands: Mapping[str, list[str]], environment: Mapping[str, str]) -> int:
        """Run until it is over; return 0 when somebody stopped us, else 1."""
        colours = get_colours()
        self._programs = [
            Program(name, command, environment, next(colours)) for name, command in commands.items()
        ]
        self._printer.width = max(len(SYSTEM), *map(len, commands))
        for number in _SIGNALS:
            signal.signal(number, self._asked)
        for program in self._programs:
            program.start(self._hear)
        for act in (lambda: self._when_started(self), self._look_after_servers):
            threading.Thread(target=act, daemon=True).start()
        while any(program.is_running for program in self._programs) or not self.ending:
            self._print_lines()
            self._look_after_programs()
        self._print_lines()
        return 1 if self._failed else 0

    def _look_after_programs(self) -> None:
        if self._failed:
            self._end()
        for program in self._programs:
            code = program.has_ended()
            if code is not None:
                self.say(f"{program.name} stopped (rc={code})")
                if not self.ending:
                    self._ended(program)
            due = program.start_at is not None and time.monotonic() >= program.start_at
            if due and not self.ending:
                program.start(self._hear)
        if self.ending and time.monotonic() > self._insist_at:
            for program in self._programs:
                program.insist()

    def _ended(self, program: Program) -> None:
        """Start it again soon, or stop everything and report why."""
        if not self.is_well:
            self.fail(f"{program.name} ended before the platform was ready: stopping.")
            return
        pause = program.pause()
        if pause is None:
            self.fail(
                f"{program.name} ended more than {MOST} times within {WITHIN:.0f} seconds: "
                "stopping. Its own lines above say why."
            )
            return
        program.start_at = time.monotonic() + pause
        self.say(f"{program.name} is started again.")

    def _look_after_servers(self) -> None:
        while not self.ending:
            try:
                for message in self._watch():
                    self.say(message)
            except Exception as error:  # whatever the error, nothing can run without servers
                self.fail(str(error))
                return
            time.sleep(LOOK_EVERY)

    def _hear(self, program: Program, line: str) -> None:
        if line.startswith(STARTED):
            self.say(f"{program.name} started (pid={program.pid})")
            if self.ending:  # it was asked before its number was known
                program.ask_to_stop()
        else:
            self._lines.put((program.name, line, program.colour))

    def _print_lines(self) -> None:
        """Print what was said, waiting a moment for the first line."""
        try:
            name, data, colour = self._lines.get(timeout=0.1)
            while True:
                now = datetime.now()  # noqa: DTZ005 - honcho shows the hour of this machine
                self._printer.write(
                    Message(type="line", data=data, time=now, name=name, colour=colour)
                )
                name, data, colour = self._lines.get_nowait()
        except queue.Empty:
            pass

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        self.say(f"{_SIGNALS[signal.Signals(number)]} received")
        self._end()

    def _end(self) -> None:
        if self.ending:
            return
        self.ending = True
        self._insist_at = time.monotonic() + PATIENCE
        for program in self._programs:
            program.ask_to_stop()


def end_with_make() -> None:
    """End this process when the `make` that started it is killed: nobody else could stop it."""
    if "MAKELEVEL" in os.environ:
        threading.Thread(target=_watch_make, args=[os.getppid()], daemon=True).start()


def _watch_make(make: int) -> None:
    while os.getppid() == make:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
