"""The clock says what the other programs do, without loading them."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from config.celery import app as programs
from config.clock import app as clock

pytestmark = pytest.mark.slow


def test_the_clock_knows_the_timetable_of_the_programs() -> None:
    assert clock.conf.beat_schedule == programs.conf.beat_schedule
    assert len(clock.conf.beat_schedule) > 5
    for name in ("timezone", "task_routes", "broker_transport_options"):
        assert getattr(clock.conf, name) == getattr(programs.conf, name), name


def test_the_clock_loads_neither_pages_nor_models() -> None:
    code = "import sys, config.clock as c; c.app.conf.beat_schedule; print(*sys.modules, sep='\\n')"
    paths = os.pathsep.join([str(settings.ROOT), str(settings.ROOT / "platform")])
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "config.clock" in loaded
    assert not {"pandas", "surveys.models", "scorecards.tasks", "django.urls"} & set(loaded)
