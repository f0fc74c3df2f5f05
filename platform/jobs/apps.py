from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Attempts at background tasks."""

    name = "jobs"
    label = "jobs"
