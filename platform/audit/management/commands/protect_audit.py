"""Give the history to a database role that nobody signs in as."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg import sql

OWNER = "audit_owner"
_TABLES = ("audit_entry", "audit_seal")


class Command(BaseCommand):
    help = (
        "Let the program's database role read and add history, and nothing else: the tables get an "
        "owner that nobody signs in as. Run as the database's administrator; --release undoes it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="the role in the program's DATABASE_URL")
        parser.add_argument("--release", action="store_true", help="before an update")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        role, release = options["role"], options["release"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
            row = cursor.fetchone()
            if row is None or row[0]:
                raise CommandError(f"“{role}” must be a role that exists and is no superuser.")
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(OWNER)))
            for statement in _statements(role, owner=role if release else OWNER):
                cursor.execute(statement)
            cursor.execute(
                "SELECT nspowner = (SELECT oid FROM pg_roles WHERE rolname = %s)"
                " FROM pg_namespace WHERE nspname = current_schema()",
                [role],
            )
            owns_schema = cursor.fetchone()[0]
        if owns_schema:
            raise CommandError(f"“{role}” owns the schema and could drop the history: change that.")
        self.stdout.write("Released." if release else f"“{role}” may only read and add history.")


def _statements(role: str, *, owner: str) -> list[sql.Composed]:
    names = {"role": sql.Identifier(role), "owner": sql.Identifier(owner)}
    statements = []
    for table in _TABLES:
        named = {
            **names,
            "table": sql.Identifier(table),
            "series": sql.Identifier(f"{table}_id_seq"),
        }
        for text in (
            "ALTER TABLE {table} OWNER TO {owner}",
            "REVOKE ALL ON {table} FROM PUBLIC, {role}" if owner != role else "SELECT 1",
            "GRANT SELECT, INSERT ON {table} TO {role}",
            "GRANT USAGE, SELECT ON SEQUENCE {series} TO {role}",
        ):
            statements.append(sql.SQL(text).format(**named))
    for function in ("audit_entry_is_append_only", "audit_last_written"):
        text = "ALTER FUNCTION {function}() OWNER TO {owner}"
        statements.append(sql.SQL(text).format(**names, function=sql.Identifier(function)))
    text = "GRANT EXECUTE ON FUNCTION audit_last_written() TO {role}"
    statements.append(sql.SQL(text).format(**names))
    return statements
