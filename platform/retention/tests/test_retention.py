"""What is too old is erased by rules that people set; one kind that fails stops no other."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import join, make_user
from audit.models import Entry
from retention import kinds, services
from retention.kinds import Kind
from retention.models import Erasure, Rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Things of one kind: only their ages matter."""
    kept = [timezone.now() - timedelta(days=days) for days in (1, 40, 400)]

    def erase(before: datetime) -> int:
        old = [at for at in kept if at < before]
        kept[:] = [at for at in kept if at >= before]
        return len(old)

    def broken(before: datetime) -> int:
        raise OSError("the disk does not answer")

    def count(before: datetime) -> int:
        return sum(at < before for at in kept)

    made = {
        "a-broken": Kind("a-broken", "broken", "x", 10, 1, count, broken),
        "things": Kind("things", "Things", "x", 90, 7, count, erase),
    }
    monkeypatch.setattr(kinds, "_kinds", made)
    return kept


def test_the_usual_time_holds_until_somebody_sets_another(things: list[datetime]) -> None:
    assert services.apply_all() == 1
    assert len(things) == 2
    assert services.apply_all() == 0
    root = make_user(is_superuser=True)
    services.set_days(by=root, kind=kinds.kinds()[1], days=30)
    assert services.apply_all() == 1
    assert [row.count for row in Erasure.objects.filter(code="things").order_by("pk")] == [1, 1]
    assert Entry.objects.get(verb="retention.set").before == {"days": 90}


def test_the_page_sets_rules_reports_and_names_what_is_wrong(
    client: Client, things: list[datetime]
) -> None:
    root = make_user(is_superuser=True)
    client.force_login(root)
    assert client.get("/retention/").context["lines"][1].waiting == 1
    answer = client.post("/retention/", {"a-broken": "x", "things": "៣០"})
    assert answer.status_code == 422
    lines = answer.context["lines"]
    assert (lines[0].days, bool(lines[0].wrong), lines[1].wrong) == ("x", True, "")
    assert Rule.objects.get().days == 30
    answer = client.post("/retention/", {"a-broken": "5", "things": "6"})
    assert "7" in answer.context["lines"][1].wrong
    services.apply_all()
    assert client.get("/retention/").context["lines"][1].erased == 2


def test_only_who_manages_the_whole_country_may(client: Client, things: list[datetime]) -> None:
    near = make_user()
    join(near, "people.manage", place="01")
    client.force_login(near)
    assert client.get("/retention/").status_code == 403
    with pytest.raises(ValidationError):
        services.set_days(by=near, kind=kinds.kinds()[1], days=30)


@pytest.mark.parametrize("days", [0, 10958])
def test_the_database_refuses_impossible_rules(days: int) -> None:
    with pytest.raises(IntegrityError, match="kept_a_day"), transaction.atomic():
        Rule.objects.create(code="x", days=days)


def test_what_is_kept_has_a_reason_and_can_be_erased_twice() -> None:
    """The kinds of the platform itself, on an empty database."""
    results: list[Any] = kinds.kinds()
    assert {kind.code for kind in results} >= {"case-notes", "import-files", "ended-sessions"}
    for kind in results:
        assert str(kind.why)
        assert kind.least_days <= kind.usual_days
        assert kind.erase(timezone.now()) == kind.waiting(timezone.now()) == 0
