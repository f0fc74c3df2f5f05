"""Programs that let others go first: ``python -m config.running.yielding 5 COMMAND …``.

Linux shares processors between sessions before it looks at niceness ("autogroup"), and each of
our programs is a session of its own. So the niceness is also written where sessions are compared;
where there is no such file (a container, another system) the ordinary one counts.

A worker gives way only once it has started (``GIVE_WAY``): on a busy machine one that gave way from
the beginning needed minutes to come back after it was killed.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path


def give_way(niceness: int) -> None:
    """Give way by so much from now on; what gives way already stays as it is."""
    missing = niceness - os.nice(0)
    if missing <= 0:
        return
    os.nice(missing)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))


def give_way_as_asked() -> None:
    """Give way as ``GIVE_WAY`` says, if it does."""
    give_way(int(os.environ.get("GIVE_WAY", "0")))


def main() -> None:
    """Give way by so much, then become the command."""
    niceness, *command = sys.argv[1:]
    give_way(int(niceness))
    os.execvp(command[0], command)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main()
