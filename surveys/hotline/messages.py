"""Text messages: one or two parts, facts first, no names."""

from datetime import date

from django.utils import translation

from standards import wording
from standards.models import Standard
from surveys.hotline.facts import Option

_LONGEST = 134
"""Two parts of 67 Khmer code units."""


def answer(name: dict[str, str], option: Option, checked: str, language: str) -> str:
    """Write fee, days and the date they were checked, of one service."""
    khmer = language != "en"
    with translation.override("km" if khmer else "en"):
        parts = [wording.fee(option)]
        if option.days_max is not None:
            parts.append(wording.days(option))
    # a no-break space is not in GSM 7: it would halve what fits into a message
    parts = [part.replace("\xa0", " ") for part in parts]
    if checked:
        parts.append(f"({checked})")
    # a long name is shortened rather than a fact, and Khmer is never cut inside a letter
    facts = " ".join(parts)
    named = f"{name['km' if khmer else 'en']}: {facts}"
    return named if len(named) <= _LONGEST else facts


def reminder(name: dict[str, str], promised: date, line: str, language: str) -> str:
    """Write that the promised day of a request has come, and which number to call with its code."""
    if language == "en":
        words = f"{name['en']}: promised for {promised:%d/%m/%Y}. Received, or not?"
        return _fitting(words, f" Call {line} with your code." if line else "")
    words = f"{name['km']}៖ ថ្ងៃកំណត់ {promised:%d/%m/%Y}។ បានទទួលឬនៅ?"
    return _fitting(words, f" ហៅ {line} ជាមួយលេខកូដ។" if line else "")


def _fitting(words: str, more: str) -> str:
    """Return `words` with `more` after them if both fit into two parts.

    Nothing is cut in the middle.
    """
    return words + more if len(words + more) <= _LONGEST else words


def checked_on(row: Standard | None) -> str:
    """Return the date on which a standard was last checked, dd/mm/yyyy."""
    return f"{row.checked_on:%d/%m/%Y}" if row is not None and row.checked_on else ""
