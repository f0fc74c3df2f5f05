"""Khmer numbers as a person says them: from an integer to recorded fragments and to words.

The grammar is the cardinal spell-out of CLDR for ``km`` in the range 0 to 999,999,999:
units are whole words, tens take a unit after them, the magnitudes are រយ 10², ពាន់ 10³,
ម៉ឺន 10⁴, សែន 10⁵ and លាន 10⁶, each always with its own count before it ("one
thousand", never "thousand"), no "and", no filler for zero. Twenty-four fragments are
enough for every number in the range, the longest of which takes fifteen. Ten million and
more are counted in millions: "twelve million" is ``10 2 1000000``.
"""

from itertools import groupby
from typing import Final

LARGEST: Final = 999_999_999

WORDS: Final[dict[int, str]] = {
    0: "សូន្យ",
    1: "មួយ",
    2: "ពីរ",
    3: "បី",
    4: "បួន",
    5: "ប្រាំ",
    6: "ប្រាំមួយ",
    7: "ប្រាំពីរ",
    8: "ប្រាំបី",
    9: "ប្រាំបួន",
    10: "ដប់",
    20: "ម្ភៃ",
    30: "សាមសិប",
    40: "សែសិប",
    50: "ហាសិប",
    60: "ហុកសិប",
    70: "ចិតសិប",
    80: "ប៉ែតសិប",
    90: "កៅសិប",
    100: "រយ",
    1_000: "ពាន់",
    10_000: "ម៉ឺន",
    100_000: "សែន",
    1_000_000: "លាន",
}
"""The 24 fragments: the value each stands for, and how it is written in Khmer."""

_MAGNITUDES: Final = (1_000_000, 100_000, 10_000, 1_000, 100)


def clip(value: int) -> str:
    """Return the name of the clip that says the fragment for ``value``, such as ``number.1000``."""
    return f"number.{value}"


CLIPS: Final[tuple[str, ...]] = tuple(clip(value) for value in WORDS)
_VALUE_OF: Final[dict[str, int]] = {clip(value): value for value in WORDS}


def _values(n: int) -> list[int]:
    if n in WORDS and n <= 90:
        return [n]
    for magnitude in _MAGNITUDES:
        count, rest = divmod(n, magnitude)
        if count:
            return [*_values(count), magnitude, *(_values(rest) if rest else [])]
    ten = n // 10 * 10
    return [ten, n - ten]


def fragments(n: int) -> list[str]:
    """Return the clip names that, played one after another, say ``n`` in Khmer.

    ``n`` is a whole number from 0 to ``LARGEST``; anything else, a bool too, raises ValueError. At
    most fifteen names are returned.
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n <= LARGEST:
        raise ValueError(f"{n!r} is not a whole number from 0 to {LARGEST:,}")
    return [clip(value) for value in _values(n)]


def spelled(n: int) -> str:
    """Write ``n`` in Khmer words without spaces or zero-width spaces; errors as `fragments`."""
    return "".join(WORDS[_VALUE_OF[name]] for name in fragments(n))


def decoded(names: list[str]) -> int:
    """Return the number that a sequence of clip names says: the inverse of `fragments`.

    Raises ValueError for a sequence that is no number.
    """
    total = small = 0
    for name in names:
        value = _VALUE_OF.get(name)
        if value is None:
            raise ValueError(f"{name!r} is not a number's clip")
        if value == _MAGNITUDES[0]:  # millions are counted by everything said before
            total, small = (total + small) * value, 0
        elif value >= 100:
            total += small * value
            small = 0
        else:
            small += value
    number = total + small
    if number > LARGEST or fragments(number) != names:
        raise ValueError(f"no number is spoken as {names!r}")
    return number


ENGLISH: Final[dict[int, str]] = {
    0: "zero",
    1: "one",
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
    8: "eight",
    9: "nine",
    10: "ten",
    11: "eleven",
    12: "twelve",
    13: "thirteen",
    14: "fourteen",
    15: "fifteen",
    16: "sixteen",
    17: "seventeen",
    18: "eighteen",
    19: "nineteen",
    20: "twenty",
    30: "thirty",
    40: "forty",
    50: "fifty",
    60: "sixty",
    70: "seventy",
    80: "eighty",
    90: "ninety",
    100: "hundred",
    1_000: "thousand",
    1_000_000: "million",
}
"""English counts differently: teens of their own, nothing between thousand and million."""


def words_of(language: str) -> dict[int, str]:
    """Return the fragments that a language's numbers are joined from, with how they are written.

    Languages without a grammar of their own here count as Khmer does.
    """
    return ENGLISH if language == "en" else WORDS


def _english(n: int) -> list[int]:
    if n in ENGLISH and n < 100:
        return [n]
    for magnitude in (1_000_000, 1_000, 100):
        count, rest = divmod(n, magnitude)
        if count:
            return [*_english(count), magnitude, *(_english(rest) if rest else [])]
    return [n // 10 * 10, n % 10]


def counted_in(language: str, names: list[str]) -> list[str]:
    """Return clip names with every number in them counted as ``language`` counts.

    A run of fragments that is no Khmer number (the digits of a code, one by one) stays.
    """
    if words_of(language) is WORDS:
        return names
    counted: list[str] = []
    for is_number, run in groupby(names, key=_VALUE_OF.__contains__):
        number_fragments = list(run)
        try:
            value = decoded(number_fragments) if is_number else None
        except ValueError:
            value = None
        counted += number_fragments if value is None else [clip(v) for v in _english(value)]
    return counted
