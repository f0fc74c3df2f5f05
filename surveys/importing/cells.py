"""Reading one cell: the text that somebody typed, as a value.

Each reader takes text that is not empty and raises ``BadCell`` with a sentence. The
readers of the page and of the API are these too, so that Khmer digits, thousands
separators and both ways to write a date are understood everywhere alike.
"""

import re
from datetime import date
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khmer.dates import UnreadableDate, parse_date
from khmer.digits import to_ascii
from khmer.riel import UnreadableRiel, parse_riel
from khmer.text import fold, strip_invisible
from surveys.importing.errors import BadCell

YES = frozenset({"yes", "បាទ", "ចាស", "1", "true", "បាទ/ចាស"})
NO = frozenset({"no", "ទេ", "0", "false"})
NONE_ASKED = frozenset({"none", "no", "-", "គ្មាន", "ទេ"})
STATUSES = {
    "received": "received",
    "open": "open",
    "refused": "refused",
    "abandoned": "abandoned",
    "បានទទួល": "received",
    "កំពុងរង់ចាំ": "open",
    "ត្រូវបានបដិសេធ": "refused",
    "បានបោះបង់": "abandoned",
}
SEXES = {
    "female": "female",
    "male": "male",
    "other": "other",
    "ស្រី": "female",
    "ប្រុស": "male",
    "ផ្សេងទៀត": "other",
}
CURRENCIES = {
    "khr": "KHR",
    "riel": "KHR",
    "៛": "KHR",
    "រៀល": "KHR",
    "usd": "USD",
    "$": "USD",
    "us$": "USD",
    "ដុល្លារ": "USD",
}
MEETING_KINDS = {
    "community": "community",
    "self_assessment": "self_assessment",
    "self-assessment": "self_assessment",
    "self assessment": "self_assessment",
    "សហគមន៍": "community",
    "ប័ណ្ណដាក់ពិន្ទុសហគមន៍": "community",
    "ការវាយតម្លៃខ្លួនឯង": "self_assessment",
}

_WHOLE = re.compile(r"[0-9]{1,9}")
_SIGNED = re.compile(r"[-−–][0-9., ]+")
_BROKEN = re.compile(r"[0-9]+[.,][0-9]+")
_MOST_KEPT = 4096


@lru_cache(_MOST_KEPT)
def read_text(text: str) -> str:
    """Words as they are, without what cannot be seen at either end."""
    return strip_invisible(text).strip()


def read_note(text: str) -> str:
    """A longer text: breaks inside Khmer words stay, they are how it is displayed."""
    return text.strip()


def read_name(text: str) -> str:
    """The name of an observation: digits in one writing, so that ក-១ and ក-1 are one."""
    return to_ascii(strip_invisible(text)).strip()


@lru_cache(_MOST_KEPT)
def read_code(text: str) -> str:
    """A code in small letters and digits 0-9."""
    return to_ascii(strip_invisible(text)).strip().lower()


@lru_cache(_MOST_KEPT)
def read_indicator(text: str) -> str:
    """The code of an indicator, in capital letters as "CA-P1"."""
    return read_code(text).upper()


@lru_cache(_MOST_KEPT)
def read_commune(text: str) -> str:
    """A commune's code of six digits; the zero that a spreadsheet program cut off is put back."""
    code = read_code(text)
    return code.zfill(6) if code.isdigit() and len(code) == 5 else code


def read_day(text: str) -> date:
    """A date as dd/mm/yyyy or yyyy-mm-dd."""
    found = _day(text)
    if isinstance(found, date):
        return found
    said = {"text": text}
    raise BadCell(
        {
            "no_such_day": _("There is no such day: “%(text)s”."),
            "short_year": _("Write the year with four digits: “%(text)s”."),
            "year_out_of_range": _("The year in “%(text)s” is not of our time."),
        }.get(found, _("“%(text)s” is no date; write dd/mm/yyyy or yyyy-mm-dd."))
        % said
    )


@lru_cache(_MOST_KEPT)
def _day(text: str) -> date | str:
    """The date, or the code of what is wrong: only the sentence depends on the language."""
    try:
        return parse_date(text)
    except UnreadableDate as error:
        return error.code


def read_amount(text: str) -> int:
    """A whole amount of money, with or without thousands separators and the sign of the riel."""
    found = _amount(text)
    if isinstance(found, int):
        return found
    said = {"text": text}
    raise BadCell(
        {
            "negative": _("An amount cannot be negative: “%(text)s”."),
            "fractional": _("An amount is a whole number: “%(text)s”."),
            "too_big": _("This is no amount that anybody pays: “%(text)s”."),
        }.get(found, _("“%(text)s” is no amount of money."))
        % said
    )


@lru_cache(_MOST_KEPT)
def _amount(text: str) -> int | str:
    try:
        return parse_riel(text)
    except UnreadableRiel as error:
        return error.code


def read_number(text: str) -> int:
    """A whole number that is not negative."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    plain = read_code(text)
    if _WHOLE.fullmatch(plain):
        return int(plain)
    said = {"text": text}
    if _SIGNED.fullmatch(plain):
        raise BadCell(_("A number cannot be negative here: “%(text)s”.") % said)
    if _BROKEN.fullmatch(plain):
        raise BadCell(_("A whole number is needed here: “%(text)s”.") % said)
    raise BadCell(_("“%(text)s” is no number.") % said)


def read_yes_or_no(text: str) -> bool:
    """yes or no, in English, Khmer or as 1 and 0."""
    word = read_code(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadCell(_("“%(text)s” is neither yes nor no.") % {"text": text})


def read_papers(text: str) -> list[str]:
    """Papers separated by semicolons; "none" or គ្មាន says that no paper was asked."""
    if fold(text) in NONE_ASKED:
        return []
    return list(_papers(text))


@lru_cache(_MOST_KEPT)
def _papers(text: str) -> tuple[str, ...]:
    parts = (read_text(part) for part in text.replace("；", ";").split(";"))
    return tuple(part for part in parts if part)


def read_status(text: str) -> str:
    """received, open, refused or abandoned, in English or Khmer."""
    return _word(text, STATUSES)


def read_sex(text: str) -> str:
    """female, male or other, in English or Khmer."""
    return _word(text, SEXES)


def read_currency(text: str) -> str:
    """KHR or USD."""
    return _word(text, CURRENCIES)


def read_meeting_kind(text: str) -> str:
    """A community's meeting or the provider's own."""
    return _word(text, MEETING_KINDS)


def _word(text: str, known: dict[str, str]) -> str:
    found = known.get(read_code(text))
    if found is None:
        khmer = (get_language() or "km").startswith("km")
        words = [word for word in known if word.isascii() or khmer]
        raise BadCell(
            _("“%(said)s” is none of: %(words)s.") % {"said": text, "words": ", ".join(words)}
        )
    return found
