"""Opening a spreadsheet: CSV or XLSX, as a header and a stream of rows of text.

Everything that can be wrong with the file as a whole ends in one ``BadFile`` sentence.
A spreadsheet is somebody else's file: nothing in it is executed, and its size is
looked at before it is.
"""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import python_calamine
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.importing.columns import PROBLEM_HEADERS, Column, by_header, header_key
from surveys.importing.errors import BadFile

MOST_BYTES = 200 * 1024 * 1024
MOST_BYTES_XLSX = 64 * 1024 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_COLUMNS = 200
LONGEST_CELL = 131_072
"""Characters; csv's own limit belongs to the whole process, and exports lift it."""
MEGABYTE = 1024 * 1024
NUL = "\0"

_PIECE = 1 << 20
_DELIMITERS = (",", ";", "\t")
# what a spreadsheet program would take for a formula; we put a quote before it when writing
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FORMULA_CELL = re.compile(rb"<c [^>]*?r=\"([A-Z]+)([0-9]+)\"[^>]*>\s*<f[\s>/].*?</c>", re.DOTALL)


@dataclass
class Table:
    """A spreadsheet that is open: headers as they were written, and rows with their number."""

    headers: list[str]
    rows: Iterator[tuple[int, list[str]]]
    is_xlsx: bool
    places: dict[str, int] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    empty_formulas: set[int] = field(default_factory=set)
    nul_rows: set[int] = field(default_factory=set)
    """Rows read so far with a NUL character in them, which no database keeps."""


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
        table = _open_xlsx(path)
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
    return table


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise BadFile(
            _("The file has %(size)s megabytes; at most %(most)s can be read. Divide it.")
            % {"size": size // MEGABYTE, "most": most // MEGABYTE}
        )


def _open_csv(path: Path, columns: tuple[Column, ...]) -> Table:
    encoding = _encoding(path)
    holds_nul = _check_encoding(path, encoding)
    with path.open(encoding=encoding, newline="") as text:
        head = text.readline()
        while head and not head.strip():
            head = text.readline()
    if NUL in head:  # UTF-16 without its mark holds one beside every Latin letter
        raise BadFile(_not_utf8())
    known = by_header(columns)

    def understood(delimiter: str) -> int:
        return sum(header_key(h) in known for h in next(csv.reader([head], delimiter=delimiter)))

    delimiter = max(_DELIMITERS, key=understood)
    rows = _csv_rows(path, delimiter, encoding)
    _number, headers = next(rows, (0, []))
    table = Table(headers=headers, rows=rows, is_xlsx=False)
    return _noting_nul(table) if holds_nul else table


def _noting_nul(table: Table) -> Table:
    """The table, noting the rows that hold a NUL: one broken row is no reason to refuse the file.

    The character is taken out, so that the row can be read by the one who mends it.
    """
    rows = table.rows

    def noted() -> Iterator[tuple[int, list[str]]]:
        for number, row in rows:
            if any(NUL in cell for cell in row):
                table.nul_rows.add(number)
                yield number, [cell.replace(NUL, "") for cell in row]
            else:
                yield number, row

    table.rows = noted()
    return table


def _encoding(path: Path) -> str:
    """UTF-8, or UTF-16 where its mark says so: what Excel calls "Unicode Text"."""
    with path.open("rb") as file:
        start = file.read(2)
    return "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _check_encoding(path: Path, encoding: str) -> bool:
    """Read it once to know that it can be read to the end: no row is imported of a half that is.

    True where there is a NUL character in it.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    holds_nul = False
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                holds_nul = NUL in decoder.decode(piece) or holds_nul
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise BadFile(_not_utf8()) from error
    return holds_nul


def _not_utf8() -> str:
    return _(
        "The letters of this file are not in UTF-8. In Excel, save it as “CSV UTF-8” or as .xlsx."
    )


def _csv_rows(path: Path, delimiter: str, encoding: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    with path.open(encoding=encoding, newline="") as text:
        try:
            for row in csv.reader(text, delimiter=delimiter):
                if max(map(len, row), default=0) > LONGEST_CELL:
                    raise csv.Error("field larger than the limit")
                number += 1
                if any(row):
                    yield number, [_unquoted(c) if c[:1] == "'" else c for c in row]
        except csv.Error as error:
            raise BadFile(
                _("The file cannot be read after row %(number)s: is a quotation mark open?")
                % {"number": number}
            ) from error


def _unquoted(cell: str) -> str:
    """The cell without the quote that we write before what would be taken for a formula."""
    return cell[1:] if cell[1:].startswith(FORMULA_STARTS) else cell


def _open_xlsx(path: Path) -> Table:
    try:
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise BadFile(_("The file is too large once unpacked. Divide it."))
            empty_formulas = _formulas_without_value(parts)
        book = python_calamine.load_workbook(str(path))
        sheet = book.get_sheet_by_index(0)
    except (zipfile.BadZipFile, OSError, python_calamine.CalamineError, IndexError) as error:
        raise BadFile(_("This is no Excel file that can be read; is it damaged?")) from error
    if sheet.width > MOST_COLUMNS:
        raise BadFile(_("The sheet has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    rows = _xlsx_rows(sheet)
    _number, headers = next(rows, (0, []))
    return _noting_nul(
        Table(headers=headers, rows=rows, is_xlsx=True, empty_formulas=empty_formulas)
    )


def _xlsx_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    first = (sheet.start or (0, 0))[0]
    left = (sheet.start or (0, 0))[1]
    pad = [""] * left
    for number, row in enumerate(sheet.iter_rows(), start=first + 1):
        cells = [_text(value) for value in row]
        if any(cells):
            yield number, pad + cells


def _text(value: Any) -> str:
    """What a spreadsheet cell would say if it had been typed."""
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


def _formulas_without_value(parts: zipfile.ZipFile) -> set[int]:
    """Rows of the first sheet with a formula whose result was never stored.

    Such a cell would read as empty, and empty means "not known": a quiet loss.
    """
    sheets = sorted(
        (n for n in parts.namelist() if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", n)),
        key=lambda n: int(re.sub(r"[^0-9]", "", n)),
    )
    if not sheets:
        return set()
    rows: set[int] = set()
    rest = b""
    with parts.open(sheets[0]) as sheet:
        while piece := sheet.read(_PIECE):
            text = rest + piece
            end = text.rfind(b"</row>")
            if end < 0:
                rest = text
                continue
            whole, rest = text[:end], text[end:]
            if b"<f" in whole:
                rows |= _rows_of_empty_formulas(whole)
    return rows | (_rows_of_empty_formulas(rest) if b"<f" in rest else set())


def _rows_of_empty_formulas(xml: bytes) -> set[int]:
    return {
        int(cell.group(2))
        for cell in _FORMULA_CELL.finditer(xml)
        if not re.search(rb"<v>[^<]", cell.group(0))
    }


def _find_columns(table: Table, columns: tuple[Column, ...]) -> None:
    """Note where each column stands; refuse doubles and what is missing."""
    known = by_header(columns)
    if not any(header.strip() for header in table.headers):
        raise BadFile(_("The file is empty."))
    if len(table.headers) > MOST_COLUMNS:
        raise BadFile(_("The sheet has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    twice: list[str] = []
    for place, header in enumerate(table.headers):
        key = header_key(header)
        column = known.get(key)
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
