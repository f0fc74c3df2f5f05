"""Amounts of riel, which has no subunit: whole numbers only.

The number itself is read by ``khmer.numbers``; the sign of the riel may stand
on either side of it.
"""

import re

from khmer.digits import to_ascii, to_khmer
from khmer.numbers import LONGEST, UnreadableNumber, parse_whole_number
from khmer.text import strip_invisible

_SIGN = re.compile(r"៛|រៀល|\briels?\b|\bKHR\b", re.IGNORECASE)
_MOST_DIGITS = 12


class UnreadableRiel(UnreadableNumber):
    """Text that is not an amount of riel.

    Codes: ``empty``, ``not_a_number``, ``negative``, ``fractional``, ``too_big``.
    """


def parse_riel(text: str) -> int:
    """Return the whole riel written in ``text``: ``10,000``, ``១០.០០០៛``, ``10 000 riel``.

    Raises UnreadableRiel; an amount that could be read two ways is refused.
    """
    plain = _SIGN.sub("", to_ascii(strip_invisible(text[:LONGEST]))).strip()
    if len(text) > LONGEST:
        raise UnreadableRiel("too_big" if plain.isdecimal() else "not_a_number", text)
    try:
        return parse_whole_number(plain, most_digits=_MOST_DIGITS)
    except UnreadableNumber as error:
        raise UnreadableRiel(error.code, text) from error


def format_number(number: int, lang: str = "km") -> str:
    """Return a whole number grouped as ``lang`` does: ``១.២៣៤`` or ``1,234``."""
    grouped = f"{number:,}"
    return to_khmer(grouped.replace(",", ".")) if lang == "km" else grouped


def format_riel(amount: int, lang: str = "km") -> str:
    """Return ``amount`` with its unit.

    The result is ``១០.០០០ ៛`` or ``10,000 riel``, with a no-break space.
    """
    unit = "៛" if lang == "km" else "riel"
    return f"{format_number(amount, lang)}\u00a0{unit}"
