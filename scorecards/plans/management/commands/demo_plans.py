from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scorecards.plans import demo


class Command(BaseCommand):
    """Invents plans in the demo's communes; repeated, it changes nothing."""

    requires_system_checks: list[str] = []
    help = "Invent joint action plans for the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them; print how many."""
        if settings.LIVE:
            raise CommandError("LIVE=1: real people are served here; demo data is refused.")
        self.stdout.write(f"DEMO: {demo.make()} actions of joint action plans")
