"""Load the hotline's languages and its simulator line; may be repeated."""

from typing import Any

from django.core.management.base import BaseCommand

from jobs import messages
from surveys.hotline.setting_up import load_hotline


class Command(BaseCommand):
    """`manage.py load_hotline`"""

    help = "Load the hotline's languages and the simulator's line. Repeating changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        made = load_hotline()
        # takes some seconds, for which a start need not wait
        messages.send("surveys.hotline.tasks.speak_missing")
        self.stdout.write(f"Hotline: {made} new rows.")
