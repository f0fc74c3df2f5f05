"""Modules that every command loads when it starts, for servers with little memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ("pandas", "scipy", "pyarrow")
SCRIPT = """
import sys, django
django.setup()
from surveys.management.commands import import_cases
print([name for name in sys.argv[1:] if name in sys.modules])
"""


@pytest.mark.slow
def test_a_command_that_computes_no_figures_starts_without_their_libraries() -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *FIGURES],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
