"""Read the query string of a page; what cannot be read answers 400 with a sentence."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from parsing import values
from parsing.days import DayRange
from parsing.errors import UnreadableRequest, UnreadableValue

MOST_ID = 2**63 - 1


def whole_number(
    asked: Mapping[str, str], name: str, *, least: int = 0, most: int = MOST_ID
) -> int | None:
    """Read the whole number given as ``name``; None where nothing is given."""
    text = asked.get(name, "").strip()
    if not text:
        return None
    try:
        return values.read_whole_number(text, least=least, most=most)
    except UnreadableValue as error:
        raise _refusal(name, error) from error


def day(asked: Mapping[str, str], name: str, *, within: DayRange | None = None) -> date | None:
    """Read the day given as ``name``; None where nothing is given."""
    text = asked.get(name, "").strip()
    if not text:
        return None
    try:
        return values.read_day(text, within=within)
    except UnreadableValue as error:
        raise _refusal(name, error) from error


def code(asked: Mapping[str, str], name: str, *, most: int = 80) -> str:
    """Read the code given as ``name``; "" where nothing is given."""
    try:
        code_read = values.read_code(asked.get(name, ""))
        return values.read_text(code_read, most=most)
    except UnreadableValue as error:
        raise _refusal(name, error) from error


def _refusal(name: str, error: UnreadableValue) -> UnreadableRequest:
    return UnreadableRequest(
        _("“%(name)s” in the address cannot be read: %(reason)s")
        % {"name": name, "reason": str(error)}
    )
