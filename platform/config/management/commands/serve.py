"""`manage.py serve`: everything a running platform needs, until Ctrl-C."""

import os
import signal
import sys
from datetime import datetime
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from config import servers
from config.embedded.locks import FileLock
from config.embedded.sentences import ServersError
from config.running import banner, ports, preparing, programs
from config.running.supervisor import Supervisor, end_with_make


class Command(BaseCommand):
    """Prepare, then supervise web, workers and beat."""

    help = "Serve the whole platform: web, workers and beat (PORT, HOST; LIVE=1 for real use)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument(
            "--bare", action="store_true", help="without loading the country or demo data"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until somebody stops it; leave no process."""
        host = os.environ.get("HOST", "127.0.0.1")
        end_with_make()
        try:
            port = ports.parse(os.environ.get("PORT", "8000"))
            only = FileLock(servers.VAR / "servers" / "serve")
            if not only.try_take():
                raise ServersError("This checkout is already being served: stop that one first.")
            ports.check_free(host, port)
            stop_asked = remember_interrupts()
            preparing.prepare(self.say, bare=options["bare"])
            if stop_asked:
                raise KeyboardInterrupt
        except ServersError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.say("Stopped before it was ready; the next start goes on from here.")
            sys.exit(130)
        connections.close_all()
        programs.forget_counts()
        self.say("Starting web, workers and beat.")
        code = self.supervise(host, port)
        only.release()
        servers.leave()
        sys.exit(code)

    def supervise(self, host: str, port: int) -> int:
        """Run the programs and print the welcome when they answer."""

        def greet(supervisor: Supervisor) -> None:
            if banner.wait_until_well(port, host, lambda: supervisor.ending):
                supervisor.is_well = True
                supervisor.say(banner.welcome(host, port))

        supervisor = Supervisor(when_started=greet, watch=servers.look_after)
        return supervisor.run(programs.commands(host, port), programs.environment())

    def say(self, text: str) -> None:
        """Print one line of progress in the format of the programs' lines."""
        now = datetime.now().astimezone(None)
        self.stdout.write(f"{now:%H:%M:%S} system   | {text}")
        self.stdout.flush()


def remember_interrupts() -> list[int]:
    """Record Ctrl-C in the returned object, besides raising KeyboardInterrupt.

    Python drops an exception that a signal raises inside a destructor or a callback; a start that
    was asked to stop at that moment would otherwise serve on.
    """
    asked: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    return asked
