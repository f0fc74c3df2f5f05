from django.apps import AppConfig


class TabletConfig(AppConfig):
    """The facilitators' offline app."""

    name = "surveys.tablet"
    label = "tablet"
