"""Read JSON that anybody may send: every value must be one that can be stored."""

import json
import math
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from parsing.errors import UnreadableValue
from parsing.values import check_characters

MOST_NUMBER = 2**63 - 1


def loads(body: bytes | str) -> Any:
    """Parse JSON; raise UnreadableValue for what is not JSON, nested too deep, or not storable.

    Refused are NUL and lone surrogates in any text or name, NaN and infinities, and whole
    numbers beyond 64 bits (thousands of digits would take quadratic time).
    """
    try:
        payload = json.loads(
            body, parse_constant=_no_constant, parse_int=_integer, parse_float=_float
        )
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnreadableValue):
            raise
        raise UnreadableValue(_("This cannot be read: it is not valid JSON.")) from error
    check(payload)
    return payload


def check(value: Any) -> None:
    """Raise UnreadableValue where a text inside ``value`` cannot be stored."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            check_characters(one)
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one


def _no_constant(name: str) -> NoReturn:
    raise UnreadableValue(_("“%(text)s” is not a number.") % {"text": name})


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > MOST_NUMBER:
        raise UnreadableValue(_("This number is too large: “%(text)s”.") % {"text": text[:24]})
    return int(text)


def _float(text: str) -> float:
    number = float(text[:400])
    if not math.isfinite(number):
        raise UnreadableValue(_("This number is too large: “%(text)s”.") % {"text": text[:24]})
    return number
