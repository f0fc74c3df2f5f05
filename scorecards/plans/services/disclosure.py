"""Round how many people say that an action is done, so that nobody can be identified.

Both numbers, those who say done and those who say otherwise, are rounded at random to multiples of
three, from ten people on; a number that was printed stays until ten more have answered
(disclosure.md, rules 2, 4 and 6).
"""

from typing import Final

import numpy as np
from django.conf import settings

from scorecards.method.disclosure.record_keys import Kind, record_keys
from scorecards.method.disclosure.rounding import rounded
from scorecards.plans.models import Action, Answer, AnswerKind

LEAST_PEOPLE: Final = 10
LEAST_PRINTED: Final = 9


def renew(action: Action, done: int, people: int) -> None:
    """Set an action's printed numbers anew where ten more people answered; not saved here."""
    if people - action.counted_people < LEAST_PEOPLE:
        return
    rows = Answer.objects.filter(action=action, claim=action.claim, counts=True)
    rows = rows.exclude(kind=AnswerKind.UNKNOWN)
    says_done = _key(rows.filter(kind=AnswerKind.DONE).values_list("pk", flat=True))
    says_other = _key(rows.exclude(kind=AnswerKind.DONE).values_list("pk", flat=True))
    met, other = rounded(
        [done, people - done],
        np.array([says_done, says_other], dtype=object),
        settings.ROUNDING_SECRET,
    ).tolist()
    action.counted_people = people
    if met + other >= LEAST_PRINTED:
        action.printed_done, action.printed_people = met, met + other
    else:
        action.printed_done = action.printed_people = 0


def _key(ids: object) -> int:
    numbers = list(ids)  # type: ignore[call-overload]  # a queryset of primary keys
    if not numbers:
        return 0
    keys = record_keys(Kind.ANSWER, numbers, settings.ROUNDING_SECRET)
    return int(keys.sum(dtype=np.uint64))
