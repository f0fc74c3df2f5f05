"""The terms of a standard in words, in the reader's language.

Every channel uses these: pages, both apps, posters, text messages, scorecards, and the script
that speakers of the hotline read. What was never published is said so, never shown as zero.
"""

from collections.abc import Callable
from typing import Protocol

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.languages import in_language
from pages.templatetags.khmer import digits, number, riel
from standards.models import Currency, DayKind, FeeUnit
from standards.options import option_names

LANGUAGES = ("km", "en")


class Priced(Protocol):
    """An object with a fee: a ``Standard`` or its ``Terms``."""

    @property
    def fee(self) -> int | None: ...
    @property
    def fee_concession(self) -> int | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def fee_unit(self) -> str: ...


class Timed(Protocol):
    """An object with a time limit: a ``Standard`` or its ``Terms``."""

    @property
    def days_max(self) -> int | None: ...
    @property
    def day_kind(self) -> str: ...


class Documented(Protocol):
    """An object with a list of documents: ``Terms``."""

    @property
    def documents(self) -> tuple[tuple[str, str, str], ...]: ...
    @property
    def documents_known(self) -> bool: ...


def in_both_languages(words: Callable[[], str]) -> list[str]:
    """Return the same words in Khmer and in English."""
    texts = []
    for language in LANGUAGES:
        with translation.override(language):
            texts.append(words())
    return texts


def amount(value: int | None, currency: str) -> str:
    """Return an amount as people say it: free of charge, 10,000 riel; "" for unknown."""
    if value is None:
        return ""
    if value == 0:
        return _("free of charge")
    if currency == Currency.USD:
        return _("%(amount)s US dollars") % {"amount": number(value)}
    return riel(value)


def fee(terms: Priced | None) -> str:
    """Return the official fee with what it pays for: ``1,000 riel per sheet``."""
    if terms is None or terms.fee is None:
        return _("no published price is known")
    words = amount(terms.fee, terms.currency)
    if terms.fee == 0 or not terms.fee_unit:
        return words
    unit = FeeUnit(terms.fee_unit).label
    return _("%(amount)s per %(unit)s") % {"amount": words, "unit": unit}


def concession(terms: Priced) -> str:
    """Return the fee for people entitled to a lower one; "" where there is none."""
    return amount(terms.fee_concession, terms.currency)


def days(terms: Timed | None) -> str:
    """Return the most days it may take: ``within 3 working days``."""
    if terms is None or terms.days_max is None:
        return _("no published time is known")
    if terms.days_max == 0:
        return _("the same day")
    n = terms.days_max
    if terms.day_kind == DayKind.CALENDAR:
        words = ngettext("within %(n)s calendar day", "within %(n)s calendar days", n)
    else:
        words = ngettext("within %(n)s working day", "within %(n)s working days", n)
    return words % {"n": digits(n)}


def documents_note(terms: Documented | None) -> str:
    """Return the note beside the documents: none needed, none published, or not complete.

    "" where the list is complete and not empty.
    """
    if terms is not None and terms.documents_known:
        return "" if terms.documents else _("no documents are needed")
    if terms is not None and terms.documents:
        return _("this list may not be complete")
    return _("no published list is known; ask the office first")


def documents_in_short(terms: Documented) -> str:
    """Return the number of documents with the note beside them."""
    n = len(terms.documents)
    listed = ngettext("%(n)s document", "%(n)s documents", n) % {"n": digits(n)} if n else ""
    return "; ".join(filter(None, [listed, documents_note(terms)]))


def years(n: int) -> str:
    """Return the validity of a document in words: ``10 years``."""
    return ngettext("%(n)s year", "%(n)s years", n) % {"n": digits(n)}


def option_name(option: str) -> str:
    """Return the name of an option; one that is not known stays as it was written."""
    names = option_names().get(option)
    return in_language(*names) if names else option.replace("-", " ")
