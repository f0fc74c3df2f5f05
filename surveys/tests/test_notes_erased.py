"""A note's words can be erased, by hand and by age, and are nowhere afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import join, make_user
from surveys.models import Case
from surveys.retained import erase_notes
from surveys.services import correct_case, erase_note, record_case
from surveys.tests.country import make_country, reported_case

pytestmark = pytest.mark.django_db
WORDS = "Sok Dara paid her own money"


def everywhere(words: str) -> list[str]:
    """Tables of which a row holds these words."""
    results = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE to_jsonb(t)::text LIKE %s', [f"%{words}%"]
            )
            if cursor.fetchone()[0]:
                results.append(table)
    return results


@pytest.fixture
def lead() -> Any:
    make_country()
    user = make_user()
    join(user, "cases.record", "cases.correct", "cases.read", place="01")
    return user


def test_an_erased_note_is_nowhere(client: Client, lead: Any) -> None:
    case = record_case(by=lead, reported=reported_case(note=WORDS)).observation
    assert everywhere(WORDS) == ["surveys_case"]
    correct_case(case=case, by=lead, reason="more", note=f"{WORDS} again")
    assert everywhere(WORDS) == ["surveys_case"]
    client.force_login(lead)
    assert client.post(f"/cases/{case.pk}/erase-note/").status_code == 302
    assert everywhere(WORDS) == []
    erase_note(case=Case.objects.get(pk=case.pk), by=lead)  # a second time changes nothing


def test_notes_go_when_they_are_old(lead: Any) -> None:
    case = record_case(by=lead, reported=reported_case(note=WORDS)).observation
    assert erase_notes(timezone.now() - timedelta(days=1)) == 0
    Case.objects.filter(pk=case.pk).update(recorded_at=timezone.now() - timedelta(days=2))
    assert erase_notes(timezone.now() - timedelta(days=1)) == 1
    assert everywhere(WORDS) == []
