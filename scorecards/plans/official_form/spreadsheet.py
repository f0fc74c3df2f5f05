"""A plan as a spreadsheet with the official columns, and its import."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from accounts.models import User
from pages.languages import readers_language
from scorecards.plans.models import Action, Plan
from scorecards.plans.official_form.columns import ACTIONS
from scorecards.plans.official_form.rows import Taken, take_rows
from surveys.importing.columns import Column
from surveys.importing.rejects import Rejects
from surveys.importing.sheets import Sheet, teller
from surveys.importing.tables import Table, open_table
from surveys.validation import Problems

_WIDTHS = {"activity": 48, "target": 24, "helpers": 28, "office": 28, "heard": 40, "id": 38}
_CHOICES = {"part", "proposed_by", "level", "money"}


def header(column: Column) -> str:
    """Return the header of a column in the reader's language."""
    return column.khmer if readers_language() == "km" else column.name


def cell(action: Action, name: str) -> Any:
    """Return the value of one column for an action, typed: days are dates, riel are numbers."""
    if name == "id":
        return str(action.uuid)
    if name == "office":
        return action.office.name_km if action.office else ""
    if name in {"provider", "indicator", "service"}:
        record = getattr(action, name)
        return record.code if record else ""
    if name in _CHOICES:
        return getattr(action, f"get_{name}_display")() if getattr(action, name) else ""
    return getattr(action, name)


def plan_as_xlsx(plan: Plan) -> bytes:
    """Return the actions of one plan as XLSX; the heading of the form prints above each page."""
    actions = plan.actions.select_related("office", "provider", "indicator", "service")
    rows = [[cell(action, column.name) for column in ACTIONS] for action in actions]
    return as_xlsx(ACTIONS, rows, heading=heading(plan))


def heading(plan: Plan) -> str:
    """Return the heading of the printed sheet: the year and the commune."""
    return _("Joint accountability action plan %(year)s · %(place)s") % {
        "year": plan.year,
        "place": plan.commune.path_name,
    }


def as_xlsx(columns: tuple[Column, ...], rows: Iterable[list[Any]], *, heading: str = "") -> bytes:
    """Return rows of typed cells under the columns' headers."""
    out = BytesIO()
    book: Any = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    days = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
    integers = book.add_format({"num_format": "#,##0", "valign": "top"})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, header(column), bold)
        sheet.set_column(place, place, _WIDTHS.get(column.name, 15))
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write(sheet, number, place, value, (wrap, days, integers))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if heading:
        sheet.set_header(f"&C{heading[:200].replace('&', '&&')}")
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, place: int, value: Any, formats: tuple[Any, Any, Any]) -> None:
    wrap, days, total = formats
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(row, place, value, days)
    elif isinstance(value, Decimal):
        sheet.write_number(row, place, float(value), wrap)
    elif isinstance(value, int):
        sheet.write_number(row, place, value, total)
    else:
        sheet.write_string(row, place, str(value), wrap)


@dataclass
class Reading:
    """An open file: its table and its rows as facts with what is wrong in them."""

    table: Table
    rows: list[tuple[int, dict[str, Any], Problems]]
    texts: dict[int, list[str]]


def read_file(path: Path, columns: tuple[Column, ...], *, name: str) -> Reading:
    """Read every row of a spreadsheet. Raises BadFile for what is wrong with all of it."""
    table = open_table(path, columns, name=name)
    tell = teller(Sheet("plan", columns, _nobody, SimpleNamespace), table)
    rows, texts = [], {}
    for number, cells in table.rows:
        texts[number] = cells
        rows.append((number, *_facts(tell(number, cells), columns, table)))
    return Reading(table, rows, texts)


def _facts(
    reports: tuple[Any, Problems], columns: tuple[Column, ...], table: Table
) -> tuple[dict[str, Any], Problems]:
    """Return facts of the columns that are there; an empty cell is an empty fact."""
    values, problems = reports
    facts = {
        column.name: getattr(values, column.name, None)
        for column in columns
        if column.name in table.places
    }
    for column in columns:
        name = column.name
        if name in facts and facts[name] is None and column.read in _TEXTS:
            facts[name] = ""
        if column.required and facts.get(name) in (None, "") and name not in problems:
            problems.say(name, _("This is needed."))
    return facts, problems


def _nobody(**_facts: Any) -> list[Any]:
    raise AssertionError("rows of plans are recorded by take_rows")


_TEXTS = {
    column.read
    for column in ACTIONS
    if column.name
    in {
        "activity",
        "proposed_by",
        "target",
        "location",
        "result_unit",
        "helpers",
        "money",
        "money_reference",
        "heard",
    }
}


@dataclass
class Imported:
    """The result of importing one plan, with the file of rejected rows."""

    taken: Taken
    rejects: bytes | None
    suffix: str
    sentences: list[str]


def import_plan(*, by: User, plan: Plan, file: "UploadedFile[Any]", reason: str) -> Imported:
    """Import a spreadsheet of actions into a plan. Raises BadFile."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan"
        with path.open("wb") as target:
            for piece in file.chunks():
                target.write(piece)
        reading = read_file(path, ACTIONS, name=file.name or "")
        taken = take_rows(by=by, plan=plan, rows=reading.rows, reason=reason)
        rejects, sentences = rejected_rows(reading, taken.rejected, Path(folder))
    suffix = ".xlsx" if reading.table.is_xlsx else ".csv"
    return Imported(taken, rejects, suffix, [*reading.table.notices, *sentences])


def rejected_rows(
    reading: Reading, rejected: list[tuple[int, Problems]], folder: Path
) -> tuple[bytes | None, list[str]]:
    """Return the rejected rows as a file to correct, and a sentence for each."""
    path = folder / "rejected"
    sentences = []
    with Rejects(path, reading.table, readers_language()) as out:
        for number, problems in rejected:
            sentences.append(out.add(number, reading.texts[number], problems))
    return (path.read_bytes() if path.exists() else None), sentences


def rows_of(plan: Plan) -> Iterator[list[Any]]:
    """Yield the typed cells of a plan's actions."""
    for action in plan.actions.select_related("office", "provider", "indicator", "service"):
        yield [cell(action, column.name) for column in ACTIONS]
