"""Scheduled tasks of the history."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "seal the history": {"task": "audit.tasks.seal_entries", "schedule": 600.0}
}
