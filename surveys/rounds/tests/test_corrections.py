"""A meeting that was sent is opened again by a second person, and sent once more."""

from collections.abc import Callable, Iterator

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import translation

from accounts.models import User
from audit.models import Entry
from standards.loading import load_indicators
from surveys.models import Vote
from surveys.rounds.models import MeetingCorrection, Round
from surveys.rounds.services.corrections import (
    ask_correction,
    decide_correction,
    standing_meeting,
)
from surveys.rounds.tests.factories import make_person
from surveys.rounds.tests.meeting_hand import meeting
from surveys.rounds.tests.test_meetings import people, receive
from surveys.services import Outcome

KIND = "community"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def row(make_round: Callable[..., Round], facilitator: User) -> Round:
    load_indicators()
    made = make_round()
    receive(made, meeting(people()), facilitator)
    return made


def test_a_second_person_opens_it_and_the_next_sending_counts(
    row: Round, facilitator: User, coordinator: User
) -> None:
    asked = ask_correction(by=facilitator, round=row, kind=KIND, reason="two cards counted twice")
    with pytest.raises(ValidationError, match="waits already"):
        ask_correction(by=facilitator, round=row, kind=KIND, reason="again")
    with pytest.raises(PermissionDenied):
        decide_correction(by=facilitator, correction=asked, opened=True)
    assert standing_meeting(row, KIND) is not None
    assert decide_correction(by=coordinator, correction=asked, opened=True)
    assert not decide_correction(by=coordinator, correction=asked, opened=False)
    assert standing_meeting(row, KIND) is None
    assert not Vote.objects.filter(meeting__voided_at=None).exists()
    again, outcome = receive(row, meeting(people(22)), facilitator)
    assert (outcome, again.people) == (Outcome.ADDED, 22)
    assert standing_meeting(row, KIND) == again
    verbs = Entry.objects.filter(verb__startswith="round.correction").values_list("verb", flat=True)
    assert set(verbs) == {"round.correction_asked", "round.correction_opened"}


def test_who_asked_does_not_decide_and_a_refusal_changes_nothing(
    row: Round, coordinator: User
) -> None:
    asked = ask_correction(by=coordinator, round=row, kind=KIND, reason="wrong day")
    with pytest.raises(ValidationError, match="Another person"):
        decide_correction(by=coordinator, correction=asked, opened=True)
    second = make_person("coordinator", "01", "second")
    assert decide_correction(by=second, correction=asked, opened=False)
    assert standing_meeting(row, KIND) is not None


@pytest.mark.parametrize(("kind", "reason"), [("self_assessment", "x"), ("community", "  ")])
def test_what_was_not_sent_or_has_no_reason_is_not_opened(
    row: Round, facilitator: User, kind: str, reason: str
) -> None:
    with pytest.raises(ValidationError):
        ask_correction(by=facilitator, round=row, kind=kind, reason=reason)
    assert not MeetingCorrection.objects.exists()


def test_the_page_of_the_round_asks_and_decides(
    row: Round, facilitator: User, coordinator: User, client: Client
) -> None:
    client.force_login(facilitator)
    address = f"/rounds/{row.uuid}/correction/"
    client.post(address, {"kind": KIND, "reason": "a vote too many"})
    page = client.get(f"/rounds/{row.uuid}/", headers={"accept-language": "en"}).content.decode()
    assert "a vote too many" in page
    assert "waits for another person" in page
    asked = MeetingCorrection.objects.get()
    client.force_login(coordinator)
    page = client.get(f"/rounds/{row.uuid}/", headers={"accept-language": "en"}).content.decode()
    assert "Open the meeting" in page
    client.post(f"{address}{asked.pk}/", {"decision": "open"})
    page = client.get(f"/rounds/{row.uuid}/", headers={"accept-language": "en"}).content.decode()
    assert "opened again: to be sent once more" in page
