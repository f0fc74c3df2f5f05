"""``manage.py load_forms [--programme CODE]``: publishes the shipped forms; may be repeated."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Programme
from surveys.forms.shipped import load_forms


class Command(BaseCommand):
    """Publish the case interview and the provider check in programmes that lack them."""

    help = "Publish the forms of fixtures/forms/ in one programme, or in every one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programme", help="its code; without it: every programme")

    def handle(self, *args: Any, **options: Any) -> None:
        programmes = Programme.objects.order_by("code")
        if options["programme"]:
            programmes = programmes.filter(code=options["programme"])
            if not programmes:
                raise CommandError(f"No programme has the code {options['programme']}.")
        for programme in programmes:
            done = load_forms(programme)
            text = ", ".join(done) or "nothing new"
            self.stdout.write(f"{programme.code}: {text}")
