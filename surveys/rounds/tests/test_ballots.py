"""Ballot cards: each once, none twice even at the same moment, none after the meeting."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from surveys.rounds.models import BallotCard, PhoneTally, Round
from surveys.rounds.services.ballots import TooManyCardsError, cast_ballot, make_cards
from surveys.rounds.tests.factories import make_person

SCORES = {"CA-P1": 4, "vwater": 2}


@pytest.fixture(autouse=True)
def nobody_was_wrong() -> None:
    cache.clear()


@pytest.fixture
def row(make_round: Callable[..., Round]) -> Round:
    return make_round()


def cast(row: Round, number: str, scores: dict[str, int] | None = None, at: str = "a") -> None:
    cast_ballot(code=row.code, number=number, scores=scores or SCORES, address=at)


def test_a_card_votes_once_in_either_digits(row: Round, facilitator: User) -> None:
    first, second, *_rest = make_cards(by=facilitator, round=row, cards=5)
    cast(row, f"{first[:4]} {first[4:]}")
    khmer = "".join(chr(0x17E0 + int(d)) for d in second)
    cast(row, khmer, {"CA-P1": 5})
    with pytest.raises(ValidationError):
        cast(row, first)
    tally = PhoneTally.objects.get(round=row)
    assert (tally.keys, tally.counts) == (
        ["CA-P1", "vwater"], [0, 0, 0, 1, 1, 0, 1, 0, 0, 0]
    )  # fmt: skip
    assert tally.voters == 2


@pytest.mark.parametrize(
    "scores",
    [{}, {"CA-P1": 0}, {"CA-P1": 6}, {"": 3}, {"x" * 21: 3}, dict.fromkeys("abcdefghi", 3)],
)
def test_a_ballot_that_cannot_be_uses_up_no_card(
    row: Round, facilitator: User, scores: dict[str, int]
) -> None:
    (number,) = make_cards(by=facilitator, round=row, cards=1)
    with pytest.raises(ValidationError):
        cast_ballot(code=row.code, number=number, scores=scores, address="a")
    assert BallotCard.objects.count() == 1


def test_guessing_numbers_ends_after_a_few(row: Round, facilitator: User) -> None:
    (number,) = make_cards(by=facilitator, round=row, cards=1)
    for n in range(60):
        with pytest.raises(ValidationError):
            cast(row, f"{n:08d}", at="guesser")
    with pytest.raises(TooManyCardsError):
        cast(row, number, at="guesser")
    cast(row, number, at="neighbour")


def test_a_card_of_another_round_and_a_closed_meeting_are_refused(
    row: Round, make_round: Callable[..., Round], facilitator: User
) -> None:
    other = make_round(provider="school-a", informed_on=None, agreed_on=None)
    first, second = make_cards(by=facilitator, round=row, cards=2)
    with pytest.raises(ValidationError):
        cast(other, first)
    cast(row, first)
    PhoneTally.objects.update(closed=True)
    with pytest.raises(ValidationError):
        cast(row, second)
    assert BallotCard.objects.filter(round=row).count() == 1


def test_new_cards_replace_unused_ones_and_only_those_who_may_make_them(
    row: Round, facilitator: User
) -> None:
    (old,) = make_cards(by=facilitator, round=row, cards=1)
    make_cards(by=facilitator, round=row, cards=3)
    with pytest.raises(ValidationError):
        cast(row, old)
    with pytest.raises(PermissionDenied):
        make_cards(by=make_person("facilitator", "020101", "far"), round=row, cards=1)
    for number in (0, 401):
        with pytest.raises(ValidationError):
            make_cards(by=facilitator, round=row, cards=number)


@pytest.mark.django_db(transaction=True)
def test_one_card_sent_eight_times_at_once_counts_once(
    make_round: Callable[..., Round], facilitator: User
) -> None:
    row = make_round()
    (number,) = make_cards(by=facilitator, round=row, cards=1)

    def send(n: int) -> bool:
        try:
            cast(row, number, at=str(n))
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(8))) == 1
    assert PhoneTally.objects.get(round=row).voters == 1


def test_the_page_sets_no_cookie_and_says_what_is_wrong(
    client: Client, row: Round, facilitator: User
) -> None:
    (number,) = make_cards(by=facilitator, round=row, cards=1)
    page = client.get(reverse("rounds:vote"))
    assert page.status_code == 200
    assert not page.cookies
    body: dict[str, Any] = {"code": row.code, "number": number, "scores": {"CA-P1": 3}}
    answer = client.post(reverse("rounds:cast"), body, content_type="application/json")
    assert (answer.status_code, dict(answer.cookies)) == (201, {})
    again = client.post(reverse("rounds:cast") + "?lang=en", body, content_type="application/json")
    assert again.status_code == 400
    assert "wrong or was used" in again.json()["problems"][0]
    for broken in ("", "[]", '{"scores": 3}', '{"code": 1, "number": 2, "scores": {"a": "x"}}'):
        wrong = client.post(reverse("rounds:cast"), broken, content_type="application/json")
        assert wrong.status_code == 400
