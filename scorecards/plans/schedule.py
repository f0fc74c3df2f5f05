"""Scheduled tasks of plans."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    # every quarter of an hour; at night and on holidays it does nothing
    "reminders of action plans": {"task": "scorecards.plans.tasks.remind", "schedule": 900.0},
    "measures of plans in a release": {
        "task": "scorecards.plans.tasks.release_measures",
        "schedule": 600.0,
    },
}
