"""``manage.py load_country``: places, providers, services, standards, holidays, roles."""

import io
import json
from collections import defaultdict
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from places.gazetteer import OFFICIAL, Defect, Gazetteer
from places.loading import Tally, load_places
from standards import loading


class Command(BaseCommand):
    """Loads the country from ``fixtures/``; may be repeated, and never undoes an edit."""

    help = "Load places, services, standards, providers, indicators, holidays and roles."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--defects", action="store_true", help="tell every defect of the gazetteer, row by row"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tallies: dict[str, Tally] = {}
        with transaction.atomic():
            tallies["places"], gazetteer = load_places()
            tallies["services"] = loading.load_services()
            tallies["documents"] = loading.load_documents()
            tallies["standards"] = loading.load_standards()
            tallies["providers"] = loading.load_providers()
            tallies["indicators"] = loading.load_indicators()
            tallies["holidays"] = loading.load_holidays()
            roles = io.StringIO()
            call_command("load_roles", stdout=roles)
        self._tell_gazetteer(gazetteer, each=options["defects"])
        for name, tally in tallies.items():
            self.stdout.write(
                f"{name}: {tally.read} read, {tally.added} added, {tally.changed} changed, "
                f"{tally.unchanged} unchanged, {tally.kept} kept as people edited them"
            )
            for sentence in tally.refused:
                self.stderr.write(f"{name}: left as it was. {sentence}")
        self.stdout.write(f"roles: {roles.getvalue().strip()}")
        if not any(tally.wrote for tally in tallies.values()):
            self.stdout.write("Nothing has changed.")
        self.stdout.write(json.dumps({name: asdict(tally) for name, tally in tallies.items()}))

    def _tell_gazetteer(self, gazetteer: Gazetteer, *, each: bool) -> None:
        by_kind: dict[str, list[Defect]] = defaultdict(list)
        for defect in gazetteer.defects:
            by_kind[defect.kind].append(defect)
        for kind, defects in by_kind.items():
            few = not kind.startswith(("dupl", "village", "malf"))
            self.stdout.write(f"gazetteer: {len(defects)} × {kind}")
            for defect in defects if each or few else []:
                fate = "kept" if defect.taken else "skipped"
                self.stdout.write(f"  {defect.code} {defect.name}: {fate}; {defect.why}")
        counts = gazetteer.counts()
        for level, official in OFFICIAL.items():
            self.stdout.write(
                f"{level.value}: {counts[level]} loaded, {official} official (June 2026)"
            )
