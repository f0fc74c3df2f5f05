from django.apps import AppConfig


class JobsConfig(AppConfig):
    """How often each background task was begun."""

    name = "jobs"
    label = "jobs"
