"""Compare the history with its chain of seals."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import chain
from audit.models import Entry, Seal


class Command(BaseCommand):
    help = (
        "Compare the history with its seals; ends with an error where it was changed. "
        "Write the last digest down outside the machine, and name it with --expect the next time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--expect", default="", help="a digest that was written down before")

    def handle(self, *args: Any, **options: Any) -> None:
        chain.seal_entries()
        breaks = list(chain.breaks())
        for each in breaks:
            self.stderr.write(f"Entries {each.seal}: {each.sentence}.")
        if options["expect"] and not Seal.objects.filter(digest=options["expect"]).exists():
            raise CommandError("The digest that you wrote down is no longer in the chain.")
        if breaks:
            raise CommandError(f"The history does not fit its seals at {len(breaks)} places.")
        last = Seal.objects.order_by("last").last()
        self.stdout.write(
            f"{Entry.objects.count()} entries, {Seal.objects.count()} seals: nothing was changed. "
            f"Last digest: {last.digest if last else 'none'}"
        )
