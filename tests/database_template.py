"""Make test databases as copies of one that is migrated already; conftest.py applies it.

Applying all migrations takes about half a minute of a processor, and each of two or three test
processes did it anew. The first process that needs a database migrates it and keeps a copy as
template on the server; the others, and later runs, copy the template in a second. The template's
name holds a hash of everything its content comes from, so a changed migration makes a new one.
`migrate` runs on every copy, as before: it has nothing to apply, and writes the content types
and permissions of today's models.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.creation import DatabaseCreation

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "template_of_tests_"
LOCK = 6_120_717
"""Advisory lock on the maintenance database: one process of a server makes or copies at a time."""

READ_BY_MIGRATIONS = (
    "platform/khmer/*.py",
    "platform/parsing/*.py",
    "scorecards/storage/partitions.py",
    "requirements.txt",
)
"""Files of the program, beside the migrations themselves, that migrations execute."""


def migration_files() -> list[Path]:
    """List the project's own migrations; installed packages have theirs, which the pins name."""
    return [
        file
        for folder in ("platform", "surveys", "scorecards", "dashboards", "interchange")
        for file in (ROOT / folder).rglob("migrations/*.py")
        if "node_modules" not in file.parts
    ]


def fingerprint() -> str:
    """Hash the migrations, the code they execute, the pinned packages, and the day.

    The day, because a migration may make partitions of today's periods.
    """
    total = hashlib.sha256(date.today().isoformat().encode())  # noqa: DTZ011  the server's own day
    files = {file for pattern in READ_BY_MIGRATIONS for file in ROOT.glob(pattern)}
    files.update(migration_files())
    for file in sorted(files):
        total.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return total.hexdigest()[:16]


def copy_instead_of_migrating() -> None:
    """Let Django make each test database from the template, and the template when it is missing."""
    migrate = DatabaseCreation.create_test_db

    def create(self: Any, *arguments: Any, **named: Any) -> str:
        template = PREFIX + fingerprint()
        with self._nodb_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            # a session's lock: closing this connection, also after an error, frees it
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [template])
            if cursor.fetchone() is not None:
                self.connection.settings_dict["TEST"]["TEMPLATE"] = template
                return str(migrate(self, *arguments, **named))
            name = str(migrate(self, *arguments, **named))
            self.connection.close()
            self.connection.close_pool()
            _keep(cursor, name, template)
        self.connection.ensure_connection()
        return name

    DatabaseCreation.create_test_db = create  # type: ignore[method-assign]


def _keep(cursor: Any, name: str, template: str) -> None:
    """Copy the database ``name`` as ``template`` and drop the templates of earlier migrations."""
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    for (earlier,) in cursor.fetchall():
        cursor.execute(f'DROP DATABASE IF EXISTS "{earlier}"')
    cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{name}"')
    cursor.execute(f'ALTER DATABASE "{template}" ALLOW_CONNECTIONS false')
