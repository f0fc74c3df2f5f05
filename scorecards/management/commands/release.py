"""``manage.py release``: prepare, audit and, if asked, publish the release of a quarter."""

from typing import Any

from celery import chain
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from scorecards import releasing, tasks


class Command(BaseCommand):
    help = "Prepare and audit the release of a quarter; with --publish also approve it."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--period", help="a quarter, as 2026-Q3")
        which.add_argument(
            "--all", action="store_true", help="every quarter that has ended and has figures"
        )
        parser.add_argument("--by", required=True, help="user name of a coordinator")
        parser.add_argument("--publish", action="store_true")
        parser.add_argument("--latest", type=int, help="with --all: only the latest so many")
        parser.add_argument(
            "--later", action="store_true", help="leave it to a worker, and do not wait"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(username=options["by"]).first()
        if by is None:
            raise CommandError(f'nobody is called "{options["by"]}"')
        chosen = releasing.ended_quarters() if options["all"] else [options["period"]]
        if options["latest"] is not None:
            if options["latest"] < 1:
                raise CommandError("--latest takes a number of quarters, 1 or more")
            chosen = chosen[-options["latest"] :]  # the older first: changes are told from it
        if options["later"]:
            # one after the other, so that a worker stays free for people who wait
            each = [
                tasks.release.si(period, by.pk, publish=options["publish"]) for period in chosen
            ]
            if each:
                chain(*each).delay()
            return
        for period in chosen:
            try:
                self._release(by, period, publish=options["publish"])
            except PermissionDenied as error:
                raise CommandError(f'"{by}" may not release: name a coordinator') from error
            except (ValidationError, ValueError) as error:
                told = error.messages if isinstance(error, ValidationError) else [str(error)]
                raise CommandError(" ".join(told)) from error

    def _release(self, by: User, period: str, *, publish: bool) -> None:
        release = releasing.prepare(releasing.begin(by=by, period=period).pk)
        self.stdout.write(
            f"{release.period}: {release.cells} cells, {release.shown} shown, "
            f"{release.hidden} hidden, {release.breaches} that could be worked out."
        )
        if publish:
            release = releasing.publish(releasing.approve(by=by, release=release).pk)
            published = release.state == release.State.PUBLISHED
            self.stdout.write("Published." if published else "It did not pass a second time.")
