"""Encrypt everything under today's keys, so that earlier keys decrypt nothing any more."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit.trail import record
from sealing.columns import Outcome, columns, renew


class Command(BaseCommand):
    help = (
        "Encrypt everything anew under today's SECRET_KEY and CONTACT_KEY. Before: move the old "
        "key to SECRET_KEY_BEFORE or CONTACT_KEY_BEFORE and set a new one. --check only looks. "
        "ROUNDING_SECRET is never rotated: another one is refused by the next release."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say what is to be done")

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = {each.name: renew(each, only_look=options["check"]) for each in columns()}
        for name, outcome in outcomes.items():
            self.stdout.write(_line(name, outcome, only_looked=options["check"]))
        renewed = sum(outcome.renewed for outcome in outcomes.values())
        unreadable = sum(len(outcome.unreadable) for outcome in outcomes.values())
        if renewed and not options["check"]:
            with transaction.atomic():
                record(
                    by=None,
                    job="rotate_keys",
                    verb="keys.rotated",
                    subject=get_user_model()(pk=0),
                    after={name: outcome.renewed for name, outcome in outcomes.items()},
                )
        if unreadable:
            raise CommandError(
                f"{unreadable} rows are unreadable under every key that is named: is one missing?"
            )
        if not options["check"]:
            self.stdout.write(
                "Everything is encrypted under today's keys. Keep the keys of before where they "
                "are: hashes of telephone numbers and the chain of the history live on the oldest."
            )


def _line(name: str, outcome: Outcome, *, only_looked: bool) -> str:
    done = "to be renewed" if only_looked else "renewed"
    line = f"{name}: {outcome.renewed} {done}, {outcome.current} current"
    if outcome.unreadable:
        line += f", unreadable: {', '.join(map(str, outcome.unreadable[:20]))}"
    return line
