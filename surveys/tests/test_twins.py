"""Twins: the same report sent eight times at once is stored once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from accounts.models import User
from audit.models import Entry
from surveys.models import Case, Check, Meeting, ObservationChange, Vote
from surveys.services import (
    ReportedCheck,
    ReportedMeeting,
    ReportedVote,
    record_case,
    record_check,
    record_meeting,
)
from surveys.tests.country import ASKED, make_country, make_person, reported_case

pytestmark = pytest.mark.django_db(transaction=True)

TWINS = 8


@pytest.fixture
def person(transactional_db: None) -> User:
    make_country()
    return make_person("facilitator", "010201")


def eight_at_once(tell: Callable[[int], Any]) -> list[str]:
    start = Barrier(TWINS)

    def one(number: int) -> str:
        try:
            start.wait()
            return str(tell(number).outcome)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TWINS) as pool:
        return sorted(pool.map(one, range(TWINS)))


def test_eight_equal_cases_become_one(person: User) -> None:
    outcomes = eight_at_once(lambda _n: record_case(by=person, reported=reported_case()))
    assert outcomes == ["added"] + ["unchanged"] * 7
    assert Case.objects.count() == 1
    assert Entry.objects.filter(verb="case.recorded").count() == 1
    assert ObservationChange.objects.count() == 1


def test_of_eight_that_differ_one_stands_and_the_others_are_conflicts(person: User) -> None:
    outcomes = eight_at_once(lambda n: record_case(by=person, reported=reported_case(fee_paid=n)))
    assert outcomes == ["added"] + ["conflict"] * 7
    assert Case.objects.count() == 1


def test_eight_equal_checks_and_meetings_become_one(person: User) -> None:
    check = ReportedCheck(
        check_id="P", commune="010201", indicator="CA-I1", seen_on=ASKED, present=True
    )
    assert eight_at_once(lambda _n: record_check(by=person, reported=check)).count("added") == 1
    assert Check.objects.count() == 1

    def meeting(_number: int) -> Any:
        votes = [ReportedVote(vote_id=f"V-{n}", indicator="CA-P1", score=4) for n in range(5)]
        return record_meeting(
            by=person,
            reported=ReportedMeeting(
                meeting_id="M", commune="010201", kind="community", held_on=ASKED, votes=votes
            ),
        )

    eight_at_once(meeting)
    assert (Meeting.objects.count(), Vote.objects.count()) == (1, 5)
