"""Votes cannot be linked to people.

An attacker has the whole database, its row order and transactions, audit, logs and traffic, knows
who came with which attributes and sticker, in which order they voted and with which card, and wants
one person's true ballot. Each attack here must end no better than chance.
"""

import json
import logging
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Programme, User
from audit.models import Entry
from standards.loading import load_indicators
from surveys.forms import tablets
from surveys.models import Vote
from surveys.rounds.models import BallotCard, PhoneTally, Round, RoundMeeting
from surveys.rounds.services.ballots import make_cards
from surveys.rounds.tests.meeting_hand import CORE, KEYS, Person, meeting

pytestmark = pytest.mark.django_db(transaction=True)

VOTERS = 40


def voters() -> list[Person]:
    """Voters in the order of their stickers, from 1 to 5: any trace of order would show.

    Every woman and no man holds a card; one person alone has a disability, and votes 1.
    """
    results = []
    for n in range(VOTERS):
        groups = {"women", "poor_card"} if n % 2 else {"men"}
        if n == 0:
            groups.add("disability")
        score = 1 + n * 5 // VOTERS
        results.append(Person(frozenset(groups), dict.fromkeys(KEYS, score)))
    return results


@pytest.fixture
def sent(
    make_round: Callable[..., Round], facilitator: User, programme: Programme, client: Client,
    caplog: Any,
) -> tuple[Round, list[tuple[str, dict[str, int]]]]:  # fmt: skip
    """A meeting on a tablet, with eight ballots from phones before it was sent."""
    load_indicators()
    row = make_round(programme="rounds")
    _tablet, token = tablets.make_tablet(
        programme=programme, name="T", by=None, people=[facilitator]
    )
    cards = make_cards(by=facilitator, round=row, cards=12)
    random.Random(7).shuffle(cards)
    cast = []
    with caplog.at_level(logging.DEBUG):
        for n, number in enumerate(cards[:8]):
            scores = dict.fromkeys(KEYS, 1 + n % 5)
            body = {"code": row.code, "number": number, "scores": scores}
            answer = client.post(reverse("rounds:cast"), body, content_type="application/json")
            assert answer.status_code == 201, answer.content
            cast.append((number, scores))
        key = {"token": token, "project": programme.pk, "code": row.code}
        text = meeting(voters())
        text["attendance"]["people"] = VOTERS + 8
        answer = client.post(
            reverse("rounds:tablet_meeting", kwargs=key), text, content_type="application/json"
        )
        assert answer.status_code == 201, answer.content
    return row, cast


def rows(order: str) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT indicator_code, score FROM surveys_vote ORDER BY {order}")
        return cursor.fetchall()


def everything() -> dict[str, str]:
    """Every row of every table of ours, as text."""
    results = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            results[table] = cursor.fetchone()[0]
    return results


def test_no_row_anywhere_holds_a_sticker_or_the_number_of_a_card(sent: Any, caplog: Any) -> None:
    _row, cast = sent
    columns = {
        f.name for m in apps.get_models() for f in m._meta.get_fields() if hasattr(f, "attname")
    }
    assert not {c for c in columns if "sticker" in c or "participant" in c}
    text = everything()
    for number, _scores in cast:
        assert not [table for table, dump in text.items() if number in dump]
        assert number not in caplog.text


@pytest.mark.parametrize("order", ["id", "ctid", "xmin::text::bigint, ctid", "vote_id"])
def test_the_order_of_rows_says_nothing_of_the_order_of_voting(sent: Any, order: str) -> None:
    for code in CORE:
        scores = [score for indicator, score in rows(order) if indicator == code]
        assert len(scores) == VOTERS + 8
        ups = sum(a <= b for a, b in pairwise(scores))
        # in the order of voting nearly all of 47 steps go up; by chance about 28 do
        assert ups < 42, (order, ups)


@pytest.mark.parametrize("order", ["id", "ctid", "vote_id"])
def test_votes_of_one_person_do_not_stand_together(sent: Any, order: str) -> None:
    result = rows(order)
    alike = sum(a[1] == b[1] for a, b in pairwise(result))
    # everybody gave all criteria the same score: kept together, four of five steps would be alike
    assert alike < len(result) * 0.4
    names = list(Vote.objects.values_list("vote_id", flat=True))
    assert len(set(names)) == len(names) == len(result)


def test_all_votes_came_in_one_transaction_and_carry_no_time(sent: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM surveys_vote")
        assert cursor.fetchone() == (1,)
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE data_type LIKE "
            "'timestamp%' AND table_name IN ('surveys_vote', 'rounds_villagetally', "
            "'rounds_phonetally', 'rounds_ballotcard', 'rounds_roundmeeting', 'rounds_handover')"
        )
        assert cursor.fetchall() == [("surveys_vote", "voided_at")]


def test_one_person_of_a_group_is_in_no_vote_and_no_row_holds_a_profile(sent: Any) -> None:
    assert not Vote.objects.exclude(disability=None).exists()
    # every woman holds a card and no man does: rows that kept profiles would show it exactly
    votes = Vote.objects.exclude(sex="").exclude(poor_card=None)
    assert votes.filter(sex="female").exists()
    both = votes.filter(sex="female", poor_card=True).count()
    assert both < votes.filter(sex="female").count() * 0.8


def test_a_used_card_is_gone_and_the_counts_are_one_row(sent: Any) -> None:
    row, cast = sent
    assert BallotCard.objects.filter(round=row).count() == 12 - len(cast)
    tally = PhoneTally.objects.get(round=row)
    assert tally.voters == len(cast)
    assert tally.closed
    # keys in the order of their names: which came first says nothing
    assert tally.keys == sorted(KEYS)


def test_the_audit_knows_the_meeting_and_no_ballot(sent: Any) -> None:
    verbs = list(Entry.objects.values_list("verb", flat=True))
    assert verbs.count("round.meeting_received") == 1
    assert not [v for v in verbs if "ballot" in v or "vote." in v]
    kept = json.dumps(list(Entry.objects.values("before", "after")), default=str)
    assert '"disability"' not in kept


def test_what_the_server_sends_to_tablets_tells_no_group(sent: Any, client: Client) -> None:
    row, _cast = sent
    assert RoundMeeting.objects.get().round == row
    person = User.objects.get(username="caf.dara")
    client.force_login(person)
    for page in ("round", "interface"):
        shown = client.get(reverse(f"rounds:{page}", args=[row.uuid])).content.decode()
        assert "poor_card" not in shown
        assert "disability" not in shown


def test_the_attack_would_find_votes_kept_as_the_national_tool_keeps_them(
    facilitator: User,
) -> None:
    """The same measures on ballots in order: they must find the order there."""
    results = [(key, p.scores[key]) for p in voters() for key in CORE]
    for code in CORE:
        scores = [score for key, score in results if key == code]
        assert sum(a <= b for a, b in pairwise(scores)) == VOTERS - 1
    assert sum(a[1] == b[1] for a, b in pairwise(results)) > len(results) * 0.75
