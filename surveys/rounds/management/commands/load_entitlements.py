"""``manage.py load_entitlements``: what each kind of provider should have; may be repeated."""

from typing import Any

from django.core.management.base import BaseCommand

from surveys.rounds.loading import load_entitlements


class Command(BaseCommand):
    """Load the dated standards of inputs."""

    help = "Load fixtures/entitlements.csv. Repeating changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        new, every = load_entitlements()
        self.stdout.write(f"entitlements: {new} new of {every}")
