"""Drop and empty test databases in less time than Django does; conftest.py applies both."""

from typing import Any


def drop_for_certain() -> None:
    """Drop a test database although a thread of a live server still holds a session on it."""
    from django.db.backends.postgresql.creation import DatabaseCreation

    def drop(self: Any, test_database_name: str, verbosity: int) -> None:
        self.connection.close_pool()
        with self._nodb_cursor() as cursor:
            name = self.connection.ops.quote_name(test_database_name)
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")

    DatabaseCreation._destroy_test_db = drop  # type: ignore[method-assign]


def empty_only_what_has_rows() -> None:
    """Empty test tables by deleting their rows: of 185 tables a test fills about ten.

    Truncating all of them, and writing content types and permissions anew, took a second after
    each test with transactions of its own. All are locked first, so that what a live server is
    still writing is waited for. Triggers are off meanwhile, as they are for TRUNCATE: some
    tables refuse to lose rows.
    """
    from django.core.management.commands import flush
    from django.db.backends.postgresql.operations import DatabaseOperations

    kept = {"django_content_type", "auth_permission"}
    # rows that a migration wrote, and no test writes again
    written = {"standards_serviceoption": "code IN ('standard', 'normal', 'fast', 'express')"}

    def sql_flush(self: Any, style: Any, tables: list[str], **_options: Any) -> list[str]:
        emptied = [table for table in tables if table not in kept]
        names = [self.quote_name(table) for table in emptied]
        each = "\n".join(
            f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}"
            f" WHERE NOT ({written.get(table, 'false')}); END IF;"
            for name, table in zip(names, emptied, strict=True)
        )
        return [
            "SET LOCAL session_replication_role = replica",
            f"DO $flush$ BEGIN LOCK TABLE {', '.join(names)};\n{each}\nEND $flush$",
            "SET LOCAL session_replication_role = DEFAULT",
        ]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]
    flush.emit_post_migrate_signal = lambda *_arguments, **_named: None
