"""Make the pair of keys for dangerous reports; the private half goes to a file, once."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pyrage
from django.core.management.base import BaseCommand, CommandError

from surveys.citizen.services import use_key


class Command(BaseCommand):
    """``manage.py make_report_key FILE``: whoever has FILE reads the reports, nobody else does."""

    help = "Make the key pair for dangerous reports; the private half is written to FILE only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the private half goes."""
        parser.add_argument("file", type=Path, help="a new file, best on a stick that you take out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the private half first: a public half without it would lose every report."""
        identity = pyrage.x25519.Identity.generate()
        recipient = str(identity.to_public())
        try:
            handle = os.open(options["file"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as trouble:
            raise CommandError(f"{options['file']}: {trouble.strerror}") from trouble
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"# public key: {recipient}\n{identity}\n")
        use_key(recipient=recipient, by=None, job="make_report_key")
        self.stdout.write(
            f"{recipient}\nThe private key is in {options['file']} and nowhere else. Take it off "
            "this machine, keep a copy in a safe: without it no report can ever be read."
        )
