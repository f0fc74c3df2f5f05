"""Calls to people who agreed at a meeting to say later whether a commitment is kept.

The numbers are sealed like those of any promised call and deleted once the call is settled.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from surveys import commitments
from surveys.hotline import menu, outbound_calls
from surveys.hotline.call_state import Standing
from surveys.hotline.facts import Facts
from surveys.hotline.models import Call, CallBack, Line

MOST_AT_ONCE: Final = 200
"""Most numbers of one list; a longer one is probably a copied telephone book."""


@dataclass(frozen=True)
class Listed:
    """The result of a list: calls owed, and lines without a number that can be called."""

    owed: int
    unreadable: tuple[str, ...]
    left_out: int
    """Numbers whose owner wants no calls, or has been promised three today."""


def owe(code: str, numbers: list[str]) -> Listed:
    """Promise one call to each of these numbers about the commitment of this code.

    Raises ValidationError where nothing is to be asked, no line is open, or they are too many.
    """
    if commitments.find(code) is None:
        raise ValidationError(_("Nobody has reported this as done yet."))
    line = Line.objects.filter(is_open=True).exclude(company=Line.Company.SIMULATOR).first()
    if line is None:
        raise ValidationError(_("The hotline has no open line. Ask the person who looks after it."))
    if len(numbers) > MOST_AT_ONCE:
        raise ValidationError(_("At most %(most)s numbers at once.") % {"most": MOST_AT_ONCE})
    owed = left_out = 0
    unreadable = []
    for number in dict.fromkeys(numbers):
        key = outbound_calls.key_of(number)
        if not key:
            unreadable.append(number)
            continue
        same = CallBack.objects.filter(caller_key=key, commitment=code, done_at=None)
        if same.exists() or not outbound_calls.owe(
            line, number, CallBack.Why.COMMITMENT, timedelta(0), language="km", commitment=code
        ):
            left_out += 1
        else:
            owed += 1
    return Listed(owed, tuple(unreadable), left_out)


def first_turn(at: Standing, facts: Facts) -> menu.Turn | None:
    """Return the first turn of a call about a commitment; None for any other call."""
    call = Call.objects.select_related("owed").filter(pk=at.call).first()
    if call is None or call.owed is None or not call.owed.commitment:
        return None
    question = commitments.find(call.owed.commitment)
    if question is None:
        return None
    start = menu.start(facts, at.language or "km", node="action.call")
    return menu.with_actions(start, [question])
