"""Erase what is older than its rule allows, or report what would be erased."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from retention import services
from retention.kinds import kinds


class Command(BaseCommand):
    help = "Erase what is older than its rule allows; --report only says how much that is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--report", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        for kind in kinds():
            waiting = kind.waiting(services.border(kind))
            self.stdout.write(f"{kind.code}: kept {services.days_of(kind)} days, {waiting} too old")
        if not options["report"]:
            self.stdout.write(f"{services.apply_all()} erased.")
