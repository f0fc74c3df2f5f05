"""Scheduled tasks of links."""

SCHEDULE = {"run links": {"task": "interchange.tasks.run_links", "schedule": 900.0}}
