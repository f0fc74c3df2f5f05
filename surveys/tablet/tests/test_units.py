"""The front end's own unit tests, which need neither a browser nor a server."""

import subprocess
from pathlib import Path

import pytest

from tools.frontends import node_environment

pytestmark = pytest.mark.slow

FRONTEND = Path(__file__).parents[1] / "frontend"


def test_the_form_engines_unit_tests_pass() -> None:
    command = ["npm", "run", "--silent", "test"]
    done = subprocess.run(
        command, cwd=FRONTEND, env=node_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
