"""Open a spreadsheet: CSV or XLSX, as a header and a stream of rows of text.

Every fault of the file as a whole ends in one ``BadFile`` sentence. Spreadsheets come from outside:
nothing in them is executed, and their size is checked first.
"""

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spreadsheets import unescape
from surveys.importing.columns import PROBLEM_HEADERS, Column, by_header, header_key
from surveys.importing.errors import BadFile
from surveys.importing.judging import Judgement, judge, open_quote
from surveys.importing.workbook import (
    MOST_COLUMNS,
    Scan,
    SheetPart,
    check_other_parts,
    first_day,
    scan,
    sheets_of,
)
from surveys.parsing import values

MOST_BYTES = 200 * 1024 * 1024
MOST_BYTES_XLSX = 64 * 1024 * 1024
LONGEST_CELL = 32_767
"""Characters, as in Excel: a longer cell is cut and its row is rejected."""
MEGABYTE = 1024 * 1024
NUL = "\0"

_PIECE = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR = re.compile(r"\"?sep=[,;|\t]\"?", re.IGNORECASE)
_LONGEST_FIELD = 16 * MEGABYTE


@dataclass
class Table:
    """A spreadsheet that is open: headers as they were written, and rows with their number."""

    headers: list[str]
    read_rows: Callable[[frozenset[int]], Iterator[tuple[int, list[str]]]]
    """Read the rows below the headers, from the first one, as often as it is called.

    Cells at other positions than those given may be left empty, which is quicker; none is all.
    """
    is_xlsx: bool
    delimiter: str = ""
    has_quotes: bool = False
    """Whether a CSV file contains a quotation mark."""
    may_hold_errors: bool = True
    """Whether a cell may say #N/A or the like as text."""
    to_clean: set[int] | None = None
    """Numbers of rows with endless cells or NUL, known once they are read; None: not looked at."""
    places: dict[str, int] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """Sentences about the file that the sender should know."""
    error_cells: dict[int, list[int]] = field(default_factory=dict)
    empty_formulas: dict[int, list[int]] = field(default_factory=dict)
    """Positions of cells with an error, and of formulas without a stored result, by row number."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First and last row number, first and last position of cells that are merged into one."""
    serials_from: date | None = None
    """The day 0 of dates that are stored as plain numbers, where the file says it."""
    judged: Judgement = field(default_factory=Judgement)

    @property
    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows below the headers."""
        return self.read_rows(frozenset())


def open_table(path: Path, columns: tuple[Column, ...], *, name: str = "") -> Table:
    """Open a CSV or XLSX file and find its columns. Raises BadFile.

    ``name`` is what the sender called the file, where that is not the name on disk.
    """
    name = name or path.name
    size = path.stat().st_size
    if not size:
        raise BadFile(_("The file is empty."))
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        _check_size(size, MOST_BYTES_XLSX)
        table = _open_xlsx(path, columns)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(
            _("This is an old Excel file or one with a password. Save it as .xlsx without one.")
        )
    elif name.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods")):
        raise BadFile(_("The name says Excel, but this is no Excel file."))
    else:
        _check_size(size, MOST_BYTES)
        table = _open_csv(path, columns)
    _find_columns(table, columns)
    names = [column.name for column in columns if column.read is values.read_name]
    dates = [table.places[n] for n in date_columns(columns) if n in table.places]
    named = table.places.get(names[0]) if names else None
    table.judged = judge(
        table.read_rows(frozenset(dates if named is None else [*dates, named])),
        dates=dates,
        name=named,
        delimiter=table.delimiter if table.has_quotes else "",
    )
    return table


def date_columns(columns: tuple[Column, ...]) -> list[str]:
    """Return the names of the columns that hold a day."""
    return [column.name for column in columns if column.read is values.read_day]


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise BadFile(
            _("The file has %(size)s megabytes; at most %(most)s can be read. Divide it.")
            % {"size": size // MEGABYTE, "most": most // MEGABYTE}
        )


def _open_csv(path: Path, columns: tuple[Column, ...]) -> Table:
    encoding = _encoding(path)
    has_quotes, may_hold_errors = _check_encoding(path, encoding)
    head = next((line for line in _lines(path, encoding) if line.strip()), "")
    if NUL in head:  # UTF-16 without its mark holds one beside every Latin letter
        raise BadFile(_not_utf8())
    by_name = by_header(columns)

    def understood(delimiter: str) -> int:
        cells = next(csv.reader([head], delimiter=delimiter))
        return sum(header_key(cell) in by_name for cell in cells)

    delimiter = max(_DELIMITERS, key=understood)
    to_clean: set[int] = set()
    _number, headers = next(_csv_rows(path, delimiter, encoding, to_clean), (0, []))

    def below(_places: frozenset[int]) -> Iterator[tuple[int, list[str]]]:
        return islice(_csv_rows(path, delimiter, encoding, to_clean), 1, None)

    return Table(
        headers,
        below,
        is_xlsx=False,
        delimiter=delimiter,
        has_quotes=has_quotes,
        may_hold_errors=may_hold_errors,
        to_clean=to_clean,
    )


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a text; "sep=;", by which Excel notes the separator, is left out."""
    with path.open(encoding=encoding, newline="") as text:
        first = text.readline()
        if not _SEPARATOR.fullmatch(first.strip()):
            yield first
        yield from text


def _encoding(path: Path) -> str:
    """Return UTF-8, or UTF-16 where the byte order mark says so: Excel's "Unicode Text"."""
    with path.open("rb") as file:
        start = file.read(2)
    return "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _check_encoding(path: Path, encoding: str) -> tuple[bool, bool]:
    """Read the file to its end, so that no row of a file that is only partly readable is imported.

    Returns whether it holds a quotation mark, and whether errors may. Raises BadFile.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    has_quotes, has_errors = False, encoding != "utf-8-sig"
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
                has_quotes = has_quotes or b'"' in piece
                has_errors = has_errors or b"#" in piece or b"Err" in piece
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise BadFile(_not_utf8()) from error
    return has_quotes, has_errors


def _not_utf8() -> str:
    return _(
        "The letters of this file are not in UTF-8. In Excel, save it as “CSV UTF-8” or as .xlsx."
    )


def _csv_rows(
    path: Path, delimiter: str, encoding: str, to_clean: set[int]
) -> Iterator[tuple[int, list[str]]]:
    number = 0
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        for row in csv.reader(_lines(path, encoding), delimiter=delimiter, strict=True):
            number += 1
            if text := "".join(row):
                if len(text) > LONGEST_CELL or NUL in text:
                    to_clean.add(number)
                yield number, [unescape(c) for c in row] if "'" in text else row
    except csv.Error as error:
        raise BadFile(open_quote(number + 1)) from error


def _open_xlsx(path: Path, columns: tuple[Column, ...]) -> Table:
    try:
        with zipfile.ZipFile(path) as book:
            sheets = sheets_of(book)
            check_other_parts(book)
            table = _chosen_sheet(path, book, sheets, columns)
            table.serials_from = first_day(book)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError) as error:
        raise BadFile(_("This is no Excel file that can be read; is it damaged?")) from error
    except python_calamine.CalamineError as error:
        raise BadFile(_("This Excel file cannot be read. Open it and save it again.")) from error
    return table


def _chosen_sheet(
    path: Path, book: zipfile.ZipFile, sheets: list[SheetPart], columns: tuple[Column, ...]
) -> Table:
    """Return the one visible sheet with these headers and rows below. Raises BadFile."""
    workbook = python_calamine.load_workbook(str(path))
    opened: list[tuple[SheetPart, Table]] = []
    refused: list[BadFile] = []
    cells = 0
    for sheet in sheets:
        try:
            scanned = scan(book, sheet.part, cells_before=cells)
        except BadFile as error:
            refused.append(error)
            continue
        cells += scanned.rows * scanned.columns
        opened.append((sheet, _sheet(workbook, sheet.name, scanned)))
    return _choose(opened, refused, columns)


def _choose(
    opened: list[tuple[SheetPart, Table]], refused: list[BadFile], columns: tuple[Column, ...]
) -> Table:
    """Choose among the sheets that could be read; ``refused`` are the faults of the others."""
    wanted = {column.name for column in columns if column.required}
    fitting = [(s, t) for s, t in opened if wanted <= _recognised_headers(t, columns)]
    visible = [(s, t) for s, t in fitting if not s.is_hidden]
    filled = [(s, t) for s, t in visible if next(t.rows, None) is not None]
    if len(filled) > 1:
        names = ", ".join(f"“{s.name}”" for s, _t in filled)
        raise BadFile(
            _("Several sheets have rows: %(names)s. Send each as a file of its own.")
            % {"names": names}
        )
    if visible:
        chosen, table = (filled or visible)[0]
        others = [s.name for s, t in opened if s is not chosen and _has_rows(s, t)]
        if others:
            table.notices.append(
                _("Only the sheet “%(name)s” was read, not: %(others)s.")
                % {"name": chosen.name, "others": ", ".join(others)}
            )
        return table
    if refused:
        raise refused[0]
    if fitting:
        raise BadFile(
            _("The sheet “%(name)s” is hidden. Show it, or delete it and send the right one.")
            % {"name": fitting[0][0].name}
        )
    shown = [(s, t) for s, t in opened if not s.is_hidden]
    if not shown:
        raise BadFile(_("The file is empty."))
    return next((t for _s, t in shown if t.headers), shown[0][1])


def _recognised_headers(table: Table, columns: tuple[Column, ...]) -> set[str]:
    by_name = by_header(columns)
    return {by_name[key].name for h in table.headers if (key := header_key(h)) in by_name}


def _has_rows(sheet: SheetPart, table: Table) -> bool:
    return not sheet.is_hidden and next(table.rows, None) is not None


def _sheet(workbook: Any, name: str, scanned: Scan) -> Table:
    """Return one sheet whose size was checked by ``scan``."""
    if not scanned.rows:
        return Table([], lambda _places: iter(()), is_xlsx=True)
    opened = workbook.get_sheet_by_name(name)
    unreadable = sorted({*scanned.errors, *scanned.formulas})
    header_row, headers = next(_xlsx_rows(opened, unreadable), (0, []))
    merged = [(a + 1, c + 1, b, d) for (a, b), (c, d) in opened.merged_cell_ranges or ()]
    return Table(
        headers,
        lambda places: islice(_xlsx_rows(opened, unreadable, places), 1, None),
        is_xlsx=True,
        error_cells=scanned.errors,
        empty_formulas=scanned.formulas,
        merged=[m for m in merged if m[0] > header_row],
    )


def _xlsx_rows(
    sheet: Any, unreadable: list[int], places: frozenset[int] = frozenset()
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with a value, and those numbered ``unreadable`` although no cell can be read.

    Of ``places``, where some are given, at least the cells there are read.
    """
    first, left = sheet.start or (0, 0)
    pad = [""] * left
    number, left_over = first, set(unreadable)
    wanted = [place - left for place in sorted(places) if place >= left]
    if wanted:
        yield from _xlsx_cells(sheet, wanted, pad)
        return
    for number, row in enumerate(sheet.iter_rows(), start=first + 1):
        cells = [_text(value) for value in row]
        if any(cells) or number in left_over:
            yield number, pad + cells
    yield from ((below, []) for below in unreadable if below > number)


def _xlsx_cells(sheet: Any, wanted: list[int], pad: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield every row with the cells at the ``wanted`` places alone, the header's row included."""
    first, _left = sheet.start or (0, 0)
    width = wanted[-1] + 1
    started = False
    for number, row in enumerate(sheet.iter_rows(), start=first + 1):
        cells = [""] * width
        for place in wanted:
            if place < len(row):
                cells[place] = _text(row[place])
        started = started or any(value not in {"", None} for value in row)
        if started:  # the rows above the headers are empty: nothing is said about them
            yield number, pad + cells


def _text(value: Any) -> str:
    """Convert the value of a spreadsheet cell to the text that a person would have typed."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value))
        # never three digits after the point: that is how Khmer writes thousands
        return f"{value!r}0"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time | int):
        return str(value)
    return "" if value is None else str(value)


def _find_columns(table: Table, columns: tuple[Column, ...]) -> None:
    """Find the position of each column; refuse doubles and missing ones."""
    by_name = by_header(columns)
    if not any(header.strip() for header in table.headers):
        raise BadFile(_("The file is empty."))
    if len(table.headers) > MOST_COLUMNS:
        raise BadFile(_("The sheet has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    twice: list[str] = []
    for place, header in enumerate(table.headers):
        key = header_key(header)
        column = by_name.get(key)
        if column is not None:
            if column.name in table.places:
                twice.append(header)
            table.places[column.name] = place
        elif key and key not in PROBLEM_HEADERS:
            table.ignored.append(header)
    if twice:
        raise BadFile(_("These columns are there twice: %(names)s.") % {"names": ", ".join(twice)})
    missing = [c for c in columns if c.required and c.name not in table.places]
    if missing:
        raise BadFile(_missing(missing))


def _missing(missing: Iterable[Column]) -> str:
    names = [f"{column.name} ({column.khmer})" for column in missing]
    return ngettext(
        "This column is missing: %(names)s.", "These columns are missing: %(names)s.", len(names)
    ) % {"names": ", ".join(names)}
