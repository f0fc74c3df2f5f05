"""Khmer text made comparable.

Khmer is written without blanks between words; typists and converters put invisible characters there
instead (U+200B and others). Two spellings that look the same must be found as the same, so they are
folded for search and comparison, and never for display.
"""

import re
import unicodedata
from functools import lru_cache

from khmer.spelling import one_spelling

# zero-width space and joiners, marks of direction (Windows copies them with every date), word
# joiner and invisible operators, byte order mark, soft hyphen
_INVISIBLE = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x61C, 0xFEFF, 0xAD]
)
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")


def unreadable_character(text: str) -> bool:
    """Return whether ``text`` holds NUL or a lone surrogate: neither is stored or sent as UTF-8."""
    return _UNREADABLE.search(text) is not None


def storable(text: str) -> str:
    """Return ``text`` without NUL and lone surrogates."""
    return _UNREADABLE.sub("", text)


def strip_invisible(text: str) -> str:
    """Return ``text`` without zero-width characters; everything visible stays as it was."""
    return text.translate(_INVISIBLE)


@lru_cache(8192)
def fold(text: str) -> str:
    """Fold ``text`` for search and comparison.

    The result is NFC, caseless, without zero-width characters, with single blanks, and with one
    spelling of what looks the same in Khmer (``khmer.spelling``).
    """
    # Unicode's canonical caseless matching (3.13, D145): fold the decomposed form.
    decomposed = unicodedata.normalize("NFD", strip_invisible(text))
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", decomposed).casefold())
    return one_spelling(_BLANKS.sub(" ", folded).strip())
