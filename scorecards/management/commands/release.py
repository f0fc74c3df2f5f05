"""``manage.py release``: prepare and check the release of a quarter; publish it, by two people."""

from typing import Any

from celery import chain
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from scorecards import tasks
from scorecards.models import Release
from scorecards.releases import lifecycle


class Command(BaseCommand):
    help = (
        "Prepare and check the release of a quarter. Two people with a mandate for the whole "
        "nation are needed to publish it: one begins it (--by), another approves it "
        "(--approved-by)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--period", help="a quarter, as 2026-Q3")
        which.add_argument(
            "--all", action="store_true", help="every quarter that has ended and has figures"
        )
        parser.add_argument("--by", required=True, help="user name of who begins it")
        parser.add_argument(
            "--approved-by", help="user name of a second person: approve and publish it"
        )
        parser.add_argument("--latest", type=int, help="with --all: only the latest so many")
        parser.add_argument(
            "--later", action="store_true", help="leave it to a worker, and do not wait"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = _person(options["by"])
        second = _person(options["approved_by"]) if options["approved_by"] else None
        if second == by:
            raise CommandError("nobody approves what they began: name two people")
        chosen = lifecycle.ended_quarters() if options["all"] else [options["period"]]
        if options["latest"] is not None:
            if options["latest"] < 1:
                raise CommandError("--latest takes a number of quarters, 1 or more")
            chosen = chosen[-options["latest"] :]  # the older first: changes are computed from it
        if options["later"]:
            # one after the other, so that a worker stays free for people who wait
            number = second.pk if second else None
            each = [tasks.release.si(period, by.pk, number) for period in chosen]
            if each:
                chain(*each).delay()
            return
        for period in chosen:
            try:
                self._release(by, period, second)
            except (ValidationError, ValueError) as error:
                messages = error.messages if isinstance(error, ValidationError) else [str(error)]
                raise CommandError(" ".join(messages)) from error

    def _release(self, by: User, period: str, second: User | None) -> None:
        release = lifecycle.prepare(lifecycle.begin(by=by, period=period).pk)
        self._tell(release)
        if second is not None and release.state == Release.State.AUDITED:
            release = lifecycle.publish(lifecycle.approve(by=second, release=release).pk)
            published = release.state == Release.State.PUBLISHED
            self.stdout.write("Published." if published else "It did not pass the second check.")
        if release.note:
            self.stderr.write(release.note)

    def _tell(self, release: Release) -> None:
        text = (
            f"{release.period}: {release.printed} cells printed, {release.repeated} of them "
            f"repeated from an earlier release, {release.withdrawn} withdrawn; "
            f"{release.gaps} groups of voters; {release.breaches} checks failed."
        )
        self.stdout.write(text)


def _person(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f'nobody is called "{name}"')
    if not lifecycle.may_release(user):
        raise CommandError(
            f'"{name}" may not release: name a coordinator or administrator for the whole nation'
        )
    return user
