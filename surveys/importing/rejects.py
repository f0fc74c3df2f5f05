"""The rejected rows, as a file that can be corrected and sent again.

Same headers, same cells, and one more column that says what is wrong; that column is ignored when
the file is sent again.
"""

import csv
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import xlsxwriter
from django.utils.translation import gettext as _

from spreadsheets import escape
from surveys.importing.columns import PROBLEM_HEADERS, header_key
from surveys.importing.tables import Table
from surveys.validation import Problems

PROBLEM = {"km": "បញ្ហា", "en": "problem"}


def suffix_back(path: Path) -> str:
    """Return the ending of the name of the file of rejected rows.

    Text is returned as CSV, which opens in Excel.
    """
    return ".csv" if path.suffix.lower() in {".txt", ".tsv"} else path.suffix


class Writer(Protocol):
    """Writes rows of text and closes its file."""

    def write(self, row: list[str]) -> None: ...
    def close(self) -> None: ...


class CsvWriter:
    """Rows as CSV with a mark by which Excel knows UTF-8."""

    def __init__(self, target: Path | BytesIO) -> None:
        binary = target if isinstance(target, BytesIO) else target.open("wb")
        self._keep = isinstance(target, BytesIO)
        self._file = TextIOWrapper(binary, encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)

    def write(self, row: list[str]) -> None:
        """Write one row; cells that look like formulas are quoted."""
        self._csv.writerow([escape(cell) for cell in row])

    def close(self) -> None:
        """Finish the file; one in memory stays readable."""
        self._file.flush()
        if self._keep:
            self._file.detach()
        else:
            self._file.close()


class XlsxWriter:
    """Rows as XLSX, every cell as text."""

    def __init__(self, target: Path | BytesIO) -> None:
        self._book: Any = xlsxwriter.Workbook(
            target if isinstance(target, BytesIO) else str(target),
            {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
        self._sheet = self._book.add_worksheet()
        self._row = 0

    def write(self, row: list[str]) -> None:
        """Write one row, every cell as text."""
        for place, cell in enumerate(row):
            if cell:
                self._sheet.write_string(self._row, place, cell)
        self._row += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


class Rejects:
    """The file of rejected rows; it is made with the first of them."""

    def __init__(self, path: Path, table: Table, language: str) -> None:
        self.path = path
        self.count = 0
        self._table = table
        self._language = language
        self._writer: Writer | None = None
        self._keep = [
            place
            for place, header in enumerate(table.headers)
            if header_key(header) not in PROBLEM_HEADERS
        ]

    def add(self, number: int, row: list[str], problems: Problems) -> str:
        """Write one row with its problems; return the sentence about it."""
        text = _("Row %(number)s: %(problems)s") % {
            "number": number,
            "problems": " · ".join(problems.sentences()),
        }
        if self._writer is None:
            self._writer = (XlsxWriter if self._table.is_xlsx else CsvWriter)(self.path)
            headers = [self._table.headers[place] for place in self._keep]
            self._writer.write([*headers, PROBLEM.get(self._language, PROBLEM["en"])])
        cells = [row[place] if place < len(row) else "" for place in self._keep]
        self._writer.write([*cells, text])
        self.count += 1
        return text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()
