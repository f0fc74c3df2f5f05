"""From a row of text to a reported observation, for each kind of spreadsheet."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from khmer.dates import date_order
from parsing.errors import UnreadableValue
from surveys import services
from surveys.importing.columns import OF_KIND, Column
from surveys.importing.judging import Judgement
from surveys.importing.tables import Table
from surveys.parsing import values
from surveys.services import ReportedCase, ReportedCheck, ReportedMeeting, ReportedVote
from surveys.validation import Problems

Reported = Any
Tell = Callable[[int, list[str]], tuple[Reported, Problems]]
_SERIAL = re.compile(r"[3-6][0-9]{4}(?:\.[0-9]+)?")
_WORDS = (values.read_text, values.read_note, values.read_name, values.read_papers)
_ERROR_WORD = re.compile(r"#(?:N/A|#+|GETTING_DATA|[A-Z]+(?:/0)?[!?])|Err:5[0-9]{2}")
"""Texts that Excel and LibreOffice show in a cell that could not be computed, or is too narrow."""
_MOST_REMEMBERED = 10_000
ERROR, FORMULA, MERGED = "error", "formula", "merged"


@dataclass(frozen=True)
class Sheet:
    """One kind of spreadsheet: its columns, and the service that records its rows."""

    kind: str
    columns: tuple[Column, ...]
    record: Callable[..., list[services.RowResult]]
    blank: Callable[[], Reported]
    part_of: Callable[[Reported, Column], Any] | None = None


def _vote_or_meeting(reported: Reported, column: Column) -> Any:
    return reported[0] if column.part == "meeting" else reported[1]


SHEETS = {
    "cases": Sheet("cases", OF_KIND["cases"], services.record_cases, ReportedCase),
    "checks": Sheet("checks", OF_KIND["checks"], services.record_checks, ReportedCheck),
    "votes": Sheet(
        "votes",
        OF_KIND["votes"],
        services.record_vote_rows,
        lambda: (ReportedMeeting(), ReportedVote()),
        _vote_or_meeting,
    ),
}


def offer_sheet(sheet: Sheet) -> None:
    """Register a kind of spreadsheet of another app, which calls this when it starts."""
    SHEETS[sheet.kind] = sheet
    OF_KIND[sheet.kind] = sheet.columns


def teller(sheet: Sheet, table: Table) -> Tell:
    """Return a function from a row's number and cells to the report and the faults of the row."""
    plan = [
        (table.places[column.name], column, _remembered(column, table), column.name)
        for column in sheet.columns
        if column.name in table.places
    ]
    width = len(table.headers)
    part_of = sheet.part_of
    broken = broken_rows(table)

    def tell(number: int, row: list[str]) -> tuple[Reported, Problems]:
        blank = sheet.blank()
        problems = Problems()
        if len(row) > width and any(row[width:]):
            problems.say("row", _("It has more cells than there are headers."))
        cells = len(row)
        for place, column, read, name in plan:
            text = row[place].strip() if place < cells else ""
            if not text:
                continue
            try:
                setattr(part_of(blank, column) if part_of else blank, name, read(text))
            except UnreadableValue as error:
                problems.say(name, str(error))
        if number in broken:
            _tell_broken(broken[number], problems)
        return blank, problems

    return tell


class _Remembered(dict[str, Any]):
    """The values of one column, read once for each distinct text: most columns repeat few."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Any:
        value = self._read(text)
        if len(self) < _MOST_REMEMBERED:
            self[text] = value
        return value


def _remembered(column: Column, table: Table) -> Callable[[str], Any]:
    """Return the reader of a column that remembers what it read.

    Names and notes are new in each row, and lists could be changed, so these are read each time.
    """
    read = _reader(column, table)
    if column.read in (values.read_name, values.read_note, values.read_papers):
        return read
    return _Remembered(read).__getitem__


def _reader(column: Column, table: Table) -> Callable[[str], Any]:
    """Return the reader of a column in this file: dates and names depend on the file as a whole."""
    judged = table.judged
    if column.read is values.read_name and judged.names_are_numbers:
        return lambda text: values.read_name(text).partition(".")[0]
    if column.read in _WORDS and table.may_hold_errors:
        return partial(_words, read=column.read)
    if column.read is not values.read_day:
        return column.read
    if judged.mixed:
        return partial(_unambiguous_day, judged=judged)
    if table.serials_from is not None:
        return partial(_day_or_serial, table=table)
    return partial(values.read_day, month_first=judged.month_first)


def _words(text: str, read: Callable[[str], Any]) -> Any:
    """Read words; an error that a program wrote as text (a CSV has no error cells) is refused."""
    if text[0] in "#E" and _ERROR_WORD.fullmatch(text):
        raise UnreadableValue(_sentences()[ERROR])
    return read(text)


def _unambiguous_day(text: str, judged: Judgement) -> date:
    """Read a day of a file that writes the month first in some rows and the day in others."""
    order = date_order(text)
    if order == "either":
        raise UnreadableValue(
            _(
                "“%(text)s” can mean two days: row %(other)s (“%(proof)s”) writes the month first, "
                "other rows the day. Write yyyy-mm-dd."
            )
            % {
                "text": text,
                "other": judged.month_first_row,
                "proof": judged.month_first_text,
            }
        )
    return values.read_day(text, month_first=order == "month")


def _day_or_serial(text: str, table: Table) -> date:
    """Read a day, or the number by which Excel stores one in a cell not formatted as a date."""
    if table.serials_from is not None and _SERIAL.fullmatch(text):
        return table.serials_from + timedelta(days=int(text.partition(".")[0]))
    return values.read_day(text, month_first=table.judged.month_first)


def broken_rows(table: Table) -> dict[int, list[tuple[str, str]]]:
    """Return the broken cells of columns that are read: row number -> (kind of fault, column).

    Cells of columns that are not read do no harm.
    """
    names = {place: name for name, place in table.places.items()}
    broken: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for kind, cells in ((ERROR, table.error_cells), (FORMULA, table.empty_formulas)):
        for number, places in cells.items():
            broken[number] += [(kind, names[place]) for place in places if place in names]
    for first, last, left, right in table.merged:
        for number in range(first, last + 1):
            for place in range(left, right + 1):
                if place in names and (number, place) != (first, left):
                    broken[number].append((MERGED, names[place]))
    return broken


def _sentences() -> dict[str, str]:
    return {
        ERROR: _("The cell holds an error such as #N/A. Correct it, or empty the cell."),
        FORMULA: _("It holds a formula without a result. Paste values, or save it in Excel."),
        MERGED: _("The cell is merged with others. Unmerge the cells and fill in each."),
    }


def _tell_broken(faults: list[tuple[str, str]], problems: Problems) -> None:
    for kind, name in faults:
        problems.say(name, _sentences()[kind])
