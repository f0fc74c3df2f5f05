"""Amounts of riel, which has no subunit: whole numbers only.

Latin digits group with commas (1,234,567), Khmer digits with points
(១.២៣៤.៥៦៧); people mix them, so either may group, in threes and never both.
"""

import re

from khmer.digits import to_ascii, to_khmer
from khmer.errors import UnreadableText
from khmer.text import strip_invisible

_SIGN = re.compile(r"៛|រៀល|\briels?\b|\bKHR\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"^\s*[-−–‒]|^\s*\(.*\)\s*$")
_PLAIN = re.compile(r"[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:(,)[0-9]{3}(?:,[0-9]{3})*|(\.)[0-9]{3}(?:\.[0-9]{3})*)")
_SPACED = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+")
# What spreadsheets add: 10000.0, 10,000.00 and 10.000,00 are whole amounts all the same.
_NOTHING_AFTER = re.compile(
    r"(?P<whole>[0-9]+(?:,[0-9]{3})*)\.0{1,2}|(?P<khmer>[0-9]+(?:\.[0-9]{3})+),0{1,2}"
)
_FRACTION = re.compile(r"[0-9][0-9,. ]*[.,][0-9]+")
_MOST_DIGITS = 12


class UnreadableRiel(UnreadableText):
    """Text that is no amount of riel. Codes: ``empty``, ``not_a_number``, ``negative``,
    ``fractional``, ``too_big``."""


def parse_riel(text: str) -> int:
    """The whole riel written in ``text``: ``10,000``, ``១០.០០០៛``, ``10 000 riel``.

    Raises UnreadableRiel; an amount that could be read two ways is refused.
    """
    plain = _SIGN.sub("", to_ascii(strip_invisible(text))).strip()
    if not plain:
        raise UnreadableRiel("empty", text)
    if _NEGATIVE.search(plain):
        raise UnreadableRiel("negative", text)
    if match := _NOTHING_AFTER.fullmatch(plain):
        plain = match["whole"] or match["khmer"]
    if not any(form.fullmatch(plain) for form in (_PLAIN, _GROUPED, _SPACED)):
        raise UnreadableRiel("fractional" if _FRACTION.fullmatch(plain) else "not_a_number", text)
    digits = re.sub(r"[^0-9]", "", plain)
    if len(digits.lstrip("0")) > _MOST_DIGITS:
        raise UnreadableRiel("too_big", text)
    return int(digits)


def format_number(number: int, lang: str = "km") -> str:
    """A whole number grouped as ``lang`` does: ``១.២៣៤`` or ``1,234``."""
    grouped = f"{number:,}"
    return to_khmer(grouped.replace(",", ".")) if lang == "km" else grouped


def format_riel(amount: int, lang: str = "km") -> str:
    """``amount`` with its unit: ``១០.០០០ ៛`` or ``10,000 riel``, held together by a hard blank."""
    unit = "៛" if lang == "km" else "riel"
    return f"{format_number(amount, lang)}\u00a0{unit}"
