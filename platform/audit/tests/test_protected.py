"""The program's role reads and adds history; it cannot change it, switch off its trigger or drop it."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from audit import chain
from audit.trail import record

pytestmark = pytest.mark.django_db


def make_user(username: str = "program") -> Any:
    return get_user_model().objects.create_user(username)  # type: ignore[attr-defined]


ROLE = "audit_test_program"


@pytest.fixture
def role() -> Iterator[str]:
    """A role as an installation has it: it may do everything, but owns no schema. Rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}")
        cursor.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
        cursor.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {ROLE}")
    return ROLE


def test_the_program_s_role_can_add_and_seal_and_do_no_harm(role: str) -> None:
    user = make_user()
    call_command("protect_audit", role, stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
    with transaction.atomic():
        record(by=user, verb="case.read", subject=user)
    assert chain.seal_entries() == 1
    for harm in (
        "UPDATE audit_entry SET actor = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "DROP TABLE audit_entry CASCADE",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "ALTER TABLE audit_entry RENAME TO other",
        "CREATE OR REPLACE FUNCTION audit_entry_is_append_only() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER mine BEFORE INSERT ON audit_entry FOR EACH ROW"
        " EXECUTE FUNCTION audit_entry_is_append_only()",
        "UPDATE audit_seal SET digest = 'x'",
        "SET session_replication_role = replica",
        "DROP SCHEMA public CASCADE",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(harm)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_a_superuser_or_nobody_is_no_role_for_a_program() -> None:
    for name in ("nobody-of-this-name", connection.settings_dict["USER"]):
        with pytest.raises(CommandError, match="no superuser"):
            call_command("protect_audit", name)
