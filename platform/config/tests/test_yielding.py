"""A worker has a lower priority than pages and calls, but only once it has started."""

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
yielding.lower_as_asked()
yielding.lower_as_asked()
print(before, os.nice(0))
"""


def niceness_of(*words: str) -> list[int]:
    """What a program prints that was started behind ``yielding`` with these words."""
    done = subprocess.run(
        [sys.executable, "-m", "config.running.yielding", *words, sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(PLATFORM)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(word) for word in done.stdout.split()]


@pytest.mark.parametrize("asked", [0, 7, 12])
def test_the_priority_is_lowered_once_when_the_program_says_that_it_has_started(asked: int) -> None:
    now = os.nice(0)
    assert niceness_of("--once-started", str(asked)) == [now, max(now, asked)]
    assert niceness_of(str(asked)) == [max(now, asked)] * 2


def test_every_worker_has_a_niceness_for_the_time_after_its_start() -> None:
    commands = programs.commands("127.0.0.1", 8000)
    asked = {}
    for name in QUEUES:
        words = commands[name]
        asked[name] = int(words[words.index("--once-started") + 1])
    assert asked[CALLS] == 0 == min(asked.values()) < max(asked.values())
