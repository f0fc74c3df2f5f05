"""``manage.py backup_key``: a pair of keys for backups."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.backups.encryption import make_identity


class Command(BaseCommand):
    help = "Make a pair of keys for backups: the private one in a file, the public one shown."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="where the private key is written; keep it off the server")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            public = make_identity(Path(options["file"]))
        except FileExistsError as error:
            raise CommandError(f"{options['file']} exists already: name a new file.") from error
        self.stdout.write(f"BACKUP_RECIPIENTS={public}")
