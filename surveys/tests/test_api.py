"""The REST API of observations: what programs send and get, and to whom it is closed."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from surveys.models import Case, Check, Meeting, Vote
from surveys.services import record_case
from surveys.tests.country import make_person, reported_case

pytestmark = pytest.mark.django_db

CASE = {
    "case_id": "A-1",
    "commune": "010201",
    "service": "birth-registration",
    "asked_on": "2026-03-02",
    "received_on": "០៤/០៣/២០២៦",
    "status": "received",
    "fee_paid": "៥.០០០",
    "documents_asked": ["family book"],
    "visits": 2,
    "receipt": False,
    "poor_card": "បាទ",
    "age": None,
}
CHECK = {
    "check_id": "P-1",
    "commune": "010201",
    "indicator": "CA-I1",
    "seen_on": "2026-03-02",
    "present": True,
}
MEETING = {
    "meeting_id": "M-1",
    "commune": "010201",
    "kind": "community",
    "held_on": "2026-03-02",
    "votes": [
        {"vote_id": "V-1", "indicator": "CA-P1", "score": 5, "sex": "female", "youth": True},
        {"vote_id": "V-2", "indicator": "CA-P1", "score": "៣", "sex": None},
    ],
}


def client_of(user: User, language: str = "en") -> APIClient:
    _token, key = tokens.issue(user=user, name="test")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}", HTTP_ACCEPT_LANGUAGE=language)
    return client


@pytest.fixture
def api(facilitator: User) -> APIClient:
    return client_of(facilitator)


def test_a_case_is_recorded_once_and_never_quietly_changed(
    api: APIClient, facilitator: User
) -> None:
    made = api.post("/api/v1/cases/", CASE)
    assert made.status_code == 201, made.json()
    case = Case.objects.get()
    assert (case.fee_paid, case.receipt, case.poor_card) == (5000, False, True)
    assert (case.channel, case.recorded_by) == ("api", facilitator)
    assert made.json()["received_on"] == "2026-03-04"
    assert made.json()["provider"] == "hall-010201"
    assert api.post("/api/v1/cases/", CASE).status_code == 200
    other = api.post("/api/v1/cases/", {**CASE, "visits": 3})
    assert other.status_code == 409
    assert list(other.json()) == ["case_id"]
    assert api.get("/api/v1/cases/A-1/").json()["visits"] == 2


def test_errors_are_field_to_message_in_the_language_of_the_person(facilitator: User) -> None:
    wrong = {**CASE, "asked_on": "soon", "age": "old", "receipt": "perhaps", "shoe": 42}
    answer = client_of(facilitator).post("/api/v1/cases/", wrong)
    assert answer.status_code == 400
    assert answer.json() == {"shoe": ["There is no such field."]}
    del wrong["shoe"]
    answer = client_of(facilitator).post("/api/v1/cases/", wrong)
    assert set(answer.json()) == {"asked_on", "age", "receipt"}
    assert "not a date" in answer.json()["asked_on"][0]
    ruled = client_of(facilitator).post("/api/v1/cases/", {**CASE, "status": "open"})
    assert set(ruled.json()) == {"received_on"}


def test_a_case_is_corrected_with_a_reason_and_voided(api: APIClient) -> None:
    api.post("/api/v1/cases/", CASE)
    assert api.patch("/api/v1/cases/A-1/", {"fee_paid": 0}).json() == {
        "reason": ["This field is required."]
    }
    fixed = api.patch("/api/v1/cases/A-1/", {"fee_paid": 0, "reason": "typing error"})
    assert fixed.json()["fee_paid"] == 0
    assert api.patch("/api/v1/cases/A-1/", {"age": 300, "reason": "x"}).status_code == 400
    assert api.put("/api/v1/cases/A-1/", CASE).status_code in {403, 405}
    assert api.delete("/api/v1/cases/A-1/").status_code in {403, 405}
    gone = api.post("/api/v1/cases/A-1/void/", {"reason": "twice"})
    assert gone.json()["void_reason"] == "twice"


def test_lists_are_paged_filtered_and_cost_the_same(
    api: APIClient, facilitator: User, django_assert_num_queries: Any
) -> None:
    for number in range(7):
        day = date(2026, 3, 2 + number)
        record_case(
            by=facilitator,
            reported=reported_case(case_id=f"K-{number}", asked_on=day, received_on=day),
        )
    api.get("/api/v1/cases/")
    with django_assert_num_queries(3):  # the token, its rights, the page
        page = api.get("/api/v1/cases/?page_size=3").json()
    assert [case["case_id"] for case in page["results"]] == ["K-6", "K-5", "K-4"]
    assert api.get(page["next"]).json()["results"][0]["case_id"] == "K-3"
    payload = api.get("/api/v1/cases/?asked_from=2026-03-04&asked_to=05/03/2026").json()
    assert [case["case_id"] for case in payload["results"]] == ["K-3", "K-2"]
    assert api.get("/api/v1/cases/?asked_from=soon").json().keys() == {"asked_from"}
    assert api.get("/api/v1/cases/?commune=010202").json()["results"] == []


def test_checks_are_recorded_once_and_voided(api: APIClient) -> None:
    made = api.post("/api/v1/checks/", CHECK)
    assert made.status_code == 201, made.json()
    assert api.post("/api/v1/checks/", CHECK).status_code == 200
    assert api.post("/api/v1/checks/", {**CHECK, "present": False}).status_code == 409
    assert api.post("/api/v1/checks/", {**CHECK, "indicator": "CA-P1"}).status_code == 400
    number = made.json()["id"]
    assert api.post(f"/api/v1/checks/{number}/void/", {"reason": "wrong"}).status_code == 200
    assert not Check.objects.standing().exists()
    assert len(api.get("/api/v1/checks/?indicator=CA-I1").json()["results"]) == 1


def test_meetings_come_with_their_votes_all_or_nothing(api: APIClient) -> None:
    bad = {**MEETING, "votes": [{"vote_id": "V-9", "indicator": "CA-P1", "score": 6}]}
    refused = api.post("/api/v1/meetings/", bad)
    assert refused.status_code == 400
    assert "1. score" in refused.json()["votes"][0]
    assert not Meeting.objects.exists()
    made = api.post("/api/v1/meetings/", MEETING)
    assert made.status_code == 201, made.json()
    assert made.json()["votes"] == 2
    assert api.post("/api/v1/meetings/", MEETING).status_code == 200
    assert api.post("/api/v1/meetings/", {**MEETING, "held_on": "2026-03-03"}).status_code == 409
    one = {"meeting": "M-1", "vote_id": "V-3", "indicator": "CA-P1", "score": 1}
    assert api.post("/api/v1/votes/", one).status_code == 201
    assert api.post("/api/v1/votes/", one).status_code == 200
    assert api.post("/api/v1/votes/", {**one, "score": 2}).status_code == 409
    assert api.post("/api/v1/votes/", {**one, "meeting": "M-9"}).status_code == 400
    assert api.post("/api/v1/votes/V-3/void/", {"reason": "misheard"}).status_code == 200
    assert api.get("/api/v1/meetings/M-1/").json()["votes"] == 2
    api.post("/api/v1/meetings/M-1/void/", {"reason": "never held"})
    assert not Vote.objects.standing().exists()
    assert len(api.get("/api/v1/votes/?meeting=M-1").json()["results"]) == 3


@pytest.mark.parametrize("role", ["council", "district", "donor"])
def test_single_observations_are_closed_to_councils_districts_and_donors(
    api: APIClient, role: str
) -> None:
    api.post("/api/v1/cases/", CASE)
    check = api.post("/api/v1/checks/", CHECK).json()["id"]
    api.post("/api/v1/meetings/", MEETING)
    closed = client_of(make_person(role, "01"))
    for kind, one, new in (
        ("cases", "A-1", CASE),
        ("checks", str(check), CHECK),
        ("meetings", "M-1", MEETING),
        ("votes", "V-1", {"meeting": "M-1", "vote_id": "V-8"}),
    ):
        address = f"/api/v1/{kind}/"
        assert closed.get(address).status_code == 403
        assert closed.post(address, new).status_code == 403
        assert closed.get(f"{address}{one}/").status_code == 403
        assert closed.patch(f"{address}{one}/", {"reason": "x"}).status_code in {403, 405}
        assert closed.post(f"{address}{one}/void/", {"reason": "x"}).status_code == 403
        assert APIClient().get(address).status_code == 401


def test_a_facilitator_elsewhere_sees_and_changes_nothing(api: APIClient) -> None:
    api.post("/api/v1/cases/", CASE)
    other = client_of(make_person("facilitator", "020101"))
    assert other.get("/api/v1/cases/").json()["results"] == []
    assert other.get("/api/v1/cases/A-1/").status_code == 404
    assert other.patch("/api/v1/cases/A-1/", {"age": 1, "reason": "x"}).status_code == 404
    assert other.post("/api/v1/cases/A-1/void/", {"reason": "x"}).status_code == 404
    assert other.post("/api/v1/cases/", {**CASE, "case_id": "A-2"}).status_code == 403
    # a name that is taken elsewhere is a conflict that tells nothing about the other case
    taken = other.post("/api/v1/cases/", {**CASE, "commune": "020101"})
    assert taken.status_code == 409
    assert set(taken.json()) == {"case_id"}


def test_the_description_of_the_api_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", file="/dev/null")
    assert "Warning" not in capsys.readouterr().err
