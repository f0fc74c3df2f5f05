import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.demo import ACCOUNTS_FILE
from khmer.dates import parse_date
from surveys.demo.make import Wish, make


class Command(BaseCommand):
    """Makes an invented country with known true rates; never beside real people's cases."""

    # checking every app would load what inventing does not need
    requires_system_checks: list[str] = []
    help = "Invent cases, votes, checks and accounts to show, train and test with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the size, the places and the seed of the invented country."""
        parser.add_argument("--cases", type=int, default=20_000)
        parser.add_argument("--provinces", type=int, default=3)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", default="", help="the last day of the data; today if empty")
        parser.add_argument(
            "--rho", type=float, default=0.05, help="how alike a facilitator's cases of a day are"
        )
        parser.add_argument(
            "--replace", action="store_true", help="make an earlier demo's data anew"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it; print what was made and how to sign in."""
        started = time.monotonic()
        truth_path = settings.VAR / "demo-truth.csv"
        accounts_path = settings.VAR / ACCOUNTS_FILE
        until = parse_date(options["until"]) if options["until"] else timezone.localdate()
        made = make(
            Wish(
                cases=options["cases"],
                provinces=options["provinces"],
                seed=options["seed"],
                until=until,
                rho=options["rho"],
            ),
            truth_path=truth_path,
            accounts_path=accounts_path,
            replace=options["replace"],
        )
        self.stdout.write(
            f"DEMO: {made.cases} cases, {made.votes} votes, {made.checks} checks in "
            f"{made.communes} communes, in {time.monotonic() - started:.1f} s"
        )
        self.stdout.write(f"true rates: {truth_path}")
        if "make_report_key" in get_commands():  # of a channel, which is not imported here
            call_command("make_report_key", demo=True, stdout=self.stdout)
        # of channels, which are not imported here
        demos = (
            *("demo_devices", "demo_calls", "demo_reports", "demo_rounds", "demo_plans"),
            "demo_targets",
        )
        for command in demos:
            if command in get_commands():
                call_command(command, stdout=self.stdout)
        for account in made.accounts["accounts"]:
            self.stdout.write(
                f"  {account['username']:<12} {account['password']:<24} {account['role']}"
            )
