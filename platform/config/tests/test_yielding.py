"""Programs give way to pages and calls; a worker does so only once it has started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.queues import CALLS, QUEUES
from config.running import programs

PLATFORM = Path(__file__).parents[2]
SCRIPT = """
import os
from config.running import yielding
before = os.nice(0)
yielding.give_way_as_asked()
yielding.give_way_as_asked()
print(before, os.nice(0))
"""


@pytest.mark.parametrize("asked", ["0", "7", "12"])
def test_giving_way_twice_is_giving_way_once(asked: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "GIVE_WAY": asked, "PYTHONPATH": str(PLATFORM)},
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = map(int, done.stdout.split())
    assert after == max(before, int(asked))


def test_a_worker_starts_as_quickly_as_the_others_and_is_told_by_how_much_to_give_way_then() -> (
    None
):
    commands = programs.commands("127.0.0.1", 8000)
    asked = {name: int(commands[name][1].removeprefix("GIVE_WAY=")) for name in QUEUES}
    assert asked[CALLS] == 0 == min(asked.values()) < max(asked.values())
    assert not any("config.running.yielding" in commands[name] for name in QUEUES)
