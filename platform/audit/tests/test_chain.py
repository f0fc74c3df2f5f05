"""A changed history does not fit its seals, whoever changed it; and the program's role cannot."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from audit import chain
from audit.models import Entry, Seal
from audit.trail import note_reading, record

pytestmark = pytest.mark.django_db


def make_user(username: str = "program") -> Any:
    return get_user_model().objects.create_user(username)  # type: ignore[attr-defined]


@pytest.fixture
def written() -> list[Entry]:
    user = make_user(username="sokha")
    with transaction.atomic():
        entries = [
            record(by=user, verb="case.recorded", subject=user, after={"n": n}) for n in range(5)
        ]
    assert chain.seal_entries() == 1
    with transaction.atomic():
        entries += [record(by=user, verb="case.read", subject=user) for _n in range(3)]
    assert chain.seal_entries() == 1
    return entries


def behind_the_back(sql: str, *values: Any) -> None:
    """Change the history as the owner of the database could."""
    with connection.cursor() as cursor:
        for table in ("entry", "seal"):
            cursor.execute(f"ALTER TABLE audit_{table} DISABLE TRIGGER audit_{table}_append_only")
        cursor.execute(sql, values)
        for table in ("entry", "seal"):
            cursor.execute(f"ALTER TABLE audit_{table} ENABLE TRIGGER audit_{table}_append_only")


def test_an_untouched_history_fits_and_tells_its_last_digest(written: list[Entry]) -> None:
    out = StringIO()
    call_command("verify_audit", stdout=out)
    last = Seal.objects.order_by("last").last()
    assert last is not None
    assert last.digest in out.getvalue()
    assert "nothing was changed" in out.getvalue()
    assert chain.seal_entries() == 0
    call_command("verify_audit", "--expect", last.digest, stdout=StringIO())


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET actor = 'dara' WHERE id = %s",
        "UPDATE audit_entry SET at = at - interval '1 second' WHERE id = %s",
        "UPDATE audit_entry SET after = '{\"n\": 9}' WHERE id = %s",
        "DELETE FROM audit_entry WHERE id = %s",
    ],
)
def test_a_changed_or_removed_entry_is_found(written: list[Entry], sql: str) -> None:
    behind_the_back(sql, written[1].pk)
    (result,) = chain.breaks()
    assert result.seal.first <= written[1].pk <= result.seal.last
    with pytest.raises(CommandError, match="1 place"):
        call_command("verify_audit", stderr=StringIO())


def test_a_removed_seal_is_found_and_a_cut_end_by_the_digest_on_paper(written: list[Entry]) -> None:
    first, last = Seal.objects.order_by("last")
    behind_the_back("DELETE FROM audit_seal WHERE id = %s", last.pk)
    behind_the_back("DELETE FROM audit_entry WHERE id > %s", first.last)
    assert not list(chain.breaks())
    with pytest.raises(CommandError, match="no longer in the chain"):
        call_command("verify_audit", "--expect", last.digest)
    behind_the_back("DELETE FROM audit_seal WHERE id = %s", first.pk)


def test_whoever_knows_not_the_key_makes_no_fitting_chain(
    written: list[Entry], settings: Any
) -> None:
    settings.SECRET_KEY = "somebody else's key, long enough to be one"
    assert len(list(chain.breaks())) == 2


def test_seals_are_append_only_too(written: list[Entry]) -> None:
    for change in (Seal.objects.all().delete, lambda: Seal.objects.update(digest="0" * 64)):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


def test_words_of_notes_are_not_kept_but_that_they_changed() -> None:
    user = make_user()
    with transaction.atomic():
        entry = record(
            by=user,
            verb="case.corrected",
            subject=user,
            before={"note": "Sok paid 5 dollars", "visits": 1},
            after={"note": "Dara paid 5 dollar", "visits": 1},
        )
    kept = Entry.objects.get(pk=entry.pk)
    assert "paid" not in str((kept.before, kept.after))
    assert [name for name, _before, _after in kept.changes] == ["note"]


def test_reading_is_written_down() -> None:
    user = make_user(username="sokha")
    note_reading(by=user, verb="case.read", subject=user, place_code="0102")
    kept = Entry.objects.get(verb="case.read")
    assert (kept.actor, kept.place_code) == ("sokha", "0102")
