"""A standard in the reader's words: ``{% load standards %}``. Unknown is never zero."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from pages.templatetags.khmer import digits, number, riel
from standards.models import Currency, DayKind, FeeUnit, Standard

register = template.Library()

OPTIONS = {
    "standard": lambda: pgettext("option of a service", "standard"),
    "normal": lambda: pgettext("option of a service", "normal"),
    "fast": lambda: pgettext("option of a service", "fast"),
    "express": lambda: pgettext("option of a service", "express"),
}


class Source(NamedTuple):
    """Where a fact was read: a link with the name of its site, or plain words."""

    text: str
    url: str


def amount_words(amount: int | None, currency: str) -> str:
    """An amount as people say it: free of charge, 10,000 riel; "" for unknown."""
    if amount is None:
        return ""
    if amount == 0:
        return _("free of charge")
    if currency == Currency.USD:
        return _("%(amount)s US dollars") % {"amount": number(amount)}
    return riel(amount)


@register.filter
def fee(standard: Standard | None) -> str:
    """The official fee with what it pays for: ``1,000 riel per sheet``."""
    if standard is None or standard.fee is None:
        return _("no published price is known")
    words = amount_words(standard.fee, standard.currency)
    if standard.fee == 0 or not standard.fee_unit:
        return words
    unit = FeeUnit(standard.fee_unit).label
    return _("%(amount)s per %(unit)s") % {"amount": words, "unit": unit}


@register.filter
def concession(standard: Standard) -> str:
    """The fee for people entitled to a lower one; "" where there is none."""
    return amount_words(standard.fee_concession, standard.currency)


@register.filter
def days(standard: Standard | None) -> str:
    """The most days it may take: ``within 3 working days``."""
    if standard is None or standard.days_max is None:
        return _("no published time is known")
    if standard.days_max == 0:
        return _("the same day")
    n = standard.days_max
    if standard.day_kind == DayKind.CALENDAR:
        words = ngettext("within %(n)s calendar day", "within %(n)s calendar days", n)
    else:
        words = ngettext("within %(n)s working day", "within %(n)s working days", n)
    return words % {"n": digits(n)}


@register.filter
def years(n: int) -> str:
    """How long a paper is valid: ``10 years``."""
    return ngettext("%(n)s year", "%(n)s years", n) % {"n": digits(n)}


@register.filter
def option_name(option: str) -> str:
    """The name of an option; one that is not known stays as it was written."""
    words = OPTIONS.get(option)
    return words() if words else option.replace("-", " ")


@register.filter
def sources(text: str) -> list[Source]:
    """The sources named in a text, split at ";", addresses as links with their site's name."""
    found = []
    for part in (p.strip() for p in text.split(" ; ")):
        if part.startswith(("https://", "http://")):
            found.append(Source(urlsplit(part).netloc.removeprefix("www."), part))
        elif part:
            found.append(Source(part, ""))
    return found
