from django.apps import AppConfig


class ThrottlingConfig(AppConfig):
    """Counters of attempts by sender."""

    name = "throttling"
    label = "throttling"
