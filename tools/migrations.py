"""Lint migrations for what stops a running platform while it is upgraded: `make check`.

django-migration-linter reads the SQL of each migration: a column that the running version does
not fill, a column that it still reads, a table that is locked while people write. Migrations in
`tools/migrations_checked.txt` are not looked at: those from before the linter, and later ones
with a reason beside them.
"""

import os
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
CHECKED = Path(__file__).with_name("migrations_checked.txt")
NOT_ASKED = ["RUNPYTHON_REVERSIBLE"]
"""A backup, not a reverse function, is the way back over a change of data (docs/upgrades.md)."""


def checked() -> set[tuple[str, str]]:
    """App and name of migrations that are not looked at."""
    lines = [line.split("#")[0].split() for line in CHECKED.read_text().splitlines()]
    return {(line[0], line[1]) for line in lines if line}


def main() -> int:
    """Lint what is not listed; the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.apps import apps
    from django_migration_linter import MigrationLinter

    linter = MigrationLinter(
        str(ROOT),
        no_cache=True,
        quiet=["ok", "ignore", "warning"],
        exclude_migration_tests=NOT_ASKED,
        no_output=True,
    )
    known = linter.migration_loader.disk_migrations
    assert known is not None
    listed = checked()
    if gone := sorted(listed - known.keys()):
        print(f"{CHECKED.name} names migrations that do not exist: {gone}")
        return 1
    ours = {config.label for config in apps.get_app_configs() if _is_ours(Path(config.path))}
    bad = 0
    for key in sorted(key for key in known if key[0] in ours and key not in listed):
        before = linter.nb_erroneous
        linter.no_output = False
        linter.lint_migration(known[key])
        bad += linter.nb_erroneous - before
    if bad:
        print(
            "Make the change in two releases (docs/upgrades.md), or add the migration to "
            f"tools/{CHECKED.name} with the reason."
        )
    return 1 if bad else 0


def _is_ours(folder: Path) -> bool:
    return ROOT in folder.parents and ".venv" not in folder.parts


if __name__ == "__main__":
    sys.exit(main())
