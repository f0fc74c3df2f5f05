"""What is sent as a text message: short enough for one or two parts, facts first, no names."""

from datetime import date

from standards.models import Standard
from surveys.hotline.facts import Option

_PER = {"sheet": ("/សន្លឹក", " a sheet"), "document": ("/ច្បាប់", " a document")}
_LONGEST = 134
"""Two parts of 67 Khmer code units."""


def answer(name: dict[str, str], option: Option, checked: str, language: str) -> str:
    """Fee, days and the date they were checked, of one service."""
    khmer = language != "en"
    parts = [_fee(option, khmer)]
    if option.days is not None:
        kind = {"working": ("ថ្ងៃធ្វើការ", "working days"), "calendar": ("ថ្ងៃ", "days")}
        parts.append(f"≤{option.days} {kind[option.day_kind][0 if khmer else 1]}")
    if checked:
        parts.append(f"({checked})")
    # a name may be long: it gives way to the facts, and Khmer is never cut inside a letter
    facts = " ".join(parts)
    named = f"{name['km' if khmer else 'en']}: {facts}"
    return named if len(named) <= _LONGEST else facts


def reminder(name: dict[str, str], promised: date, line: str, language: str) -> str:
    """That the promised day of a request has come, and which number to call with its code."""
    if language == "en":
        words = f"{name['en']}: promised for {promised:%d/%m/%Y}. Received, or not?"
        return _fitting(words, f" Call {line} with your code." if line else "")
    words = f"{name['km']}៖ ថ្ងៃកំណត់ {promised:%d/%m/%Y}។ បានទទួលឬនៅ?"
    return _fitting(words, f" ហៅ {line} ជាមួយលេខកូដ។" if line else "")


def _fitting(words: str, more: str) -> str:
    """`words` with `more` after them if both fit into two parts; nothing is cut in the middle."""
    return words + more if len(words + more) <= _LONGEST else words


def _fee(option: Option, khmer: bool) -> str:
    if option.fee is None:
        return "មិនមានតម្លៃផ្សាយទេ" if khmer else "no published price"
    if option.fee == 0:
        return "ឥតគិតថ្លៃ" if khmer else "free of charge"
    unit = {"KHR": ("រៀល", "riel"), "USD": ("ដុល្លារ", "US dollars")}[option.currency]
    words = f"{option.fee:,} {unit[0 if khmer else 1]}"
    return f"{words}{_PER[option.unit][0 if khmer else 1]}" if option.several else words


def checked_on(row: Standard | None) -> str:
    """The date on which a standard was last checked, dd/mm/yyyy."""
    return f"{row.checked_on:%d/%m/%Y}" if row is not None and row.checked_on else ""
