"""Ballots from people's own phones: a card is used once, and no vote can be read from the data."""

import secrets
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from khmer.digits import to_ascii
from sealing import Purpose, keyed_hash
from surveys.rounds.models import BallotCard, PhoneTally, Round
from surveys.services.write_permission import Mandate
from throttling.limits import Limit

MOST_CARDS = 400
MOST_KEYS_A_BALLOT = 8
MOST_KEYS = 24
# A hall full of voters may share one address.
WRONG_CARDS: Final = Limit("ballots:wrong", most=60, minutes=10)


class TooManyCardsError(Exception):
    """Somebody is trying numbers of ballot cards."""


def _hash(round: Round, number: str) -> str:
    return keyed_hash(f"{round.pk}:{number}", Purpose.BALLOT)


@transaction.atomic
def make_cards(*, by: User | None, round: Round, cards: int, job: str = "") -> list[str]:
    """Make new ballot cards; unused earlier ones stop working. Numbers are not stored."""
    Mandate(by, "rounds.record").demand(round.commune_id, round.programme_id)
    if not 1 <= cards <= MOST_CARDS:
        raise ValidationError({"cards": [_("Print between 1 and %s cards.") % MOST_CARDS]})
    BallotCard.objects.filter(round=round).delete()
    numbers: set[str] = set()
    while len(numbers) < cards:
        numbers.add(f"{secrets.randbelow(10**8):08d}")
    shown = sorted(numbers)  # a random order, not that in which they were made
    BallotCard.objects.bulk_create(
        BallotCard(round=round, number_hash=_hash(round, number)) for number in shown
    )
    trail.record(
        by=by,
        verb="round.cards_made",
        subject=round,
        place_code=round.commune_id,
        after={"cards": cards},
        job=job,
    )
    return shown


def cast_ballot(*, code: str, number: str, scores: dict[str, int], address: str) -> None:
    """Count one ballot and use up its card; its scores are added to sums and stored nowhere else.

    Raises ValidationError with a sentence, TooManyCardsError after too many wrong numbers.
    """
    if WRONG_CARDS.is_reached(address):
        raise TooManyCardsError
    _check(scores)
    row = Round.objects.standing().filter(code=_digits(code)).first()
    used = row is not None and _count(row, _digits(number), scores)
    if not used:
        WRONG_CARDS.count(address)
        raise ValidationError(_("This number is wrong or was used. Look at your card again."))


def _digits(text: str) -> str:
    return "".join(c for c in to_ascii(text) if c.isdigit())[:20]


def _check(scores: dict[str, int]) -> None:
    if not 1 <= len(scores) <= MOST_KEYS_A_BALLOT:
        raise ValidationError(_("Scan the code on the tablet again."))
    for key, score in scores.items():
        if not 1 <= len(key) <= 20 or not key.isascii() or not key.isprintable():
            raise ValidationError(_("Scan the code on the tablet again."))
        if score not in (1, 2, 3, 4, 5):
            raise ValidationError(_("Give a score from 1 to 5."))


@transaction.atomic
def _count(row: Round, number: str, scores: dict[str, int]) -> bool:
    """Add the scores to the one row of counts; False where the card is unknown or was used.

    The whole row is rewritten whatever was voted, and the card's row is deleted: no rows, order or
    transaction in the database reveal a ballot.
    """
    PhoneTally.objects.get_or_create(round=row)
    tally = PhoneTally.objects.select_for_update().get(round=row)
    if tally.closed:
        raise ValidationError(_("Voting in this meeting has ended."))
    used, _rows = BallotCard.objects.filter(round=row, number_hash=_hash(row, number)).delete()
    if not used:
        return False
    keys, counts = list(tally.keys), list(tally.counts)
    for key in sorted(scores):
        if key not in keys:
            keys.append(key)
            counts += [0] * 5
        counts[5 * keys.index(key) + scores[key] - 1] += 1
    if len(keys) > MOST_KEYS:
        raise ValidationError(_("Scan the code on the tablet again."))
    tally.keys, tally.counts, tally.voters = keys, counts, tally.voters + 1
    tally.save()
    return True
