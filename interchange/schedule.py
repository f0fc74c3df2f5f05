"""What links do by the clock."""

SCHEDULE = {"run links": {"task": "interchange.tasks.run_links", "schedule": 900.0}}
