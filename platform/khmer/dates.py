"""Dates as they are written in Cambodia: dd/mm/yyyy or ISO, in either kind of digits."""

import re
from datetime import date

from khmer.digits import to_ascii, to_khmer
from khmer.errors import UnreadableText
from khmer.text import strip_invisible

_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}")
# Spreadsheets write a day as its first second.
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
_PERIOD = re.compile(r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")

MONTHS_KM = (
    "មករា",
    "កុម្ភៈ",
    "មីនា",
    "មេសា",
    "ឧសភា",
    "មិថុនា",
    "កក្កដា",
    "សីហា",
    "កញ្ញា",
    "តុលា",
    "វិច្ឆិកា",
    "ធ្នូ",
)
MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class UnreadableDate(UnreadableText):
    """Text that is no date. Codes: ``empty``, ``not_a_date``, ``no_such_day``,
    ``short_year`` (two digits: which century?), ``year_out_of_range`` (Buddhist years too)."""


def parse_date(text: str) -> date:
    """The day written in ``text``: ``2026-03-01``, ``01/03/2026`` or ``០១/០៣/២០២៦``.

    Day before month, as everybody in Cambodia writes. Raises UnreadableDate.
    """
    plain = _MIDNIGHT.sub("", to_ascii(strip_invisible(text)).strip())
    if not plain:
        raise UnreadableDate("empty", text)
    if match := _YEAR_FIRST.fullmatch(plain):
        year, month, day = map(int, match.groups())
    elif match := _DAY_FIRST.fullmatch(plain):
        day, month, year = map(int, match.groups())
    elif _SHORT_YEAR.fullmatch(plain):
        raise UnreadableDate("short_year", text)
    else:
        raise UnreadableDate("not_a_date", text)
    if not 1900 <= year <= 2200:
        raise UnreadableDate("year_out_of_range", text)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UnreadableDate("no_such_day", text) from error


def format_date(day: date, lang: str = "km") -> str:
    """``day`` as dd/mm/yyyy, in Khmer digits when ``lang`` is Khmer."""
    written = f"{day.day:02}/{day.month:02}/{day.year:04}"
    return to_khmer(written) if lang == "km" else written


def format_day(day: date, lang: str = "km") -> str:
    """``day`` in words: ``ថ្ងៃទី២១ ខែវិច្ឆិកា ឆ្នាំ២០២៦`` or ``21 November 2026``."""
    if lang == "km":
        month = MONTHS_KM[day.month - 1]
        return f"ថ្ងៃទី{to_khmer(str(day.day))} ខែ{month} ឆ្នាំ{to_khmer(str(day.year))}"
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def format_period(code: str, lang: str = "km") -> str:
    """A year, quarter or month by its code (2026, 2026-Q1, 2026-03) in words.

    ``ត្រីមាសទី១ ឆ្នាំ២០២៦`` or ``Quarter 1, 2026``; what is no such code stays as it is.
    """
    found = _PERIOD.fullmatch(code)
    if found is None:
        return code
    quarter, month = found["quarter"], found["month"]
    if lang == "km":
        year = f"ឆ្នាំ{to_khmer(found['year'])}"
        if quarter:
            return f"ត្រីមាសទី{to_khmer(quarter)} {year}"
        return f"ខែ{MONTHS_KM[int(month) - 1]} {year}" if month else year
    if quarter:
        return f"Quarter {quarter}, {found['year']}"
    return f"{MONTHS_EN[int(month) - 1]} {found['year']}" if month else f"Year {found['year']}"
