"""Whole and decimal numbers as people and programs write them, in ASCII or Khmer digits.

Latin digits group with commas (1,234,567), Khmer digits with points
(១.២៣៤.៥៦៧); people mix them, so either may group, in threes and never both.
Programs write whole numbers as ``2.0``, ``5,000.00`` or ``1e3``. Only the digits
0-9 and ០-៩ are digits here: ``²``, ``①`` and full-width digits are refused,
because ``str.isdigit`` takes them and ``int`` does not.
"""

import re
from decimal import Decimal, InvalidOperation

from khmer.digits import to_ascii
from khmer.errors import UnreadableText
from khmer.text import strip_invisible

LONGEST = 60
"""Most characters of a number; a longer text is not a number that anybody writes."""

_BLANK = "[ \u00a0\u2009\u202f]"
_NEGATIVE = re.compile(r"[-−–‒]\s*[0-9.,]|\(\s*[0-9].*\)$")
_WHOLE = re.compile(
    r"(?P<plain>[0-9]+)"
    r"|(?P<commas>[0-9]{1,3}(?:,[0-9]{3})+)"
    r"|(?P<points>[0-9]{1,3}(?:\.[0-9]{3})+)"
    rf"|(?P<blanks>[0-9]{{1,3}}(?:{_BLANK}[0-9]{{3}})+)"
)
# 2.0 and 2.0000, never three zeros, which is how thousands are written; 10,00 may lack a digit
_NOTHING_AFTER = re.compile(
    r"(?P<plain>[0-9]+)\.(?:0{1,2}|0{4,})"
    r"|(?P<commas>[0-9]{1,3}(?:,[0-9]{3})+)\.0+"
    rf"|(?P<points>[0-9]{{1,3}}(?:(?:\.|{_BLANK})[0-9]{{3}})+),0+"
)
_SCIENTIFIC = re.compile(r"[0-9](?:[.,]?[0-9]*)[eE][+-]?[0-9]{1,2}")
_FRACTION = re.compile(r"[0-9][0-9,. ]*[.,][0-9]+")
_DECIMAL = re.compile(r"[-−]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")


class UnreadableNumber(UnreadableText):
    """Text that is not a number.

    Codes: ``empty``, ``not_a_number``, ``negative``, ``fractional``, ``too_big``.
    """


def parse_whole_number(text: str, *, most_digits: int = 18) -> int:
    """Read a whole number that is not negative: ``34``, ``៣៤``, ``34.0``, ``5,000.00``, ``1e3``.

    Raises UnreadableNumber; a number that could be read two ways is refused.
    ``most_digits`` defaults to what fits into 64 bits.
    """
    plain = _plain(text)
    if _NEGATIVE.match(plain):
        raise UnreadableNumber("negative", text)
    if plain[:1] == "+":
        plain = plain[1:]
    if _SCIENTIFIC.fullmatch(plain):
        digits = _from_scientific(plain, text)
    else:
        match = _WHOLE.fullmatch(plain) or _NOTHING_AFTER.fullmatch(plain)
        if match is None:
            code = "fractional" if _FRACTION.fullmatch(plain) else "not_a_number"
            raise UnreadableNumber(code, text)
        digits = re.sub(r"[^0-9]", "", match[match.lastgroup or 0])
    if len(digits.lstrip("0")) > most_digits:
        raise UnreadableNumber("too_big", text)
    return int(digits)


def parse_decimal(text: str) -> Decimal:
    """Read a number with a point: ``11.5564``, ``-3``, ``១១.៥``; no thousands separators.

    Raises UnreadableNumber. The result is finite.
    """
    plain = _plain(text)
    if not _DECIMAL.fullmatch(plain):
        raise UnreadableNumber("not_a_number", text)
    return Decimal(plain.replace("−", "-"))


def _plain(text: str) -> str:
    if len(text) > LONGEST:
        raise UnreadableNumber("too_big" if to_ascii(text).isdecimal() else "not_a_number", text)
    plain = to_ascii(strip_invisible(text)).strip()
    if not plain:
        raise UnreadableNumber("empty", text)
    return plain


def _from_scientific(plain: str, text: str) -> str:
    try:
        value = Decimal(plain.replace(",", "."))
    except InvalidOperation as error:
        raise UnreadableNumber("not_a_number", text) from error
    if value != value.to_integral_value():
        raise UnreadableNumber("fractional", text)
    return f"{value:f}".split(".")[0]
