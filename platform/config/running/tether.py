"""``python -m config.running.tether PID COMMAND …``: run a program that does not outlive PID.

It is a process between the supervisor (process PID) and one program, which writes into the
supervisor's pipe directly. When the supervisor is gone it ends the program with everything that
started from it; on Linux the kernel also signals the program when the tether itself is killed.
"""

import os
import signal
import subprocess
import sys
import threading
import time

from config.embedded.processes import die_with_parent

PATIENCE = 15.0
"""Seconds a program may take to finish what it is doing after it was asked to stop."""
LOOK_EVERY = 0.3
STARTED = "\x00started "
"""Begins the first line, which names the program's own process; no program writes it."""
_OURS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_group(leader: int, by: signal.Signals) -> None:
    """Signal a program and everything it started."""
    try:
        os.killpg(leader, by)
    except (ProcessLookupError, PermissionError):
        pass


def main() -> int:
    """Run the command to its end; return its code, 128 and more for a signal, as shells do."""
    supervisor, command = int(sys.argv[1]), sys.argv[2:]
    for number in _OURS:  # the supervisor tells the program itself when to stop
        signal.signal(number, signal.SIG_IGN)
    tie = die_with_parent(signal.SIGTERM)

    def prepare() -> None:
        for number in _OURS:
            signal.signal(number, signal.SIG_DFL)
        if tie:
            tie()

    child = subprocess.Popen(command, start_new_session=True, preexec_fn=prepare)  # noqa: PLW1509
    threading.Thread(target=_watch, args=[supervisor, child], daemon=True).start()
    sys.stdout.write(f"{STARTED}{child.pid}\n")
    sys.stdout.flush()
    code = child.wait()
    end_group(child.pid, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _watch(supervisor: int, child: subprocess.Popen[bytes]) -> None:
    while os.getppid() == supervisor:
        time.sleep(LOOK_EVERY)
    end_group(child.pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while child.poll() is None and time.monotonic() < until:
        time.sleep(LOOK_EVERY)
    end_group(child.pid, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    raise SystemExit(main())
