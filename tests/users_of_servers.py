"""Programs that use the embedded servers of a folder, for tests of starting and stopping them."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
USER = """
import sys
from pathlib import Path
from config.embedded.holding import Hold
from config.embedded.sentences import ServersError
try:
    print(Hold(sys.argv[1], Path(sys.argv[2])).join(), flush=True)
except ServersError as error:
    print("sentence:", error, flush=True)
    sys.exit(2)
if len(sys.argv) > 3:
    sys.stdin.read()
"""


def use(
    kind: str,
    var: Path,
    *,
    stay: bool = True,
    before: Callable[[], None] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[str]:
    """A program that uses a server of `var` until its standard input is closed."""
    command = [sys.executable, "-c", USER, kind, str(var), *(["stay"] if stay else [])]
    return subprocess.Popen(
        command,
        cwd=ROOT / "platform",
        env={**os.environ, "PYTHONPATH": str(ROOT / "platform")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
        pass_fds=pass_fds,
    )


def address_of(program: subprocess.Popen[str]) -> str:
    assert program.stdout
    return program.stdout.readline().strip()


def finish(program: subprocess.Popen[str]) -> None:
    program.communicate(timeout=60)
