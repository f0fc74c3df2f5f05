"""What happens by the clock: each room names its own tasks in a `schedule.py`."""

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def collect(rooms: Iterable[str]) -> dict[str, Any]:
    """Celery beat's timetable, gathered from ``SCHEDULE`` in each room's ``schedule.py``.

    Such a file holds only names of tasks and times, so it may be read before
    Django is ready.
    """
    timetable: dict[str, Any] = {}
    for room in rooms:
        if find_spec(f"{room}.schedule") is None:
            continue
        for name, entry in import_module(f"{room}.schedule").SCHEDULE.items():
            timetable[f"{room}: {name}"] = entry
    return timetable
