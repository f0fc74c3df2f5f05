from django.apps import AppConfig


class OpenRosaConfig(AppConfig):
    """The door for ODK Collect and Central's clients."""

    name = "surveys.openrosa"
    label = "openrosa"
