"""Numbers, money, days and names as the reader's language writes them: ``{% load khmer %}``."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from khmer.dates import format_date, format_day
from khmer.digits import to_khmer
from khmer.riel import format_number, format_riel
from pages.languages import readers_language
from pages.period_names import period_name

register = template.Library()


def _day(value: date | datetime) -> date:
    """Return a moment's day in Phnom Penh; a day is itself."""
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@register.filter
def digits(value: Any) -> str:
    """Return a text or number with its digits in the reader's script; nothing for None."""
    if value is None:
        return ""
    return to_khmer(str(value)) if readers_language() == "km" else str(value)


@register.filter
def number(value: int | None) -> str:
    """Return a whole number, grouped: ``១.២៣៤`` or ``1,234``; nothing for None."""
    return "" if value is None else format_number(int(value), readers_language())


@register.filter
def riel(value: int | None) -> str:
    """Return an amount with its unit: ``១០.០០០ ៛`` or ``10,000 riel``; nothing for None."""
    return "" if value is None else format_riel(int(value), readers_language())


@register.filter
def day(value: date | datetime | None) -> str:
    """Return a day (of a moment: the day in Phnom Penh) as dd/mm/yyyy; nothing for None."""
    return "" if value is None else format_date(_day(value), readers_language())


@register.filter
def day_words(value: date | datetime | None) -> str:
    """Return a day in words: ``ថ្ងៃទី២១ ខែវិច្ឆិកា ឆ្នាំ២០២៦`` or ``21 November 2026``."""
    return "" if value is None else format_day(_day(value), readers_language())


@register.filter
def period(code: str | None) -> str:
    """Return a period's code in words: ``ត្រីមាសទី១ ឆ្នាំ២០២៦`` or ``Quarter 1, 2026``."""
    return period_name(code) if code else ""


@register.filter
def moment(value: datetime | None) -> str:
    """Return a moment in Phnom Penh: ``21/11/2026 14:05``, in the reader's digits."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{format_date(local.date(), readers_language())} {digits(f'{local:%H:%M}')}"


@register.filter
def percent(share: float | None, decimals: int = 0) -> str:
    """Return a share between 0 and 1 as a percentage: ``៨២%`` or ``82%``; nothing for None."""
    if share is None:
        return ""
    written = f"{100 * share:.{int(decimals)}f}"
    if readers_language() == "km":
        written = to_khmer(written.replace(".", ","))
    return f"{written}%"


@register.filter
def in_language(record: Any, field: str = "name") -> str:
    """Return ``record.<field>_km`` or its English (or Latin) one, by the reader's language."""
    suffixes = ("km",) if readers_language() == "km" else ("en", "latin")
    for suffix in (*suffixes, "km", "en", "latin"):
        if value := getattr(record, f"{field}_{suffix}", ""):
            return str(value)
    return ""
