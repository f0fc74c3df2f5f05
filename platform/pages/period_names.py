"""Periods in words, in the reader's language; a period that is not over is marked."""

from django.utils import timezone
from django.utils.translation import gettext as _

from khmer.dates import format_period, last_month
from pages.languages import readers_language


def period_name(code: str) -> str:
    """Return a period's code in words: "Quarter 3, 2026", "March 2026", "Year 2026 (not over yet)".

    The mark is part of the name everywhere: menus, headings, tables, charts, files.
    """
    name, ends = format_period(code, readers_language()), last_month(code)
    today = timezone.localdate()
    if ends is None or ends < (today.year, today.month):
        return name
    return _("%(period)s (not over yet)") % {"period": name}
