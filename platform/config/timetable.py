"""The schedule of the platform: each app names its own tasks in a `schedule.py`."""

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def collect(apps: Iterable[str]) -> dict[str, Any]:
    """Collect Celery beat's timetable from ``SCHEDULE`` in each app's ``schedule.py``.

    Such a file holds only names of tasks and times, so it may be read before Django is ready.
    """
    timetable: dict[str, Any] = {}
    for app in apps:
        if find_spec(f"{app}.schedule") is None:
            continue
        for name, entry in import_module(f"{app}.schedule").SCHEDULE.items():
            timetable[f"{app}: {name}"] = entry
    return timetable
