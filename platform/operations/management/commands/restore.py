"""``manage.py restore`` and its drill."""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.backups import restoring
from operations.backups.errors import BackupError


class Command(BaseCommand):
    help = "Restore a backup; with --drill beside the present data, compared and dropped again."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", help="the folder of the backup")
        parser.add_argument("--keys", default=os.environ.get("KEYS", ""), help="file of its keys")
        parser.add_argument(
            "--identity",
            default=os.environ.get("IDENTITY", str(settings.VAR / "backup-identity")),
            help="file of the private key of age",
        )
        parser.add_argument("--drill", action="store_true", help="change nothing here")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = Path(options["keys"]) if options["keys"] else None
        try:
            backup = restoring.open_backup(Path(options["backup"]), Path(options["identity"]))
            if options["drill"]:
                drill = restoring.drill(backup, keys=keys, say=self.stdout.write)
                self.stdout.write("Everything is as it was saved.")
                self.stdout.write(json.dumps(drill))
            else:
                restoring.restore(backup, keys=keys, say=self.stdout.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
