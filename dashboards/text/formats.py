"""Numbers, periods and standings in words, in the language of the moment."""

from datetime import date
from functools import cache
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from khmer.dates import format_date
from khmer.digits import to_khmer
from khmer.riel import format_number
from pages import period_names
from scorecards import periods

period_name = period_names.period_name
"""A period's code in words, with a mark where it still runs."""


def is_khmer() -> bool:
    """Return whether the reader reads Khmer."""
    return (get_language() or "km").startswith("km")


def pick(khmer: str, other: str) -> str:
    """Return the name in the reader's language, or the other where that is empty."""
    return (khmer or other) if is_khmer() else (other or khmer)


def digits(text: object) -> str:
    """Return ``text`` with the digits of the reader's language."""
    return to_khmer(str(text)) if is_khmer() else str(text)


def count(number: int | float) -> str:
    """Return a whole number, thousands marked: 1,652 or ១.៦៥២."""
    return format_number(int(number), "km" if is_khmer() else "en")


def percent(share: float) -> str:
    """Return a share 0..1 as a whole percentage: 82% or ៨២%."""
    return digits(f"{share * 100:.0f}%")


def interval(low: float, high: float) -> str:
    """Return both bounds of an interval: 61% to 93%."""
    return _("%(low)s to %(high)s") % {"low": percent(low), "high": percent(high)}


def points(difference: float) -> str:
    """Return a difference of shares in points, without its sign."""
    return digits(f"{abs(difference) * 100:.0f}")


def is_over(period: str) -> bool:
    """Return whether the period with this code is over."""
    return periods.parse(period).is_over(timezone.localdate())


def full_stop() -> str:
    """Return the sign that ends a sentence in the reader's language."""
    return "។" if is_khmer() else "."


def nothing() -> str:
    """Return the text in place of a missing figure, the same for empty and for too small cells."""
    return _("Too few answers to show, or none.")


class Mark(NamedTuple):
    """The signs of a standing: a word, a shape for charts, a sign for text, a colour."""

    word: str
    symbol: str
    sign: str
    colour: str
    css: str


BLUE, ORANGE, GREY, PALE, SPECK = "#12466b", "#9a4300", "#55504a", "#857c70", "#c9c1b4"


def mark(standing: str) -> Mark:
    """Return the mark of a standing.

    It is never a colour alone; colours are blue and orange rather than red and green.
    """
    marks = _marks(get_language() or "km")
    return marks.get(standing, marks["no_data"])


@cache
def _marks(language: str) -> dict[str, Mark]:
    """Return all marks in one language, worded once: a map asks for one per commune."""
    with override(language):
        return {
            "better": Mark(_("better than others"), "triangle-up", "▲", BLUE, "better"),
            "worse": Mark(_("worse than others"), "triangle-down", "▼", ORANGE, "worse"),
            "as_expected": Mark(
                _("no clear difference from average"), "circle", "●", GREY, "expected"
            ),
            "waiting": Mark(_("not compared yet"), "circle", "●", GREY, "expected"),
            "few": Mark(_("few answers, not compared"), "circle-open", "○", GREY, "few"),
            **{
                standing: Mark(word, "x-thin-open", sign, PALE, "toofew")
                for standing, word, sign in (
                    ("too_few", _("too few answers to show, or none"), "×"),
                    ("not_yet_known", _("not yet known"), "…"),
                    ("withdrawn", _("being corrected"), "…"),
                )
            },
            # Places of which nothing was asked or answered: a speck, so that a map of the nation
            # shows the others.
            "no_standard": Mark(_("no published standard"), "circle", "–", SPECK, "silent"),
            "no_data": Mark(_("too few answers to show, or none"), "circle", "–", SPECK, "silent"),
            "not_released": Mark(_("not released"), "circle", "–", SPECK, "silent"),
        }


def day(moment: date) -> str:
    """Return a day as dd/mm/yyyy in the reader's digits."""
    return format_date(moment, "km" if is_khmer() else "en")
