"""The platform's configuration as a Django application."""

from django.apps import AppConfig

# Importing makes this the current Celery application, which `shared_task` looks for.
from config.celery import app as celery_app

__all__ = ["ConfigConfig", "celery_app"]


class ConfigConfig(AppConfig):
    """Settings, servers and commands that belong to no single app."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        """Register our checks."""
        from config import database_version  # noqa: F401 - importing it registers
