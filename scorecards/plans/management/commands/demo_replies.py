from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scorecards.plans import demo_notes, demo_replies
from scorecards.plans.measures.release import release_measures


class Command(BaseCommand):
    """Invents offices' replies to the demo's released figures; repeated, it changes nothing."""

    requires_system_checks: list[str] = []
    help = "Invent replies to released figures for the demo, and add the measures of plans."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them; print how many."""
        if settings.LIVE:
            raise CommandError("LIVE=1: real people are served here; demo data is refused.")
        made = demo_replies.make_replies()
        notes = demo_notes.make_notes()
        self.stdout.write(
            f"DEMO: {made} replies, {notes} notes and stories, "
            f"{release_measures()} releases with measures"
        )
