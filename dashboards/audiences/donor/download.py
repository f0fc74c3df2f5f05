"""All indicators of the donor's page in one file: CSV, or XLSX with what the columns mean."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd
import xlsxwriter
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import require
from dashboards.audiences.donor import outputs, programmes
from dashboards.audiences.donor.released import Released, released
from dashboards.exports.files import BOM
from dashboards.text import formats
from places.models import Place
from scorecards.plans.reading import progress
from scorecards.reading import programme_results
from spreadsheets import escape
from standards.indicators import by_code
from surveys.rounds import totals

COLUMNS: Final = (
    *("part", "measure", "name", "provider_kind", "place_code", "place", "programme", "group"),
    *("period", "quarters", "value", "unit", "low", "high", "met", "judged"),
    *("change", "change_low", "change_high", "arrow", "target", "note"),
)
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Row = dict[str, Any]


def rows(user: object, figures: Released | None) -> Iterator[Row]:
    """Yield every figure of the page and of the programmes' pages, one row each."""
    names = {code: one.name for code, one in by_code().items()}
    places = {p.code: formats.pick(p.name_km, p.name_latin) for p in Place.objects.provinces()}
    if figures is not None:
        yield from _cells(figures, names, places)
        yield from _gaps(figures, names)
    yield from _people(user)
    done = progress()
    offices = figures.offices if figures is not None else programme_results.NOTHING
    for part, facts in (
        ("actions", outputs.actions(done)),
        ("world_bank", outputs.world_bank(offices, done, programme_results.cycles())),
    ):
        for fact in facts:
            yield {
                "part": part,
                "name": fact.name,
                "value": fact.share,
                "unit": "share",
                "low": fact.low,
                "high": fact.high,
                "met": fact.numerator,
                "judged": fact.denominator,
                "note": fact.note,
            }
    yield from _targets(user, figures)


def _cells(figures: Released, names: dict[str, str], places: dict[str, str]) -> Iterator[Row]:
    tables = (("services_by_year", figures.yearly), ("services_by_quarter", figures.cells))
    for part, table in tables:
        for row in table.to_dict("records"):
            yearly = part == "services_by_year"
            yield {
                "part": part,
                "measure": row["indicator"],
                "name": names.get(row["indicator"], row["indicator"]),
                "provider_kind": row["provider_kind"],
                "place_code": row["place_code"],
                "place": places.get(row["place_code"], "") or _("The whole country"),
                "period": row["year"] if yearly else row["period"],
                "quarters": row["quarters"] if yearly else "",
                "value": row["share"],
                "unit": "share",
                "low": row["low"],
                "high": row["high"],
                "met": row["met"] if yearly else row["numerator"],
                "judged": row["judged"] if yearly else row["denominator"],
                **(
                    {name: row[name] for name in ("change", "change_low", "change_high", "arrow")}
                    if yearly
                    else {}
                ),
            }


def _gaps(figures: Released, names: dict[str, str]) -> Iterator[Row]:
    for row in figures.gaps[figures.gaps["share_gap"].notna()].to_dict("records"):
        yield {
            "part": "gaps_between_groups",
            "measure": row["indicator"],
            "name": names.get(row["indicator"], row["indicator"]),
            "provider_kind": row["provider_kind"],
            "place": _("The whole country"),
            "group": row["among"],
            "period": row["period"],
            "value": row["share_gap"],
            "unit": "difference of shares",
            "low": row["share_low"],
            "high": row["share_high"],
        }


def _people(user: object) -> Iterator[Row]:
    people = totals.by_group(user)
    for one in people.groups:
        for measure, number in (("informed", one.informed), ("took_part", one.took_part)):
            yield {
                "part": "people",
                "measure": measure,
                "name": one.label,
                "group": one.group,
                "value": number,
                "unit": "people, rounded to ten",
                "note": _("fewer than 10") if number is None else "",
            }


def _targets(user: object, figures: Released | None) -> Iterator[Row]:
    for outcome in programmes.outcomes(user, figures):
        for one in outcome.against:
            wanted = one.target.value
            yield {
                "part": "targets",
                "measure": one.target.indicator or one.target.measure,
                "name": one.label,
                "provider_kind": one.target.provider_kind,
                "programme": outcome.programme.code,
                "period": one.year,
                "value": one.share,
                "unit": "share" if one.target.is_share else "people, rounded to ten",
                "low": one.low,
                "high": one.high,
                "target": wanted / 100 if one.target.is_share else wanted,
                "note": one.word,
            }


@require_safe
@require("scores.released", "scores.working")
def indicators(request: HttpRequest, suffix: str) -> HttpResponse:
    """Serve the file."""
    if suffix not in TYPES:
        raise Http404(_("There is no such file."))
    table = list(rows(request.user, released()))
    content = as_csv(table) if suffix == "csv" else as_xlsx(table)
    answer = HttpResponse(content, content_type=TYPES[suffix])
    answer["Content-Disposition"] = f'attachment; filename="indicators.{suffix}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _cell(value: Any) -> Any:
    """Return a value for a file: nothing for what is missing, four decimals for a share."""
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) > 1 else round(value, 4)
    return value


def as_csv(table: list[Row]) -> bytes:
    """Return the rows as CSV for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in table:
        cells = [_cell(row.get(name)) for name in COLUMNS]
        writer.writerow([escape(c) if isinstance(c, str) else c for c in cells])
    return (BOM + out.getvalue()).encode()


def as_xlsx(table: list[Row]) -> bytes:
    """Return the rows as XLSX.

    A second sheet says what the columns mean and where they come from.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(_("Indicators")[:31])
    sheet.write_row(0, 0, COLUMNS, bold)
    for at, row in enumerate(table, start=1):
        sheet.write_row(at, 0, [_cell(row.get(name)) for name in COLUMNS])
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, max(len(table), 1), len(COLUMNS) - 1)
    sheet.set_column(2, 2, 40)
    about = book.add_worksheet(_("About")[:31])
    for at, line in enumerate(_about()):
        about.write_string(at, 0, line)
    about.set_column(0, 0, 110)
    book.close()
    return out.getvalue()


def _about() -> list[str]:
    """Describe in sentences how the file was made and how to read its columns."""
    return [
        _("Keep its word: citizens' cases compared with official standards"),
        _("Made on %(day)s") % {"day": formats.day(timezone.localdate())},
        _(
            "Figures of services are released ones: counts are rounded at random to multiples "
            "of three so that nobody can be picked out."
        ),
        _(
            "A year is the sum of its released quarters. A change compares the same quarters of "
            "both years."
        ),
        _(
            "low and high: where the true share likely lies (95%). A missing row: too few "
            "answers to show, or none."
        ),
        _(
            "Numbers of people are rounded to ten. Actions of plans are public one by one and "
            "are exact."
        ),
    ]
