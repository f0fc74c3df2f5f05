"""Information sessions on pages and by API, and the totals that donors read."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Programme, User
from audit.models import Entry
from surveys.rounds.models import InformationSession
from surveys.rounds.services.sessions import record_session, void_session
from surveys.rounds.tests.factories import make_person, session
from surveys.rounds.totals import by_programme_and_province, rounded
from surveys.services import Outcome


def test_a_session_is_kept_once(facilitator: User) -> None:
    assert record_session(by=facilitator, reported=session()).outcome == Outcome.ADDED
    assert record_session(by=facilitator, reported=session()).outcome == Outcome.UNCHANGED
    assert record_session(by=facilitator, reported=session(people=25)).outcome == Outcome.CONFLICT
    row = InformationSession.objects.get()
    assert (row.people, row.women, row.handouts.get().pieces) == (24, 14, 20)
    assert Entry.objects.filter(verb="session.recorded").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"people": 0, "women": 0, "men": 0, "youth": 0, "poor_card": 0}, "people"),
        ({"people": 6000}, "people"),
        ({"women": 20}, "women"),
        ({"elders": 20}, "children"),
        ({"disability": 25}, "disability"),
        ({"held_on": None}, "held_on"),
        ({"kind": "dance"}, "kind"),
        ({"topic": " "}, "topic"),
        ({"handouts": [("poster", 0)]}, "handouts"),
        ({"handouts": [("poster", 1), ("poster", 2)]}, "handouts"),
        ({"trained": ["", "x"]}, "trained"),
        ({"session_id": ""}, "session_id"),
    ],
)
def test_a_wrong_session_is_told_beside_its_field(
    facilitator: User, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        record_session(by=facilitator, reported=session(**changes))
    assert field in caught.value.message_dict


def test_nobody_records_where_they_do_not_work(country: None) -> None:
    stranger = make_person("facilitator", "020101", username="stranger")
    with pytest.raises(PermissionDenied):
        record_session(by=stranger, reported=session())


@pytest.mark.parametrize("broken", [{"women": 25}, {"elders": 20}, {"minority": 30}, {"people": 0}])
def test_the_database_refuses_more_in_a_group_than_came(
    facilitator: User, broken: dict[str, int]
) -> None:
    row = record_session(by=facilitator, reported=session()).observation
    with pytest.raises(IntegrityError), transaction.atomic():
        InformationSession.objects.filter(pk=row.pk).update(**broken)


def test_the_pages_record_show_and_void(client: Client, facilitator: User) -> None:
    client.force_login(facilitator)
    typed = {
        "session_id": "page-1", "kind": "information", "commune": "010201",
        "held_on": "០២/០៣/២០២៦", "topic": "តម្លៃ", "trainer": "ដារា",
        "people": "២៤", "women": "១៤", "handouts": "ផ្ទាំង៖ ២០",
    }  # fmt: skip
    wrong = client.post(reverse("rounds:new_session"), typed | {"women": "30"})
    assert wrong.status_code == 422
    assert "តម្លៃ" in wrong.content.decode()
    shown = client.post(reverse("rounds:new_session"), typed, follow=True)
    assert shown.status_code == 200
    row = InformationSession.objects.get()
    assert row.handouts.get().name == "ផ្ទាំង"
    client.post(reverse("rounds:void_session", args=[row.pk]), {"reason": "twice"})
    row.refresh_from_db()
    assert row.void_reason == "twice"
    assert client.get(reverse("rounds:sessions")).status_code == 200


def test_the_api_records_lists_and_voids(client: Client, facilitator: User) -> None:
    client.force_login(facilitator)
    fields = {
        "session_id": "A-1", "kind": "training", "commune": "010201", "held_on": "2026-03-02",
        "topic": "x", "trainer": "y", "people": 12, "handouts": [{"name": "poster", "pieces": 3}],
    }  # fmt: skip
    made = client.post("/api/v1/sessions/", fields, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["handouts"] == [{"name": "poster", "pieces": 3}]
    again = client.post("/api/v1/sessions/", fields, content_type="application/json")
    assert again.status_code == 200
    other = client.post(
        "/api/v1/sessions/", fields | {"people": 13}, content_type="application/json"
    )
    assert other.status_code == 409
    assert client.get("/api/v1/sessions/?kind=training").json()["results"][0]["people"] == 12
    voided = client.post(
        "/api/v1/sessions/A-1/void/", {"reason": "x"}, content_type="application/json"
    )
    assert voided.json()["void_reason"] == "x"


def test_donors_read_rounded_totals_of_their_programme(
    client: Client, facilitator: User, programme: Programme
) -> None:
    for number in range(3):
        record_session(
            by=facilitator,
            reported=session(
                session_id=f"S-{number}", programme="rounds", disability=1, minority=4
            ),
        )
    void_session(
        by=facilitator, session=InformationSession.objects.get(session_id="S-2"), reason="twice"
    )
    donor = make_person("donor", None, username="donor")
    donor.memberships.update(programme=programme)
    (total,) = by_programme_and_province(donor)
    assert (total.sessions, total.trained) == (2, None)
    assert total.people == [50, 30, 20, 0, 0, 10, 0, 0, 10, None, None]
    client.force_login(donor)
    assert client.get(reverse("rounds:totals")).status_code == 200
    sheet = client.get(reverse("rounds:totals_csv")).content.decode("utf-8-sig").splitlines()
    assert len(sheet) == 2
    assert sheet[1].split(",")[2:5] == ["2", "0", "តិចជាង ១០"]
    other = Programme.objects.create(code="o", name_km="o", name_en="o")
    donor.memberships.update(programme=other)
    donor.kept_grants = None
    assert by_programme_and_province(donor) == []


def test_numbers_under_ten_are_not_told() -> None:
    assert [rounded(n) for n in (0, 1, 9, 10, 14, 15, 24, 95)] == [
        0,
        None,
        None,
        10,
        10,
        20,
        20,
        100,
    ]


def test_a_donor_sees_no_single_session(client: Client, facilitator: User) -> None:
    row = record_session(by=facilitator, reported=session()).observation
    client.force_login(make_person("donor", None, username="donor"))
    assert client.get(reverse("rounds:session", args=[row.pk])).status_code == 403
