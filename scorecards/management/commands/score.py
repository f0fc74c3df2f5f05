"""``manage.py score``: compute scores by hand, with progress."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scorecards import periods, runs, tasks
from scorecards.releases import nightly_rounding
from scorecards.verification import nightly


class Command(BaseCommand):
    help = "Compute the scores of a period (2026-07, 2026-Q3, 2026) or of everything, again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", default="", help="2026-07, 2026-Q3 or 2026; else all")
        parser.add_argument("--province", default="", help="two digits, as 01; else the nation")
        parser.add_argument(
            "--check", action="store_true", help="compare with pandas, as every night, instead"
        )
        parser.add_argument(
            "--waiting",
            action="store_true",
            help="first compute what waits, which a check would leave out",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        period, province = options["period"], options["province"]
        kind = "nightly" if options["check"] else "compute"
        try:
            if period:
                periods.parse(period)
            run = runs.begin(kind=kind, period=period, province=province)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["waiting"]:
            tasks.recompute_changed()
        codes = runs.provinces_of(run.pk)
        runs.prepare(run.pk)
        for number, code in enumerate(codes, start=1):
            start = time.perf_counter()
            changed = runs.do_province(run.pk, code)
            took = time.perf_counter() - start
            word = "differ" if options["check"] else "written"
            self.stdout.write(
                f"{number}/{len(codes)} province {code}: {changed} {word}, {took:.1f} s"
            )
        done = runs.finish(run.pk)
        if options["check"] and not (period or province):
            differ = nightly.check_comparisons(run=run) + nightly_rounding.check_rounding(run=run)
            self.stdout.write(f"comparisons: {differ} differ")
        if done:
            runs.close(run.pk)
        run.refresh_from_db()
        self.stdout.write(f"{run.get_state_display()}.")
