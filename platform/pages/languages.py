"""The reader's language: Khmer, unless they chose English."""

from typing import Literal

from django.utils.translation import get_language


def readers_language() -> Literal["km", "en"]:
    """Return the language this page or sentence is made in."""
    return "en" if (get_language() or "km").startswith("en") else "km"


def in_language(km: str, en: str) -> str:
    """Return the text in the reader's language, or the other where that one is empty."""
    first, second = (en, km) if readers_language() == "en" else (km, en)
    return first or second
