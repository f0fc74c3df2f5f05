"""What has to be true before the first page is served."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.embedded.sentences import ServersError

DEMO = {"cases": 20_000, "provinces": 3, "seed": 1}
FIRST = {"load_country", "load_roles"}
"""Commands named `load_*` bring in `fixtures/`; the others may need these, or the demo."""

Say = Callable[[str], None]


def has_rows(model: str) -> bool:
    """Whether a table (`app.Model`) holds anything."""
    return bool(apps.get_model(model)._default_manager.exists())


def is_migrated() -> bool:
    """Whether every migration was applied; `migrate` itself takes longer to find out."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_demo() -> bool:
    """Whether this database holds demo accounts, which exist only in a demo database."""
    users = apps.get_model("accounts.User")._default_manager
    return bool(users.filter(is_demo=True).exists())


def refuse_demo() -> None:
    """Stop a start meant for real use on a database that anybody knows a password of."""
    if is_demo():
        raise ServersError(
            "LIVE=1 refuses this database: it holds demo accounts, whose password is no "
            "secret; name an empty database in DATABASE_URL or move var/ away."
        )


def prepare(say: Say, *, bare: bool = False) -> None:
    """Bring database, static files and first data to where serving can begin."""
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
    fresh_demo = not settings.LIVE and "demo" in get_commands() and _is_empty()
    if fresh_demo:
        say(f"Making {DEMO['cases']:,} demo cases in {DEMO['provinces']} provinces.")
        call_command("demo", **DEMO)
    if stale:
        _load(say, loaders - FIRST)
        stamp.write_text(fresh)
    if fresh_demo and "score" in get_commands():
        say("Computing scores.")
        call_command("score")
        say("Asking for the release of the last two quarters.")
        two = {"by": "admin", "approved_by": "national"}
        call_command("release", all=True, latest=2, later=True, **two)


def _load(say: Say, commands: set[str]) -> None:
    for command in sorted(commands):
        say(f"Loading {command.removeprefix('load_').replace('_', ' ')}.")
        call_command(command)


def _fixtures_fingerprint() -> str:
    """What the fixtures are and which database they were loaded into."""
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
