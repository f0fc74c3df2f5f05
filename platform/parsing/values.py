"""Read one value from text: a number, an amount, a day, yes or no, words.

Every function takes text that is not empty and raises ``UnreadableValue`` with a
sentence in the active language. Khmer digits, thousands separators, numbers as
programs write them (``2.0``, ``1e3``) and both ways to write a date are understood.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _

from khmer.dates import UnreadableDate, parse_date
from khmer.digits import to_ascii
from khmer.numbers import UnreadableNumber, parse_decimal, parse_whole_number
from khmer.riel import UnreadableRiel, parse_riel
from khmer.text import strip_invisible, unreadable_character
from parsing.days import DayRange
from parsing.errors import UnreadableValue

MOST_64_BIT = 2**63 - 1
_MOST_SHOWN = 60
_MOST_KEPT = 4096

YES = frozenset({"yes", "y", "បាទ", "ចាស", "1", "true", "បាទ/ចាស"})
NO = frozenset({"no", "n", "ទេ", "0", "false"})


def check_characters(text: str) -> str:
    """Return ``text``; refuse NUL and lone surrogates, which no database can store."""
    if unreadable_character(text):
        raise UnreadableValue(
            _("The text holds a character that cannot be read. Delete it and type it again.")
        )
    return text


def read_text(text: str, *, most: int = 0) -> str:
    """Read words: trimmed, without invisible characters at either end; ``most`` characters."""
    plain = strip_invisible(check_characters(text)).strip()
    if most and len(plain) > most:
        raise UnreadableValue(_("Longer than %(limit)s characters.") % {"limit": most})
    return plain


@lru_cache(_MOST_KEPT)
def read_code(text: str) -> str:
    """Read a code in small letters and digits 0-9; a number written as ``12.0`` is ``12``."""
    plain = to_ascii(strip_invisible(check_characters(text))).strip().lower()
    return _without_point_zero(plain)


def _without_point_zero(code: str) -> str:
    total, point, rest = code.partition(".")
    return total if point and rest.strip("0") == "" and rest and total.isdecimal() else code


def read_whole_number(text: str, *, least: int = 0, most: int = MOST_64_BIT) -> int:
    """Read a whole number between ``least`` and ``most`` (both included)."""
    number = _integer_or_error(text)
    if isinstance(number, int):
        if least <= number <= most:
            return number
        raise UnreadableValue(
            _("%(number)s is not between %(least)s and %(most)s.")
            % {"number": number, "least": least, "most": most}
        )
    shown = {"text": shortened(text)}
    raise UnreadableValue(
        {
            "negative": _("A number cannot be negative here: “%(text)s”."),
            "fractional": _("A whole number is needed here: “%(text)s”."),
            "too_big": _("This number is too large: “%(text)s”."),
        }.get(number, _("“%(text)s” is not a number."))
        % shown
    )


@lru_cache(_MOST_KEPT)
def _integer_or_error(text: str) -> int | str:
    """Return the number or the code of the error: only the sentence depends on the language."""
    try:
        return parse_whole_number(text)
    except UnreadableNumber as error:
        return error.code


def read_decimal(text: str, *, least: Decimal, most: Decimal) -> Decimal:
    """Read a number with a decimal point between ``least`` and ``most`` (both included)."""
    try:
        decimal = parse_decimal(text)
    except UnreadableNumber:
        raise UnreadableValue(
            _("“%(text)s” is not a number.") % {"text": shortened(text)}
        ) from None
    if not least <= decimal <= most:
        raise UnreadableValue(
            _("%(number)s is not between %(least)s and %(most)s.")
            % {"number": shortened(text), "least": least, "most": most}
        )
    return decimal


def read_amount(text: str) -> int:
    """Read a whole amount of money, with or without separators and the sign of the riel."""
    amount = _amount(text)
    if isinstance(amount, int):
        return amount
    shown = {"text": shortened(text)}
    raise UnreadableValue(
        {
            "negative": _("An amount cannot be negative: “%(text)s”."),
            "fractional": _("An amount is a whole number: “%(text)s”."),
            "too_big": _("This amount is too large: “%(text)s”."),
        }.get(amount, _("“%(text)s” is not an amount of money."))
        % shown
    )


@lru_cache(_MOST_KEPT)
def _amount(text: str) -> int | str:
    try:
        return parse_riel(text)
    except UnreadableRiel as error:
        return error.code


def read_day(text: str, *, within: DayRange | None = None, month_first: bool = False) -> date:
    """Read a date as dd/mm/yyyy or yyyy-mm-dd (or with the month in words).

    ``within`` refuses implausible days; ``month_first`` is for files that are proven to
    write the month before the day.
    """
    day = _day(text, month_first)
    if isinstance(day, date):
        if within is not None:
            within.check(day)
        return day
    shown = {"text": shortened(text)}
    raise UnreadableValue(
        {
            "no_such_day": _("There is no such day: “%(text)s”."),
            "short_year": _("Write the year with four digits: “%(text)s”."),
            "year_out_of_range": _("The year in “%(text)s” cannot be right."),
            "number": _(
                "“%(text)s” is a number that spreadsheet programs show instead of a date. "
                "Format the column as a date, or write dd/mm/yyyy."
            ),
        }.get(day, _("“%(text)s” is not a date; write dd/mm/yyyy or yyyy-mm-dd."))
        % shown
    )


@lru_cache(_MOST_KEPT)
def _day(text: str, month_first: bool) -> date | str:
    try:
        return parse_date(text, month_first=month_first)
    except UnreadableDate as error:
        return error.code


def read_yes_no(text: str) -> bool:
    """Read yes or no, in English, Khmer or as 1 and 0."""
    word = read_code(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise UnreadableValue(_("“%(text)s” is neither yes nor no.") % {"text": shortened(text)})


def shortened(text: str) -> str:
    """Return ``text`` for use inside a sentence: short and without unprintable characters."""
    plain = "".join(c if c.isprintable() else "�" for c in text[:_MOST_SHOWN])
    return f"{plain}…" if len(text) > _MOST_SHOWN else plain
