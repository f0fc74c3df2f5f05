"""``manage.py import_boundaries FILE``: outlines of communes for the maps."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from places import boundaries

SHOWN = 15


class Command(BaseCommand):
    """Imports a GeoJSON of communes into ``var/``; maps use it from then on."""

    help = "Import the outlines of communes from a GeoJSON file and tell what did not match."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--attribution", default="", help="whom to credit, with the licence")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = boundaries.import_file(options["file"], attributed_to=options["attribution"])
        except boundaries.UnusableFileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{report.taken} of {report.features} polygons taken, {report.rewound} rewound."
        )
        for old, new in report.handed_on.items():
            self.stdout.write(f"  {old} is {new} today")
        for code, wrong in report.broken.items():
            self.stderr.write(f"  {code} left out: {wrong}")
        self._tell("polygons without a code", report.without_code)
        self._tell("polygons with a code no commune has", report.unknown_codes)
        self._tell("polygons with a code that came before", report.repeated_codes)
        self._tell("communes without a polygon", report.communes_without)
        self.stdout.write(json.dumps({k: len(v) if isinstance(v, list | dict) else v
                                      for k, v in asdict(report).items()}))  # fmt: skip

    def _tell(self, what: str, which: list[str]) -> None:
        if which:
            more = f" and {len(which) - SHOWN} more" if len(which) > SHOWN else ""
            self.stdout.write(f"{len(which)} {what}: {', '.join(which[:SHOWN])}{more}")
