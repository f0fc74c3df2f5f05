from django.apps import AppConfig


class HotlineConfig(AppConfig):
    """The same by telephone."""

    name = "surveys.hotline"
    label = "hotline"
