"""Remove the second factor of a person whom no manager can help."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import second_factor
from accounts.models import User


class Command(BaseCommand):
    help = "Take away a person's second factor and end every session; it is written down."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no person with the user name “{options['username']}”.")
        second_factor.reset(by=None, user=user)
        self.stdout.write("Done. The next sign-in asks to set up a new second factor.")
