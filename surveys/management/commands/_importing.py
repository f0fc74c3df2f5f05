"""Common parts of the three import commands."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from surveys.importing.rejects import suffix_back
from surveys.importing.run import counts_of, import_file
from surveys.models import ImportBatch

MOST_SENTENCES = 200


class ImportCommand(BaseCommand):
    """Imports one spreadsheet; the last line printed is JSON with the counts."""

    kind = ImportBatch.Kind.CASES
    # checking every app would load what an import does not need
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add FILE, and the person on whose behalf it is imported."""
        parser.add_argument("file", type=Path, help="CSV (UTF-8) or XLSX")
        parser.add_argument("--by", default="", help="user name of the person who imports")
        parser.add_argument(
            "--rejected", type=Path, default=None, help="where to write the rows not taken"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print every bad row, and the counts last."""
        path: Path = options["file"]
        by = self._person(options["by"])
        language = by.language if by is not None else settings.LANGUAGE_CODE
        with translation.override(language):
            self._import(path, by, language, options["rejected"])

    def _import(self, path: Path, by: User | None, language: str, rejects: Path | None) -> None:
        if not path.is_file():
            raise CommandError(_("There is no file %(path)s.") % {"path": path})
        rejects = rejects or path.with_name(f"{path.stem}-rejected{suffix_back(path)}")
        batch = ImportBatch.objects.create(
            kind=self.kind,
            file_name=path.name[:200],
            by=by,
            language=language,
            state=ImportBatch.State.RUNNING,
        )
        sentences = 0

        def say(sentence: str) -> None:
            nonlocal sentences
            sentences += 1
            if sentences <= MOST_SENTENCES:
                self.stdout.write(sentence)

        try:
            import_file(path, batch=batch, rejects_path=rejects, say=say)
        except PermissionDenied as error:
            batch.delete()
            raise CommandError(
                _("%(person)s may not import spreadsheets.") % {"person": by}
            ) from error
        if sentences > MOST_SENTENCES:
            self.stdout.write(_("… and %(more)s more.") % {"more": sentences - MOST_SENTENCES})
        if sentences:
            self.stdout.write(_("Rows to correct and send again: %(path)s") % {"path": rejects})
        if batch.problem and batch.state == ImportBatch.State.DONE:
            self.stdout.write(batch.problem)
        self.stdout.write(json.dumps(counts_of(batch)))
        if batch.state == ImportBatch.State.FAILED:
            raise CommandError(batch.problem)

    def _person(self, username: str) -> User | None:
        if not username:
            return None
        person = User.objects.filter(username=username, is_active=True).first()
        if person is None:
            raise CommandError(_("Nobody has the user name “%(name)s”.") % {"name": username})
        return person
