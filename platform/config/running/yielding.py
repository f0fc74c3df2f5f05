"""``python -m config.running.yielding 10 COMMAND …``: run a program with low priority.

Linux shares processors between sessions before it looks at niceness ("autogroup"), and each of
our programs is a session of its own. So the niceness is also written where sessions are compared;
where there is no such file (a container, another system) the ordinary one counts.

With ``--once-started`` before the number, the program lowers its own priority when it has started
(`lower_as_asked`): on a busy machine, a program with low priority from the beginning needs a minute
to start again after it was killed, and nothing does its work meanwhile.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

ASKED = "NICENESS_ONCE_STARTED"


def lower(niceness: int) -> None:
    """Lower the priority to this niceness; a lower priority stays as it is."""
    missing = niceness - os.nice(0)
    if missing <= 0:
        return
    os.nice(missing)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))


def lower_as_asked() -> None:
    """Lower the priority as ``--once-started`` asked for, if it did."""
    lower(int(os.environ.get(ASKED, "0")))


def main() -> None:
    """Lower the priority, now or once the command has started; become the command."""
    words = sys.argv[1:]
    later = words[0] == "--once-started"
    niceness, *command = words[1:] if later else words
    if later:
        os.environ[ASKED] = niceness
    else:
        lower(int(niceness))
    os.execvp(command[0], command)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main()
