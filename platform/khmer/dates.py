"""Dates as they are written in Cambodia: dd/mm/yyyy or ISO, in either kind of digits."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from khmer.digits import to_ascii, to_khmer
from khmer.errors import UnreadableText
from khmer.text import fold, strip_invisible

_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/.](?:[0-9]{1,2}|[^\s\d.,/-]+)[-/.][0-9]{1,2}")
_MONTH_NAMED = re.compile(r"([0-9]{1,2})[-/. ]+([^\s\d.,/-]+)[-/., ]+([0-9]{4})")
_MONTH_NAMED_FIRST = re.compile(r"([^\s\d.,/-]+)[. ]+([0-9]{1,2}),? +([0-9]{4})")
_TIME = re.compile(
    r"(?P<day>.*[0-9])(?:[T ]|, )(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])"
    r"(?::[0-5][0-9](?:[.,][0-9]+)?)?(?: ?(?P<half>[AP]M))?"
    r"(?P<zone>Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])?",
    re.IGNORECASE,
)
_CAMBODIA = timedelta(hours=7)
"""Ahead of UTC, all year."""
_SERIAL = re.compile(r"[1-6][0-9]{4}(?:\.[0-9]+)?")
_LONGEST = 60
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


_MONTH_NUMBERS = {
    fold(name): number
    for names in (MONTHS_KM, MONTHS_EN, [m[:3] for m in MONTHS_EN])
    for number, name in enumerate(names, start=1)
} | {"sept": 9}
"""Months however their letters were typed: spellings that look alike are one."""
_WORDS_KM = re.compile("|".join(map(fold, ("ថ្ងៃទី", "ថ្ងៃ", "ខែ", "ឆ្នាំ"))))
"""Day, month, year: words that stand before each in a written Khmer date."""


class UnreadableDate(UnreadableText):
    """Text that is not a date.

    Codes: ``empty``, ``not_a_date``, ``no_such_day``, ``short_year`` (two digits: which century?),
    ``year_out_of_range`` (Buddhist years too), ``number`` (what a spreadsheet program shows instead
    of a date).
    """


def parse_date(text: str, *, month_first: bool = False) -> date:
    """Read the day written in ``text``: ``2026-03-01``, ``01/03/2026``, ``០១/០៣/២០២៦``,
    ``1 March 2026``, ``01-Mar-2026``, ``១ មីនា ២០២៦``, ``ថ្ងៃទី១ ខែមីនា ឆ្នាំ២០២៦``, each with
    or without a time.

    Day before month, as everybody in Cambodia writes, unless ``month_first``. A time with a
    zone is converted to Cambodia's day. Raises UnreadableDate.
    """
    plain = to_ascii(strip_invisible(text[:_LONGEST])).strip()
    if not plain:
        raise UnreadableDate("empty", text)
    if len(text) > _LONGEST:
        raise UnreadableDate("not_a_date", text)
    if not plain.isascii():
        plain = " ".join(_WORDS_KM.sub(" ", fold(plain)).split())
    time = _TIME.fullmatch(plain)
    year, month, day = _parts(time["day"].rstrip() if time else plain, text, month_first)
    if not 1900 <= year <= 2200:
        raise UnreadableDate("year_out_of_range", text)
    try:
        day_read = date(year, month, day)
    except ValueError as error:
        raise UnreadableDate("no_such_day", text) from error
    return _in_cambodia(day_read, time) if time and time["zone"] else day_read


def _parts(plain: str, text: str, month_first: bool) -> tuple[int, int, int]:
    """Return year, month and day as numbers, whether or not there is such a day."""
    if match := _YEAR_FIRST.fullmatch(plain):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _YEAR_LAST.fullmatch(plain):
        first, second = int(match[1]), int(match[3])
        day, month = (second, first) if month_first else (first, second)
        return int(match[4]), month, day
    if match := _MONTH_NAMED.fullmatch(plain):
        return int(match[3]), _month(match[2], text), int(match[1])
    if match := _MONTH_NAMED_FIRST.fullmatch(plain):
        return int(match[3]), _month(match[1], text), int(match[2])
    if _SHORT_YEAR.fullmatch(plain):
        raise UnreadableDate("short_year", text)
    raise UnreadableDate("number" if _SERIAL.fullmatch(plain) else "not_a_date", text)


def _month(name: str, text: str) -> int:
    number = _MONTH_NUMBERS.get(fold(name))
    if number is None:
        raise UnreadableDate("not_a_date", text)
    return number


def _in_cambodia(day: date, time: re.Match[str]) -> date:
    zone = time["zone"].upper().replace(":", "")
    ahead = timedelta()
    if zone != "Z":
        ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
        ahead = -ahead if zone[0] == "-" else ahead
    hour = (
        int(time["hour"]) % 12 + 12 * (time["half"].upper() == "PM")
        if time["half"]
        else int(time["hour"])
    )
    moment = datetime(day.year, day.month, day.day, hour, int(time["minute"]))  # noqa: DTZ001
    return (moment - ahead + _CAMBODIA).date()


@lru_cache(4096)
def date_order(text: str) -> str:
    """Return the order of day and month in ``text``: "day" or "month" first, "either", or "".

    "" where the text is no date with the year last, or is the same both ways (05/05/2026).
    """
    plain = to_ascii(strip_invisible(text[:_LONGEST])).strip()
    if time := _TIME.fullmatch(plain):
        plain = time["day"].rstrip()
    match = _YEAR_LAST.fullmatch(plain)
    if match is None:
        return ""
    first, second = int(match[1]), int(match[3])
    if first > 12 >= second >= 1 and first <= 31:
        return "day"
    if second > 12 >= first >= 1 and second <= 31:
        return "month"
    return "either" if first != second and 1 <= first <= 12 and 1 <= second <= 12 else ""


def format_date(day: date, lang: str = "km") -> str:
    """Return ``day`` as dd/mm/yyyy, in Khmer digits when ``lang`` is Khmer."""
    written = f"{day.day:02}/{day.month:02}/{day.year:04}"
    return to_khmer(written) if lang == "km" else written


def format_day(day: date, lang: str = "km") -> str:
    """Return ``day`` in words: ``ថ្ងៃទី២១ ខែវិច្ឆិកា ឆ្នាំ២០២៦`` or ``21 November 2026``."""
    if lang == "km":
        month = MONTHS_KM[day.month - 1]
        return f"ថ្ងៃទី{to_khmer(str(day.day))} ខែ{month} ឆ្នាំ{to_khmer(str(day.year))}"
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def format_period(code: str, lang: str = "km") -> str:
    """Return a year, quarter or month by its code (2026, 2026-Q1, 2026-03) in words.

    ``ត្រីមាសទី១ ឆ្នាំ២០២៦`` or ``Quarter 1, 2026``; what is no such code stays as it is.
    """
    match = _PERIOD.fullmatch(code)
    if match is None:
        return code
    quarter, month = match["quarter"], match["month"]
    if lang == "km":
        year = f"ឆ្នាំ{to_khmer(match['year'])}"
        if quarter:
            return f"ត្រីមាសទី{to_khmer(quarter)} {year}"
        return f"ខែ{MONTHS_KM[int(month) - 1]} {year}" if month else year
    if quarter:
        return f"Quarter {quarter}, {match['year']}"
    return f"{MONTHS_EN[int(month) - 1]} {match['year']}" if month else f"Year {match['year']}"


def last_month(code: str) -> tuple[int, int] | None:
    """Return year and month in which the period of a code (2026, 2026-Q1, 2026-03) ends."""
    match = _PERIOD.fullmatch(code)
    if match is None:
        return None
    quarter, month = match["quarter"], match["month"]
    return int(match["year"]), 3 * int(quarter) if quarter else int(month or 12)
