from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """The retention of personal data."""

    name = "retention"
    label = "retention"
