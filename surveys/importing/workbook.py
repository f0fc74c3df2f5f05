"""Check an XLSX file before anything is allocated for it: which sheets, how large, what is broken.

python-calamine allocates every cell between the first and the last used one, so that one
far cell of a 2 KB file asks for 512 GB; and it reads a cell with an error (``#N/A``) or a
formula without a stored result as empty, which would mean "not known". The XML of the
sheet is therefore read once as a stream before calamine is asked.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from surveys.forms.safe_xml import UnsafeXmlError, local, parse
from surveys.importing.errors import BadFile

MOST_UNPACKED = 1024 * 1024 * 1024
MOST_TEXT = 256 * 1024 * 1024
"""Bytes of the texts that cells share, which are all in memory at once."""
MOST_PARTS = 2_000
MOST_COLUMNS = 200
MOST_CELLS = 12_000_000
"""Cells between the first and the last used one; each takes about 32 bytes of memory."""

_PIECE = 1 << 20
_LONGEST_ROW = 32 << 20
_SHORT_ROW = 2_000
"""Bytes in which ``MOST_COLUMNS`` cells with a value cannot be written."""
_WORKBOOK = "xl/workbook.xml"
_ATTRIBUTE = rb"\s+%s[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*')"
_ROW_NUMBER = re.compile(
    rb"<(?:\w+:)?row(?:" + _ATTRIBUTE % rb"(?!r\s*=)" + rb")*\s+r\s*=\s*[\"']([0-9]{1,9})[\"']"
)
_ROW_END = re.compile(rb"</((?:\w+:)?)row>")
_CELL = re.compile(
    rb"<(?:\w+:)?c((?:" + _ATTRIBUTE % rb"" + rb")*)\s*(?:/>|>(.*?)</(?:\w+:)?c\s*>)", re.DOTALL
)
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,9})")
_FAR = re.compile(rb"r\s*=\s*[\"'](?:[A-Za-z]{3,}|[G-Zg-z][A-Za-z]|[A-Za-z]+[0-9]{6,})")
"""A position beyond column FZ or row 99,999: such a row is read cell by cell."""
_HAS_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_HAS_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_IS_TEXT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
_RESULT = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?(/?)>([^<]?)")


@dataclass(frozen=True)
class SheetPart:
    """One sheet of a workbook: its name, the part of the ZIP that holds it, and if it is hidden."""

    name: str
    part: str
    is_hidden: bool


@dataclass
class Scan:
    """Facts about a sheet's cells from its XML; rows count from 1, columns from 0."""

    rows: int = 0
    columns: int = 0
    errors: dict[int, list[int]] = field(default_factory=dict)
    formulas: dict[int, list[int]] = field(default_factory=dict)
    """Cells with an error, and with a formula whose result was never stored, by row."""


def sheets_of(book: zipfile.ZipFile) -> list[SheetPart]:
    """List the worksheets in the order of their tabs. Raises BadFile."""
    parts = book.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise BadFile(_("The file is too large once unpacked. Divide it."))
    names = {part.filename for part in parts}
    if len(names) < len(parts):  # two readers of such a file would read different things
        raise _unreadable()
    if _WORKBOOK not in names:
        raise BadFile(_("This is not an Excel workbook. Save it as .xlsx or as CSV."))
    try:
        root = parse(book.read(_WORKBOOK))
        linked = parse(book.read("xl/_rels/workbook.xml.rels"))
    except (UnsafeXmlError, KeyError) as error:
        raise _unreadable() from error
    targets = {link.get("Id", ""): link.get("Target", "") for link in linked}
    sheets = []
    for sheet in root.iter():
        if local(sheet) != "sheet":
            continue
        number = next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
        part = _part(targets.get(str(number), ""))
        if part in names and "chartsheet" not in part:
            hidden = sheet.get("state", "visible") != "visible"
            sheets.append(SheetPart(str(sheet.get("name", "")), part, hidden))
    return sheets


def _unreadable() -> BadFile:
    return BadFile(_("This Excel file cannot be read. Open it and save it again."))


def _part(target: str) -> str:
    """Return the name of a part in the ZIP; targets begin at the root or beside the workbook."""
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    parts: list[str] = []
    for piece in PurePosixPath(path).parts:
        if piece == "..":
            del parts[-1:]
        elif piece != ".":
            parts.append(piece)
    return "/".join(parts)


def check_other_parts(book: zipfile.ZipFile) -> None:
    """Unpack the parts that every sheet needs once: their sizes are as declared, and permitted."""
    for part in book.infolist():
        if part.filename.lower() in {"xl/sharedstrings.xml", "xl/styles.xml"}:
            formulas_of_text = 0
            with book.open(part) as stream:
                while piece := stream.read(_PIECE):
                    formulas_of_text += piece.count(b"<si") + piece.count(b":si")
            if part.file_size > MOST_TEXT or formulas_of_text > MOST_CELLS:
                raise BadFile(_("The file is too large once unpacked. Divide it."))


def first_day(book: zipfile.ZipFile) -> date:
    """Return the day 0 of the workbook's dates: 30 December 1899, or 1 January 1904 (old Macs)."""
    mac = re.search(rb"\bdate1904=[\"'](?:1|true)[\"']", book.read(_WORKBOOK))
    return date(1904, 1, 1) if mac else date(1899, 12, 30)


def scan(book: zipfile.ZipFile, part: str, *, cells_before: int = 0) -> Scan:
    """Read the XML of one sheet as a stream. Raises BadFile where it is too wide or too large.

    ``cells_before`` are those of other sheets of the file, which are in memory too.
    """
    scanned = Scan()
    number = 0
    for row in _rows(book, part):
        stated = _ROW_NUMBER.search(row)
        number = int(stated[1]) if stated else number + 1
        if b"v>" not in row and b"is>" not in row and b"<v" not in row and b"f>" not in row:
            continue  # formatted, but empty
        width, last = _last_column(row), number
        if width > MOST_COLUMNS or _has_unreadable(row) or _FAR.search(row):
            width, last = _look_at_cells(scanned, number, row)
        scanned.rows, scanned.columns = max(scanned.rows, last), max(scanned.columns, width)
        if scanned.columns > MOST_COLUMNS:
            raise BadFile(
                _("Row %(row)s has a cell beyond column %(most)s. Delete its content.")
                % {"row": number, "most": MOST_COLUMNS}
            )
        if scanned.rows * scanned.columns + cells_before > MOST_CELLS:
            raise BadFile(
                _("The sheet is too large (row %(row)s). Delete cells far below, or divide it.")
                % {"row": number}
            )
    return scanned


def _has_unreadable(row: bytes) -> bool:
    """Return whether a row may hold formulas or errors; a fast search of bytes, as few rows do."""
    if (b"<f" in row or b":f" in row) and _HAS_FORMULA.search(row):
        return True
    return (b'"e"' in row or b"'e'" in row) and _HAS_ERROR.search(row) is not None


def _rows(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield the XML of each row that has an end tag, from its start tag on.

    Raises BadFile where a cell stands outside of these rows, or the XML holds what no program
    writes into a sheet (a comment, for example): calamine might see other cells than we do.
    """
    rest, start, end = b"", b"<row", b""
    with book.open(part) as stream:
        while piece := stream.read(_PIECE):
            text = rest + piece
            if b"<!" in text:
                raise _unreadable()
            if not end:
                prefix = _ROW_END.search(text)
                if prefix is None:
                    rest = _shortened(text)
                    continue
                start, end = b"<" + prefix[1] + b"row", b"</" + prefix[1] + b"row>"
            *rows, rest = text.split(end)
            rest = _shortened(rest)
            for row in rows:  # a row without cells has no end tag: it comes before the next one
                begin = max(row.rfind(start), 0)
                if begin and _ANY_CELL.search(row, 0, begin):
                    raise _unreadable()
                yield row[begin:]
    if _ANY_CELL.search(rest):
        raise _unreadable()


def _shortened(rest: bytes) -> bytes:
    """Return the part of the XML after a row that must be kept: of a long one, only the end."""
    if len(rest) <= _LONGEST_ROW:
        return rest
    if _ANY_CELL.search(rest):
        raise BadFile(_("The sheet has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    return rest[-_PIECE:]


def _last_column(row: bytes) -> int:
    """Return the number of columns up to the last cell of the row, by its reference."""
    match = _PLACE.search(row, max(row.rfind(b"<c "), row.rfind(b":c "), 0))
    stated = _column(match[1]) if match else 0
    if stated and len(row) < _SHORT_ROW:
        return stated
    return max(stated, row.count(b"<c") + row.count(b":c"))  # cells need not have a reference


def _column(letters: bytes) -> int:
    """Return the number of a column: A=1, B=2 … XFD=16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _look_at_cells(scanned: Scan, number: int, row: bytes) -> tuple[int, int]:
    """Find the cells of a row that cannot be read; return the last column and row of a value.

    A cell may name another row than the one it is in, and calamine believes the cell.
    """
    width = column = 0
    last = number
    for cell in _CELL.finditer(row):
        attributes, inside = cell[1], cell[2] or b""
        place = _PLACE.search(attributes)
        column = _column(place[1]) if place else column + 1
        if not inside.strip():
            continue
        width, last = max(width, column), max(last, int(place[2]) if place else 0)
        if _HAS_ERROR.search(attributes):
            scanned.errors.setdefault(number, []).append(column - 1)
        elif _HAS_FORMULA.search(inside) and not _has_result(attributes, inside):
            scanned.formulas.setdefault(number, []).append(column - 1)
    return width, last


def _has_result(attributes: bytes, inside: bytes) -> bool:
    """Return whether a formula's result was stored; for a text, the empty one counts."""
    match = _RESULT.search(inside)
    if match is None:
        return False
    return bool(match[2]) or (_IS_TEXT.search(attributes) is not None)
