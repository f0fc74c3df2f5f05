from django.apps import AppConfig


class ThrottlingConfig(AppConfig):
    """How often something was tried, and from where."""

    name = "throttling"
    label = "throttling"
