"""A fingerprint of every table: how many rows, and a sum of hashes that no order changes."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""


@dataclass(frozen=True)
class Fingerprint:
    """Rows of a table and the sum of their hashes."""

    rows: int
    hashes: str


def take(connection: psycopg.Connection) -> dict[str, Fingerprint]:
    """Fingerprints by table, as this transaction sees the database.

    Parts of partitioned tables are counted in their table. How values are written as text does
    not depend on the machine.
    """
    for setting in ("timezone TO 'UTC'", "datestyle TO 'ISO, DMY'", "extra_float_digits TO 3"):
        connection.execute(sql.SQL("SET " + setting))
    connection.execute("SET bytea_output TO 'hex'")
    names = [str(name) for (name,) in connection.execute(_TABLES).fetchall()]
    return {name: _of(connection, name) for name in names}


def _of(connection: psycopg.Connection, table: str) -> Fingerprint:
    row: Any = connection.execute(
        sql.SQL(
            "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {} t"
        ).format(sql.Identifier(table))
    ).fetchone()
    return Fingerprint(int(row[0]), str(row[1]))


def differences(saved: dict[str, Any], fingerprints: dict[str, Fingerprint]) -> list[str]:
    """Return a sentence for each table that differs from ``saved`` (as read from JSON)."""
    sentences = []
    for table in sorted(saved.keys() | fingerprints.keys()):
        old = Fingerprint(**saved[table]) if table in saved else None
        new = fingerprints.get(table)
        if old is None or new is None:
            sentences.append(f"{table}: {'not in the backup' if old is None else 'missing'}")
        elif old.rows != new.rows:
            sentences.append(f"{table}: {old.rows} rows were saved, {new.rows} are there")
        elif old != new:
            sentences.append(f"{table}: {old.rows} rows, whose content differs")
    return sentences
