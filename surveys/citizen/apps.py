from django.apps import AppConfig


class CitizenConfig(AppConfig):
    """The public app."""

    name = "surveys.citizen"
    label = "citizen"
