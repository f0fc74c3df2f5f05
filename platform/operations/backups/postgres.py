"""PostgreSQL's own programs and maintenance connections, for the configured server."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from psycopg import sql

from config.embedded.homes import packaged_programs
from operations.backups.errors import BackupError

MAINTENANCE = "postgres"
IN_USE = "The database {name} is in use: stop the platform (web, workers, beat) first."


def _named() -> dict[str, Any]:
    return settings.DATABASES["default"]


def database() -> str:
    """Return the name of the configured database."""
    return str(_named()["NAME"])


def address(name: str) -> str:
    """Return the address of another database of the configured server."""
    named = _named()
    who = quote(named["USER"], safe="")
    if named["PASSWORD"]:
        who += ":" + quote(named["PASSWORD"], safe="")
    options = {"host": named["HOST"], "port": named["PORT"], **named.get("OPTIONS", {})}
    query = "&".join(
        f"{key}={quote(str(value), safe='')}" for key, value in options.items() if value
    )
    return f"postgresql://{who}@/{quote(name, safe='')}?{query}"


def program(name: str, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    """Start one of PostgreSQL's programs on the configured server.

    The password is not in its arguments.
    """
    named = _named()
    connection = {
        "PGHOST": named["HOST"],
        "PGPORT": named["PORT"],
        "PGUSER": named["USER"],
        "PGPASSWORD": named["PASSWORD"],
    }
    environment = {**os.environ, **{key: str(value) for key, value in connection.items() if value}}
    return subprocess.Popen(
        [str(packaged_programs() / name), *arguments],
        env=environment,
        stderr=subprocess.PIPE,
        **streams,
    )


def finish(process: subprocess.Popen[bytes], what: str) -> None:
    """Wait for a program. Raises BackupError with what it said when it failed."""
    stderr: IO[bytes] | None = process.stderr
    text = ""
    if stderr:
        with stderr:
            text = stderr.read().decode(errors="replace").strip()
    if process.wait():
        last = text.splitlines()[-1] if text else f"it ended with {process.returncode}"
        raise BackupError(f"{what} failed: {last}")


@contextmanager
def connect(name: str = MAINTENANCE, *, autocommit: bool = True) -> Iterator[psycopg.Connection]:
    """Open a connection to a database of the server."""
    try:
        connection = psycopg.connect(address(name), autocommit=autocommit)
    except psycopg.OperationalError as error:
        raise BackupError(f"The database server does not answer: {error}") from error
    try:
        yield connection
    finally:
        connection.close()


def exists(name: str) -> bool:
    """Return whether the server has a database of this name."""
    with connect() as connection:
        cursor = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def require_idle(name: str) -> None:
    """Raise BackupError while any client is connected to a database."""
    with connect() as connection:
        cursor = connection.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", [name])
        if cursor.fetchone():
            raise BackupError(IN_USE.format(name=name))


def create(name: str) -> None:
    """Make an empty database."""
    with connect() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        )


def drop(name: str) -> None:
    """Drop a database that may not exist."""
    with connect() as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def rename(old: str, new: str) -> None:
    """Rename a database. Raises BackupError while any client is connected to it."""
    with connect() as connection:
        try:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(old), sql.Identifier(new)
                )
            )
        except psycopg.errors.ObjectInUse as error:
            raise BackupError(IN_USE.format(name=old)) from error
