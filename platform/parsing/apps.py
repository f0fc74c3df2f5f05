from django.apps import AppConfig


class ParsingConfig(AppConfig):
    """Read values typed by people and sent by programs."""

    name = "parsing"
    label = "parsing"
