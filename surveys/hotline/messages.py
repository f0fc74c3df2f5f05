"""What is sent as a text message: short enough for one or two parts, facts first, no names."""

from standards.models import Standard
from surveys.hotline.facts import Option

_LONGEST = 134
"""Two parts of 67 Khmer code units."""


def answer(name: dict[str, str], option: Option, checked: str, language: str) -> str:
    """Fee, days and the date they were checked, of one service."""
    khmer = language != "en"
    parts = [name["km" if khmer else "en"] + ":"]
    parts.append(_fee(option, khmer))
    if option.days is not None:
        kind = {"working": ("ថ្ងៃធ្វើការ", "working days"), "calendar": ("ថ្ងៃ", "days")}
        parts.append(f"≤{option.days} {kind[option.day_kind][0 if khmer else 1]}")
    if checked:
        parts.append(f"({checked})")
    return " ".join(parts)[:_LONGEST]


def _fee(option: Option, khmer: bool) -> str:
    if option.fee is None:
        return "មិនមានតម្លៃផ្សាយទេ" if khmer else "no published price"
    if option.fee == 0:
        return "ឥតគិតថ្លៃ" if khmer else "free of charge"
    unit = {"KHR": ("រៀល", "riel"), "USD": ("ដុល្លារ", "US dollars")}[option.currency]
    return f"{option.fee:,} {unit[0 if khmer else 1]}"


def checked_on(row: Standard | None) -> str:
    """The date on which a standard was last checked, dd/mm/yyyy."""
    return f"{row.checked_on:%d/%m/%Y}" if row is not None and row.checked_on else ""
