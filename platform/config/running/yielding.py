"""``python -m config.running.yielding 10 COMMAND …``: run a program with low priority.

Linux shares processors between sessions before it looks at niceness ("autogroup"), and each of our
programs is a session of its own. So the niceness is also written where sessions are compared; where
there is no such file (a container, another system) the ordinary one counts.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path


def main() -> None:
    """Lower the priority by so much, then become the command."""
    niceness, *command = sys.argv[1:]
    os.nice(int(niceness))
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(niceness)
    os.execvp(command[0], command)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main()
