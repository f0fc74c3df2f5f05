from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """How long what is personal is kept."""

    name = "retention"
    label = "retention"
