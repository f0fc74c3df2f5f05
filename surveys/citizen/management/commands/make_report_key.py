"""Make the pair of keys for dangerous reports; the private half goes to a file, once."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pyrage
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from surveys.citizen.models import ReportKey
from surveys.citizen.reports import DEMO_KEY, shown_key
from surveys.citizen.services import use_key


class Command(BaseCommand):
    """``manage.py make_report_key FILE``: FILE opens the reports; nothing else does."""

    # the demo makes its key with this command and need not check every app for it
    requires_system_checks: list[str] = []
    help = "Make the key pair for dangerous reports; the private half is written to FILE only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the path of the private half, or ``--demo``."""
        parser.add_argument(
            "file", type=Path, nargs="?", help="a new file, best on a stick that you take out"
        )
        parser.add_argument(
            "--demo", action="store_true", help=f"a key that is no secret, in var/{DEMO_KEY}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the pair for a file, or for a demo."""
        if options["demo"]:
            self._for_demo()
            return
        if options["file"] is None:
            raise CommandError("Name a new file for the private half.")
        recipient = self._make(options["file"], is_demo=False)
        self.stdout.write(
            f"{recipient}\nThe private key is in {options['file']} and nowhere else. Take it off "
            "this machine, keep a copy in a safe: without it no report can ever be read."
        )

    def _for_demo(self) -> None:
        """Make a key that everybody may see.

        It is refused where real people are served, and never replaces a real key.
        """
        if settings.LIVE or not User.objects.filter(is_demo=True).exists():
            raise CommandError("This is no demo: a key that is no secret is refused.")
        used = ReportKey.objects.filter(retired_at=None).first()
        if used is not None and (not used.is_demo or shown_key(used)):
            return
        file = settings.VAR / DEMO_KEY
        file.unlink(missing_ok=True)  # of a demo that is no more
        self._make(file, is_demo=True)
        self.stdout.write(f"key of the demo's sealed reports: {file}")

    def _make(self, file: Path, *, is_demo: bool) -> str:
        """Write the private half first: a public half without it would lose every report."""
        identity = pyrage.x25519.Identity.generate()
        recipient = str(identity.to_public())
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as trouble:
            raise CommandError(f"{file}: {trouble.strerror}") from trouble
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(f"# public key: {recipient}\n{identity}\n")
        use_key(recipient=recipient, by=None, job="make_report_key", is_demo=is_demo)
        return recipient
