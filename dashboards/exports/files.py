"""What is on the page, as a file: the same rows in the same order, and where they come from."""

import csv
import io
from collections.abc import Mapping

import pandas as pd
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboards.data.comparison import EARLIER, ROUNDED
from dashboards.data.sources import Comparison
from dashboards.query import Choices, Query
from dashboards.text import formats
from spreadsheets import escape

BOM = "\ufeff"


def comparison_csv(
    comparison: Comparison, rows: pd.DataFrame, query: Query, choices: Choices
) -> str:
    """The rows as CSV for a spreadsheet: BOM, headings in the reader's language, plain digits.

    What was chosen stands in every row, so that a row cut out of the file still says
    what it is. A number that is not shown on the page is empty here, and ``status``
    says why.
    """
    chosen = described(query, choices)
    computed = comparison.computed_at
    made = timezone.localtime(computed).isoformat(timespec="minutes") if computed else ""
    kind = _("working figures, not released") if comparison.is_working else _("public figures")
    fixed = {**chosen, _("Kind of figures"): kind, _("Computed at"): made}
    fixed[_("Share of the whole country")] = written(comparison.national.share, "{:.4f}")
    fixed[_("Places compared")] = str(comparison.places)
    fixed[_("Method version")] = comparison.method_version
    fixed[_("Source")] = _("Keep its word: citizens' cases compared with official standards")
    headings = [
        _("Code"), _("Name in Khmer"), _("Name in Latin letters"), _("Met the standard"),
        _("Judged"), _("Share"), _("Interval from"), _("Interval to"), _("Status"), _("Class"),
        _("Change since the period before"), _("Rounding"),
    ]  # fmt: skip
    rounding = {
        ROUNDED: _("about so many: rounded to protect privacy"),
        EARLIER: _("published under earlier rules"),
    }
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow([*headings, *fixed])
    for row in rows.to_dict("records"):
        figures = [
            *[written(row[name], "{:.0f}") for name in ("met", "judged")],
            *[written(row[name], "{:.4f}") for name in ("share", "low", "high")],
        ]
        names = [row["code"], row["name_km"], row["name_latin"]]
        status = formats.mark(str(row["standing"])).word
        rules = "" if pd.isna(row["judged"]) else rounding.get(row["rules"], "")
        messages = [*names, *figures, status, row["funnel"], row["arrow"], rules]
        writer.writerow([escape(cell) for cell in [*messages, *fixed.values()]])
    return BOM + page.getvalue()


def described(query: Query, choices: Choices) -> Mapping[str, str]:
    """What was chosen, in words: heading -> value."""
    return {
        _("Period"): choices.periods.get(query.period, query.period),
        _("Kind of provider"): choices.kinds.get(query.kind, query.kind),
        _("Service"): choices.services.get(query.kind, {}).get(query.service)
        or _("All services together"),
        _("Indicator"): choices.indicators.get(query.kind, {}).get(query.indicator)
        or query.indicator,
        _("Province"): choices.provinces.get(query.province) or _("The whole country"),
    }


def written(value: float, form: str) -> str:
    """Write a number for a spreadsheet, in plain digits; nothing where it is missing."""
    return "" if pd.isna(value) else form.format(value)
