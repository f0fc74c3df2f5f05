"""History cannot be rewritten, by anybody in any way."""

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return Entry.objects.create(
        actor="sokha", verb="case.recorded", subject_type="surveys.case", subject_id="1"
    )


def test_an_entry_cannot_be_changed(entry: Entry) -> None:
    with pytest.raises(IntegrityError, match="append-only: UPDATE refused"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(actor="nobody")
    entry.actor = "nobody"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entry.save()
    entry.refresh_from_db()
    assert entry.actor == "sokha"


def test_an_entry_cannot_be_deleted(entry: Entry) -> None:
    with pytest.raises(IntegrityError, match="append-only: DELETE refused"), transaction.atomic():
        entry.delete()
    assert Entry.objects.filter(verb="case.recorded").count() == 1


def test_raw_sql_is_refused_too(entry: Entry) -> None:
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM audit_entry")
