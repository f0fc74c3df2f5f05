from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """Providers, services and the official standards that bind them."""

    name = "standards"
    label = "standards"
