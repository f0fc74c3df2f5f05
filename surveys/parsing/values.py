"""Read the values of observations: the platform's readers, and the words of a case.

Each function takes text that is not empty and raises ``UnreadableValue`` with a sentence.
Importer, API, pages, forms, tablets and telephones all read with these.
"""

import re
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khmer.digits import to_ascii
from khmer.text import fold, strip_invisible
from parsing import values as parsing_values
from parsing.errors import UnreadableValue
from parsing.values import (
    check_characters,
    read_amount,
    read_day,
    read_whole_number,
    read_yes_no,
    shortened,
)

__all__ = [
    "read_amount",
    "read_code",
    "read_commune",
    "read_currency",
    "read_day",
    "read_indicator",
    "read_meeting_kind",
    "read_name",
    "read_note",
    "read_number",
    "read_papers",
    "read_sex",
    "read_status",
    "read_text",
    "read_word",
    "read_yes_no",
]

NONE_ASKED = frozenset(map(fold, ("none", "no", "-", "គ្មាន", "ទេ")))
_NOTHING_KNOWN = frozenset({"na", "n/a", "#n/a", "nan", "null", "nil", "?"})
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

_NUMBER = re.compile(r"[0-9][0-9.,]*(?:[eE][+-]?[0-9]{1,2})?")
_MOST_KEPT = 4096
MOST_NUMBER = 999_999_999


@lru_cache(_MOST_KEPT)
def read_text(text: str) -> str:
    """Read words as they are, without invisible characters at either end."""
    return parsing_values.read_text(text)


def read_note(text: str) -> str:
    """Read a longer text: breaks inside Khmer words stay, they are how it is displayed."""
    return check_characters(text).strip()


def read_name(text: str) -> str:
    """Read the name of an observation: digits in one writing, so that ក-១ and ក-1 are one."""
    return to_ascii(strip_invisible(check_characters(text))).strip()


@lru_cache(_MOST_KEPT)
def read_code(text: str) -> str:
    """Read a code in small letters and digits 0-9."""
    return parsing_values.read_code(text)


@lru_cache(_MOST_KEPT)
def read_indicator(text: str) -> str:
    """Read the code of an indicator, in capital letters as "CA-P1"."""
    return read_code(text).upper()


@lru_cache(_MOST_KEPT)
def read_commune(text: str) -> str:
    """Read a commune's code of six digits.

    A spreadsheet program may have made a number of it (10201, 10201.0, 10,201, 1.0201E4):
    the zero that it cut off is put back.
    """
    code = read_code(text)
    if _NUMBER.fullmatch(code):
        try:
            digits = str(read_whole_number(code))
        except UnreadableValue:
            return code
        return digits.zfill(6) if len(digits) == 5 else code if len(digits) != 6 else digits
    return code


def read_number(text: str) -> int:
    """Read a whole number that is not negative."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return read_whole_number(text, most=MOST_NUMBER)


def read_papers(text: str) -> list[str]:
    """Read papers separated by semicolons; "none" or គ្មាន says that no paper was asked.

    What programs write where nothing is known (NA) is refused: it is neither a paper nor none.
    """
    answer = fold(text)
    if answer in NONE_ASKED:
        return []
    if answer in _NOTHING_KNOWN:
        raise UnreadableValue(
            _("“%(text)s” is no document. Leave it empty if not known, or write “none”.")
            % {"text": shortened(text)}
        )
    return list(_papers(text))


@lru_cache(_MOST_KEPT)
def _papers(text: str) -> tuple[str, ...]:
    parts = (read_text(part) for part in text.replace("；", ";").split(";"))
    return tuple(part for part in parts if part)


def read_status(text: str) -> str:
    """Read a status: received, open, refused or abandoned, in English or Khmer."""
    return read_word(text, STATUSES)


def read_sex(text: str) -> str:
    """Read a sex: female, male or other, in English or Khmer."""
    return read_word(text, SEXES)


def read_currency(text: str) -> str:
    """Read a currency: KHR or USD."""
    return read_word(text, CURRENCIES)


def read_meeting_kind(text: str) -> str:
    """Read the kind of a meeting: a community's, or the provider's own."""
    return read_word(text, MEETING_KINDS)


@lru_cache
def _keys(words: tuple[str, ...]) -> dict[str, str]:
    """Return each word as it is compared, and the word itself.

    Spellings that look alike are one.
    """
    return {fold(word): word for word in words}


def read_word(text: str, existing: dict[str, str]) -> str:
    """Read one of the ``known`` words. Raises UnreadableValue with the list of them."""
    entry = existing.get(_keys(tuple(existing)).get(fold(read_code(text)), ""))
    if entry is None:
        khmer = (get_language() or "km").startswith("km")
        words = [word for word in existing if word.isascii() or khmer]
        raise UnreadableValue(
            _("“%(text)s” is none of: %(words)s.")
            % {"text": shortened(text), "words": ", ".join(words)}
        )
    return entry
