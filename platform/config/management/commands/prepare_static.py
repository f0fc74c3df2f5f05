"""`manage.py prepare_static`: collect static files when something changed."""

from typing import Any

from django.core.management.base import BaseCommand

from config.running.preparing import collect_static


class Command(BaseCommand):
    """Collect static files under hashed names; quick when nothing changed."""

    help = "Collect static files when something changed since the last time."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect, or find that nothing changed."""
        collect_static(self.stdout.write)
