"""Files of a page: the same rows in the same order, and their source."""

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


def _source(comparison: Comparison, query: Query, choices: Choices) -> dict[str, str]:
    """Describe the selection and the origin of its figures: heading -> value."""
    computed = comparison.computed_at
    made = timezone.localtime(computed).isoformat(timespec="minutes") if computed else ""
    kind = _("working figures, not released") if comparison.is_working else _("public figures")
    return {
        **described(query, choices),
        _("Kind of figures"): kind,
        _("Computed at"): made,
        _("Share of the whole country"): written(comparison.national.share, "{:.4f}"),
        _("Places compared"): str(comparison.places),
        _("Method version"): comparison.method_version,
        _("Source"): _("Keep its word: citizens' cases compared with official standards"),
    }


def comparison_csv(
    comparison: Comparison, rows: pd.DataFrame, query: Query, choices: Choices
) -> str:
    """Return the rows as CSV for a spreadsheet: BOM, headings in the reader's language, plain
    digits.

    The choices are repeated in every row, so that a row cut out of the file still says
    what it is. A number that is not shown on the page is empty here, and ``status``
    says why.
    """
    fixed = _source(comparison, query, choices)
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
        cells = [*names, *figures, status, row["funnel"], row["arrow"], rules]
        writer.writerow([escape(cell) for cell in [*cells, *fixed.values()]])
    return BOM + page.getvalue()


def described(query: Query, choices: Choices) -> Mapping[str, str]:
    """Describe the chosen selection in words: heading -> value."""
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
