"""Citizens confirm or deny; a denial reopens, tells the owner, and stays visible."""

from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from accounts.models import Membership, Programme, Role, User
from scorecards.plans import reading, services
from scorecards.plans.models import Action, Answer, Plan, Reminder, State
from scorecards.plans.services import weighing
from scorecards.plans.services.answers import Tally
from scorecards.plans.tests import makers
from surveys.submissions.tests.factories import tablet as make_tablet

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
    tally = Tally(done=done, half=half, not_done=not_done)
    assert (tally.is_denied, tally.is_enough) == (denied, enough)


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


def browser(action: Action, kind: str, *, network: str, number: int) -> bool:
    """An answer of a browser whose cookie was just cleared."""
    return services.answer_as_citizen(
        action=action, kind=kind, channel="app", person=f"cleared {number}", network=network
    )


def test_a_cleared_cookie_confirms_nothing_alone(claimed: Action) -> None:
    for number in range(8):
        assert browser(claimed, "done", network="203.0.113.9", number=number)
    claimed.refresh_from_db()
    assert claimed.state == State.SAID_DONE
    assert services.tally(claimed).done == 4
    browser(claimed, "done", network="203.0.113.10", number=99)
    claimed.refresh_from_db()
    assert claimed.state == State.CONFIRMED


def test_several_denials_of_one_network_count_once(claimed: Action) -> None:
    services.answer_as_citizen(action=claimed, kind="done", channel="hotline", person="+1")
    for number in range(7):
        services.answer_as_citizen(
            action=claimed, kind="done", channel="hotline", person=f"+855{number}"
        )
    for number in range(6):
        browser(claimed, "not_done", network="203.0.113.9", number=number)
    claimed.refresh_from_db()
    assert services.tally(claimed) == Tally(done=8, not_done=1)
    assert claimed.state == State.CONFIRMED, "one of nine does not reopen it, asked six times"
    browser(claimed, "not_done", network="203.0.113.77", number=50)
    claimed.refresh_from_db()
    assert claimed.state == State.IN_PROGRESS, "two networks of ten do"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("2001:db8:1:1::1", "2001:db8:1:1:ffff::9", True),
        ("2001:db8:1:1::1", "2001:db8:1:ff::9", True),
        ("2001:db8:1:1::1", "2001:db8:2:1::1", False),
        ("203.0.113.9", "203.0.113.10", False),
        ("", "203.0.113.10", False),
    ],
)
def test_a_network_is_what_a_customer_cannot_change_at_will(
    one: str, other: str, same: bool
) -> None:
    assert (weighing.network_of(one) == weighing.network_of(other)) == same


def test_the_public_page_limits_one_network_and_says_what_to_do(
    claimed: Action, client: Client
) -> None:
    address = f"/commitments/{claimed.uuid}/answer/"
    for _time in range(3):
        client.cookies.clear()
        client.post(address, {"answer": "not_done"}, REMOTE_ADDR="203.0.113.9")
    claimed.refresh_from_db()
    assert claimed.denials == 1
    for _time in range(60):
        client.cookies.clear()
        last = client.post(
            address,
            {"answer": "done"},
            REMOTE_ADDR="203.0.113.9",
            headers={"accept-language": "en"},
        )
    page = client.get(last["Location"], headers={"accept-language": "en"}).content.decode()
    assert "Try again in an hour, or telephone." in page


def test_the_app_answers_with_a_name_made_for_this_answer(claimed: Action, client: Client) -> None:
    rows = client.get("/app/communes/010201.json").json()["commitments"]
    assert [(one["code"], one["text"], one["month"]) for one in rows] == [
        (claimed.call_code, "", "2026-06")
    ]

    def send(body: dict[str, str]) -> Any:
        return client.post("/app/commitments/answer", body, content_type="application/json")

    answer = {"id": "a" * 32, "code": claimed.call_code, "kind": "done"}
    assert send(answer).json()["fresh"] is True
    assert send(answer).json()["fresh"] is False, "sent twice, it counts once"
    assert Answer.objects.values_list("kind", "channel").get() == ("done", "app")
    assert send(answer | {"id": "b" * 32, "kind": "nonsense"}).status_code == 400
    assert send(answer | {"id": "c" * 32, "code": "0000000"}).status_code == 400
    send(answer | {"id": "d" * 32, "kind": "not_done"})
    claimed.refresh_from_db()
    assert claimed.state == State.IN_PROGRESS


def test_a_tablet_takes_the_list_with_it_and_sends_what_was_counted_later(
    claimed: Action, team: User, client: Client
) -> None:
    programme = Programme.objects.get_or_create(
        code="follow", defaults={"name_km": "ក", "name_en": "k"}
    )[0]
    call_command("load_roles", verbosity=0)
    Membership.objects.create(
        user=team, role=Role.objects.get(code="facilitator"), place_id="010201", programme=programme
    )
    Plan.objects.update(programme=programme)
    tablet, key = make_tablet(programme)
    tablet.people.add(team)
    base = f"/v1/key/{key}/projects/{programme.pk}"
    listed = client.get(f"{base}/follow-up.json").json()["questions"]
    assert [one["code"] for one in listed] == [claimed.call_code]

    def send(**facts: Any) -> Any:
        body = {"id": str(uuid4()), "person": team.username, "code": claimed.call_code, "claim": 1}
        return client.post(f"{base}/follow-up", body | facts, content_type="application/json")

    counted = {"id": str(uuid4()), "done": 12, "half": 1, "notDone": 0, "unknown": 3}
    assert send(**counted).status_code == 201
    assert send(**counted).status_code == 200, "sent twice, it counts once"
    claimed.refresh_from_db()
    assert (claimed.state, services.tally(claimed).people) == (State.CONFIRMED, 13)
    for wrong in (
        {"done": 0},
        {"done": -3, "half": 5},
        {"done": 9999},
        {"done": "3"},
        {"claim": 7, "done": 3},
        {"code": "0000000", "done": 3},
    ):
        answer = send(**wrong)
        assert answer.status_code == 400, wrong
        assert answer.json()["problems"][0]
    assert Answer.objects.count() == 3
    # counted before it was denied and reported anew: kept with the report it belongs to
    send(notDone=9)
    claimed.refresh_from_db()
    assert claimed.state == State.IN_PROGRESS
    services.report_state(by=team, action=claimed, state=State.SAID_DONE)
    assert send(notDone=9, claim=1).status_code == 201
    claimed.refresh_from_db()
    assert (claimed.state, claimed.claim) == (State.SAID_DONE, 2)
