"""Citizens say by telephone whether a commitment is kept; nothing of a call names who denied."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from scorecards.plans import services
from scorecards.plans.models import Action, ActionEvent, Answer, Reminder, State
from scorecards.plans.tests import makers
from surveys.hotline import content, numbers, outbound_calls, script, tasks
from surveys.hotline.models import Call, CallBack, Language, Line, Step
from surveys.hotline.tests.conftest import (  # noqa: F401  fixtures of the hotline
    company,
    dial,
    heard,
    line,
    record,
)
from surveys.hotline.tests.phone import Phone
from surveys.models import Contact

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
Heard = Callable[[Phone], list[str]]


@pytest.fixture
def team(line: Line) -> User:  # noqa: F811
    """A facilitator; the line's fixture has made the country."""
    return makers.person("facilitator")


@pytest.fixture
def council(line: Line) -> User:  # noqa: F811
    return makers.person("council")


@pytest.fixture
def recorded(line: Line) -> list[str]:  # noqa: F811
    """What a call about commitments can say, and no more: recordings are slow to make."""
    names = [name for name in content.prompts() if name.startswith(("action.", "digits."))]
    names += ["month.6", "date.year", *numbers.fragments(2026), *map(numbers.clip, range(10))]
    for name in dict.fromkeys(names):
        record(name)
    content.forget()
    return names


@pytest.fixture
def claimed(team: User, council: User, recorded: list[str]) -> Action:
    action = makers.agreed(team)
    services.report_state(by=council, action=action, state=State.SAID_DONE)
    action.refresh_from_db()
    return action


def enter(phone: Phone, action: Action) -> Phone:
    """From the main menu to the question, by the code of the commitment."""
    return phone.keys("84").press(action.call_code[:4]).press(action.call_code[4:]).press("1")


def call(dial: Dial, action: Action, number: str) -> Phone:  # noqa: F811
    phone = dial(number=number)
    return enter(phone.press("1"), action)


def test_a_denial_by_telephone_reopens_and_tells_the_owner(
    dial: Dial,  # noqa: F811
    heard: Heard,  # noqa: F811
    claimed: Action,
) -> None:
    phone = call(dial, claimed, "+85512345678")
    text = heard(phone)
    assert text[0] == "action.number"
    assert text[-1] == "action.menu"
    assert text[text.index("action.promised") + 1] == "month.6"
    phone.press("3")
    assert heard(phone)[0] == "action.thanks"
    claimed.refresh_from_db()
    assert (claimed.state, claimed.denials) == (State.IN_PROGRESS, 1)
    assert Reminder.objects.get(kind="denied").office == claimed.office
    # it waits for no answer any more
    assert heard(enter(phone.press("#"), claimed))[0] == "action.none"


@pytest.mark.parametrize(
    ("key", "kind"), [("1", "done"), ("2", "half"), ("3", "not_done"), ("9", "unknown")]
)
def test_each_key_is_one_answer_and_one_telephone_answers_once(
    dial: Dial,  # noqa: F811
    heard: Heard,  # noqa: F811
    claimed: Action,
    key: str,
    kind: str,
) -> None:
    call(dial, claimed, "+85512345678").press(key)
    assert Answer.objects.values_list("kind", "channel", "people").get() == (kind, "hotline", 1)
    if kind == "not_done":
        return
    again = dial(number="+85512345678")
    enter(again, claimed).press("1")
    assert heard(again)[0] == "action.known"
    assert Answer.objects.count() == 1


def test_without_the_code_a_commune_is_asked_commitment_by_commitment(
    dial: Dial,  # noqa: F811
    heard: Heard,  # noqa: F811
    claimed: Action,
    team: User,
    council: User,
) -> None:
    other = makers.action(team, claimed.plan, activity="ជួសជុលអណ្ដូង")
    services.report_state(by=council, action=other, state=State.SAID_DONE)
    record(f"commitment.{other.call_code}")
    content.forget()
    phone = dial().press("1").keys("84").press("#")
    assert heard(phone) == ["action.place"]
    phone.press("010201").press("1")
    assert f"commitment.{other.call_code}" not in heard(phone)
    phone.press("1")
    assert heard(phone)[0] == "action.next"
    assert f"commitment.{other.call_code}" in heard(phone), "its words are recorded"
    phone.press("2")
    assert heard(phone)[0] == "action.thanks"
    results = {a.action_id: a.kind for a in Answer.objects.all()}
    assert results == {claimed.pk: "done", other.pk: "half"}


def test_wrong_codes_find_nothing_and_are_not_tried_for_ever(
    dial: Dial,  # noqa: F811
    heard: Heard,  # noqa: F811
    claimed: Action,
) -> None:
    phone = dial().press("1")
    for _time in range(5):
        phone.keys("84").press("0000000").press("1")
        assert heard(phone)[0] == "action.none"
        phone.press("#")
    enter(phone, claimed)
    assert heard(phone)[0] == "action.none", "after five wrong codes even a right one is refused"


def test_withheld_numbers_count_as_one_network(dial: Dial, claimed: Action) -> None:  # noqa: F811
    for _time in range(6):
        phone = dial(number="anonymous").press("1")
        enter(phone, claimed).press("1")
    claimed.refresh_from_db()
    assert claimed.state == State.SAID_DONE, "six calls without a number confirm nothing"
    assert services.tally(claimed).done == 4


def test_nothing_of_a_call_tells_what_was_answered_or_of_what(
    dial: Dial,  # noqa: F811
    claimed: Action,
    line: Line,  # noqa: F811
) -> None:
    phone = call(dial, claimed, "+85512345678").press("3")
    phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="90")
    kept = Call.objects.get()
    everything = json.dumps(list(Step.objects.values("key", "node", "document")))
    assert claimed.call_code not in json.dumps(kept.state) + everything
    asked = Step.objects.get(node="action.ask")
    assert (asked.key, Step.objects.get(number=asked.number + 1).key) == ("1", "")
    event = ActionEvent.objects.get(kind="reopened")
    assert (event.by, event.job) == (None, "citizens")
    at = timezone.localtime(event.at)
    assert (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
    assert not Entry.objects.filter(verb="plan.action_in_progress").exists()
    assert "+85512345678" not in json.dumps(list(Answer.objects.values()), default=str)


def test_people_who_agreed_are_called_answer_and_their_numbers_go(
    company: Any,  # noqa: F811
    line: Line,  # noqa: F811
    client: Client,
    claimed: Action,
    team: User,
    heard: Heard,  # noqa: F811
) -> None:
    client.force_login(team)
    page = client.post(
        f"/plans/actions/{claimed.uuid}/call-people/",
        {"numbers": "012 345 678\n012345678\n០១២ ៣៤៥ ៦៧៩\nnobody\n"},
        headers={"accept-language": "en"},
        follow=True,
    ).content.decode()
    assert "nobody" in page
    assert CallBack.objects.filter(why="commitment", commitment=claimed.call_code).count() == 2
    assert b"12345678" not in b"".join(bytes(c.sealed_number) for c in Contact.objects.all())
    noon = timezone.localtime().replace(hour=12) + timedelta(days=1)
    assert tasks.call_due(noon.isoformat()) == 2
    made = Call.objects.select_related("owed").order_by("pk").first()
    assert made is not None
    phone = Phone(client, line.pk, line.account_sid, "a secret of the telephone company")
    phone.sid = made.sid
    phone.execute(
        phone.post(f"/ivr/v1/voice/{line.pk}", To=phone.number, From="1294", Direction="outbound")
    )
    assert heard(phone) == ["action.call", "action.call.menu"]
    phone.press("1").press("1")
    assert Answer.objects.get().kind == "done"
    phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="40")
    made.refresh_from_db()
    assert made.owed is not None
    assert (made.owed.outcome, made.owed.contact) == ("reached", None)


def test_the_words_of_commitments_can_be_recorded_beside_the_names_of_places(
    claimed: Action, team: User
) -> None:
    lead = makers.person("coordinator", "01")
    services.moderate_action(by=lead, action=claimed, decision="shown")
    language = Language.objects.get(code="km")
    names = [entry.line.name for entry in script.entries(language, "01")]
    assert f"commitment.{claimed.call_code}" in names
    result = script.line(f"commitment.{claimed.call_code}", "km")
    assert result is not None
    assert result.words_km == claimed.activity


def test_who_wants_no_calls_is_left_out(company: Any, claimed: Action) -> None:  # noqa: F811
    from surveys.hotline import commitment_calls

    outbound_calls.never_call(outbound_calls.key_of("+85512345678"))
    listed = commitment_calls.owe(claimed.call_code, ["+85512345678", "+85512345679"])
    assert (listed.owed, listed.left_out, listed.unreadable) == (1, 1, ())
