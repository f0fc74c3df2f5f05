"""``manage.py backup``: database, media and keys, encrypted."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.backups.errors import BackupError
from operations.backups.making import make


class Command(BaseCommand):
    help = "Save database, media and keys, encrypted with age, in BACKUP_FOLDER."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            make(self.stdout.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
