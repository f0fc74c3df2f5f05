"""Citizens confirm or deny; a denial reopens, tells the owner, and stays visible."""

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from scorecards.plans import reading, services
from scorecards.plans.models import Action, Answer, Reminder, State
from scorecards.plans.services.answers import Tally
from scorecards.plans.tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def claimed(agreed: Action, council: User) -> Action:
    services.report_state(by=council, action=agreed, state=State.SAID_DONE)
    agreed.refresh_from_db()
    return agreed


def tell(action: Action, kind: str, person: str) -> bool:
    return services.answer_as_citizen(action=action, kind=kind, channel="app", person=person)


def test_a_denial_reopens_tells_the_owner_and_stays_visible(claimed: Action, council: User) -> None:
    assert tell(claimed, "not_done", "a")
    claimed.refresh_from_db()
    assert (claimed.state, claimed.denials) == (State.IN_PROGRESS, 1)
    assert Reminder.objects.get(kind="denied").office == claimed.office
    assert reading.commitments("010201")[0].denials == 1
    with pytest.raises(ValidationError):
        tell(claimed, "done", "b")  # nothing is reported done now
    services.report_state(by=council, action=claimed, state=State.SAID_DONE)
    assert tell(claimed, "done", "a")  # a new report, a new answer of the same person
    claimed.refresh_from_db()
    assert (claimed.state, claimed.denials) == (State.SAID_DONE, 1)


def test_five_people_confirm_and_one_person_counts_once(claimed: Action) -> None:
    for _time in range(6):
        tell(claimed, "done", "the same telephone")
    claimed.refresh_from_db()
    assert claimed.state == State.SAID_DONE
    for person in "bcde":
        assert tell(claimed, "done", person)
    claimed.refresh_from_db()
    assert (claimed.state, claimed.confirmed_by) == (State.CONFIRMED, None)
    assert tell(claimed, "not_done", "f")  # even then somebody may deny it
    claimed.refresh_from_db()
    assert (claimed.state, claimed.confirmed_on) == (State.IN_PROGRESS, None)


def test_a_second_person_closes_after_citizens_said_so(claimed: Action, team: User) -> None:
    with pytest.raises(ValidationError, match="Ask citizens first"):
        services.close_confirmed(by=team, action=claimed)
    services.answer_at_follow_up(by=team, action=claimed, done=3, half=0, not_done=0, unknown=2)
    services.close_confirmed(by=team, action=claimed)
    claimed.refresh_from_db()
    assert (claimed.state, claimed.confirmed_by) == (State.CONFIRMED, team)


def test_who_reported_does_not_close(agreed: Action, team: User) -> None:
    services.report_state(by=team, action=agreed, state=State.SAID_DONE)
    services.answer_at_follow_up(by=team, action=agreed, done=3, half=0, not_done=0, unknown=0)
    with pytest.raises(ValidationError, match="Another person"):
        services.close_confirmed(by=team, action=agreed)


@pytest.mark.parametrize(
    ("done", "half", "not_done", "denied", "enough"),
    [
        (0, 0, 1, True, False),
        (4, 0, 1, True, False),
        (5, 0, 1, True, False),
        (6, 0, 1, False, True),
        (48, 0, 2, False, True),
        (48, 0, 10, True, False),
        (5, 6, 0, False, False),
        (4, 0, 0, False, False),
        (5, 0, 0, False, True),
    ],
)
def test_one_denies_for_all_until_many_confirmed(
    done: int, half: int, not_done: int, denied: bool, enough: bool
) -> None:
    found = Tally(done=done, half=half, not_done=not_done)
    assert (found.is_denied, found.is_enough) == (denied, enough)


@pytest.mark.parametrize("wrong", [(0, 0, 0, 0), (5000, 0, 0, 0), (-1, 0, 3, 0)])
def test_impossible_counts_are_refused(claimed: Action, team: User, wrong: tuple[int, ...]) -> None:
    names = ("done", "half", "not_done", "unknown")
    with pytest.raises(ValidationError):
        services.answer_at_follow_up(
            by=team, action=claimed, **dict(zip(names, wrong, strict=True))
        )
    assert not Answer.objects.exists()


def test_no_answer_can_be_linked_to_a_person_or_between_actions(
    claimed: Action, team: User, council: User
) -> None:
    other = makers.action(team, claimed.plan, activity="ជួសជុលអណ្ដូង")
    services.report_state(by=council, action=other, state=State.SAID_DONE)
    tell(claimed, "done", "+85512345678")
    tell(other, "done", "+85512345678")
    keys = set(Answer.objects.values_list("person_key", flat=True))
    assert len(keys) == 2
    assert not any("12345678" in key for key in keys)


def test_numbers_are_printed_rounded_from_ten_people_on(claimed: Action) -> None:
    for person in range(9):
        tell(claimed, "done", str(person))
    claimed.refresh_from_db()
    assert claimed.printed_people == 0
    tell(claimed, "done", "tenth")
    claimed.refresh_from_db()
    first = (claimed.printed_done, claimed.printed_people)
    assert np.all(np.array(first) % 3 == 0)
    assert abs(first[1] - 10) <= 2
    for person in range(9):
        tell(claimed, "done", f"later {person}")
    claimed.refresh_from_db()
    assert (claimed.printed_done, claimed.printed_people) == first  # until ten more
