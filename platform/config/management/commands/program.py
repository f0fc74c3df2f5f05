"""``manage.py program NAME``: one program of the platform, for systemd units and containers."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.running import programs


class Command(BaseCommand):
    """Become the program: its process is this one, so signals and exit codes are its own."""

    help = "Run one program: web, beat, or the worker of a queue (calls, records, scores, …)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
        commands = programs.commands(host, port)
        if options["name"] not in commands:
            raise CommandError(
                f"There is no program “{options['name']}”: choose from {', '.join(commands)}."
            )
        command = commands[options["name"]]
        programs.keep_counts()
        os.execve(command[0], command, programs.environment())  # noqa: S606 - no shell is meant
