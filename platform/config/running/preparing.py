"""Preparation of the database and files before the first page is served."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.embedded.sentences import ServersError
from jobs.messages import send

DEMO: dict[str, Any] = {"cases": 20_000, "provinces": 3, "seed": 1}
DEMO_QUARTERS = 2
"""The last quarters that a demo releases, so that each figure has one to be compared with."""

DEMO_RELEASED_BY = ("admin", "national")
"""User names of who begins a demo's releases and who approves them."""

FIRST = {"load_country", "load_roles"}
"""Commands named `load_*` that bring in `fixtures/` first; others may need these, or the demo."""

Say = Callable[[str], None]


def has_rows(model: str) -> bool:
    """Return whether a table (`app.Model`) has any row."""
    return bool(apps.get_model(model)._default_manager.exists())


def is_migrated() -> bool:
    """Return whether every migration was applied; faster than running `migrate`."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_demo() -> bool:
    """Return whether this database holds demo accounts, which exist only in a demo database."""
    users = apps.get_model("accounts.User")._default_manager
    return bool(users.filter(is_demo=True).exists())


def refuse_demo() -> None:
    """Stop a start meant for real use on a database whose password is known."""
    if is_demo():
        raise ServersError(
            "LIVE=1 refuses this database: it holds demo accounts, whose password is no "
            "secret; name an empty database in DATABASE_URL or move var/ away."
        )


def prepare(say: Say, *, bare: bool = False) -> None:
    """Prepare database, static files and first data before serving begins."""
    say("Looking at the database.")
    if not is_migrated():
        say("Bringing the database up to date.")
        call_command("migrate", interactive=False, verbosity=0)
    collect_static(say)
    if settings.LIVE:
        refuse_demo()
    if not bare:
        _first_data(say)


def _first_data(say: Say) -> None:
    """Load what `fixtures/` holds when it changed, and demo data into an empty database."""
    loaders = {name for name in get_commands() if name.startswith("load_")}
    stamp, fresh = settings.VAR / "fixtures.loaded", _fixtures_fingerprint()
    stale = not has_rows("places.Place") or not stamp.exists() or stamp.read_text() != fresh
    if stale:
        _load(say, loaders & FIRST)
    if not settings.LIVE and "demo" in get_commands() and _is_empty():
        say(f"Making {DEMO['cases']:,} demo cases in {DEMO['provinces']} provinces.")
        _quietly("demo", **DEMO)
    if stale:
        _load(say, loaders - FIRST)
        stamp.write_text(fresh)
    if not settings.LIVE and is_demo() and "release" in get_commands():
        _demo_figures(say)


def _demo_figures(say: Say) -> None:
    """Compute a demo's scores and release its last two quarters, unless both is done.

    Done before the first page is served, so that after "Ready" there are figures on the pages; and
    at every start, so that an interrupted one continues where it stopped.
    """
    from scorecards import tasks
    from scorecards.releases import lifecycle  # imported only here: a web process needs neither

    if not lifecycle.ended_quarters():
        say("Computing scores.")
        _quietly("score")
    people = apps.get_model("accounts.User")._default_manager
    by, second = (people.get(username=name).pk for name in DEMO_RELEASED_BY)
    ended = lifecycle.ended_quarters()
    for quarter in [each for each in ended[-DEMO_QUARTERS:] if not lifecycle.is_released(each)]:
        say(f"Releasing the scorecards of {quarter}.")
        if failed := tasks.release(quarter, by, second):
            say(f"The scorecards of {quarter} failed {failed} checks and are not shown.")
    if "demo_replies" in get_commands():
        _quietly("demo_replies")
    # the same quarter of the year before, for pages that compare years: no request waits for it
    for quarter in ended[-5:-4]:
        if not lifecycle.is_released(quarter):
            send(tasks.release.name, quarter, by, second)


def _load(say: Say, commands: set[str]) -> None:
    for command in sorted(commands):
        say(f"Loading {command.removeprefix('load_').replace('_', ' ')}.")
        _quietly(command)


def _quietly(command: str, **options: Any) -> None:
    """Run a management command without its report; errors are shown."""
    call_command(command, stdout=io.StringIO(), **options)


def _fixtures_fingerprint() -> str:
    """Hash the fixtures and the database they were loaded into."""
    total = hashlib.sha256(repr(sorted(settings.DATABASES["default"].items(), key=str)).encode())
    for path in sorted((settings.ROOT / "fixtures").rglob("*")):
        if path.is_file():
            total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def _is_empty() -> bool:
    return not has_rows("surveys.Case") and not has_rows("accounts.User")


def collect_static(say: Say) -> None:
    """Gather static files under hashed names, unless nothing changed since the last time."""
    stamp, fresh = settings.STATIC_ROOT / ".collected", _static_fingerprint()
    if stamp.exists() and stamp.read_text() == fresh:
        return
    say("Collecting static files.")
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(fresh)


def _static_fingerprint() -> str:
    total = hashlib.sha256(Path(__file__).with_name("preparing.py").read_bytes())
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            info = Path(storage.path(path)).stat()
            total.update(f"{path}\0{info.st_size}\0{info.st_mtime_ns}\n".encode())
    return total.hexdigest()
