"""``manage.py run_links``: receive or send what is new by every link, now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from interchange import services
from interchange.models import Link


class Command(BaseCommand):
    help = "Take records from KoboToolbox and ODK Central, give released figures to DHIS2, now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("link", nargs="*", type=int, help="numbers of links; else every one")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Link.objects.filter(is_active=True).order_by("pk")
        if options["link"]:
            rows = rows.filter(pk__in=options["link"])
        failed = 0
        for pk in list(rows.values_list("pk", flat=True)):
            count = services.run(pk)
            link = Link.objects.get(pk=pk)
            self.stdout.write(f"{pk} {link}: {link.last_error or count}")
            failed += bool(link.last_error)
        if failed:
            raise CommandError(f"{failed} of {len(rows)} links failed.")
