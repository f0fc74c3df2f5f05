"""Judge a spreadsheet as a whole before its first row is recorded.

Some faults are visible in no single row: whether the file writes the month before the day, whether
an unclosed quotation mark swallowed other rows, whether a program made numbers of all names
(``1001.0``). Every row is read once, quickly, before the import begins.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from khmer.dates import date_order
from surveys.importing.errors import BadFile

_POINT_ZERO = re.compile(r"[0-9]+\.0+")
_LIKE_A_DATE = re.compile(r"[\"' ]*[0-9០-៩]{1,4}[-/.][0-9០-៩]{1,2}[-/.][0-9០-៩]{1,4}")


@dataclass
class Judgement:
    """Facts about a file that hold for all rows: its order of dates, and its names."""

    day_first_row: int = 0
    month_first_row: int = 0
    month_first_text: str = ""
    named: int = 0
    point_zero: int = 0

    @property
    def month_first(self) -> bool:
        """Return whether the file provably writes the month first, without contradiction."""
        return bool(self.month_first_row and not self.day_first_row)

    @property
    def mixed(self) -> bool:
        """Return whether some rows provably write the month first and others the day."""
        return bool(self.month_first_row and self.day_first_row)

    @property
    def names_are_numbers(self) -> bool:
        """Return whether every name ends in ``.0``: a program turned them into numbers."""
        return self.named > 0 and self.named == self.point_zero


def judge(
    rows: Iterable[tuple[int, list[str]]], *, dates: list[int], name: int | None, delimiter: str
) -> Judgement:
    """Look at every row; ``dates`` and ``name`` are the positions of those columns.

    ``delimiter`` is that of a CSV file with quotation marks ("" for others). Raises BadFile where a
    cell holds other rows: a quotation mark is not closed.
    """
    judgement = Judgement()
    for number, row in rows:
        cells = len(row)
        for place in dates:
            text = row[place] if place < cells else ""
            if text and text[4:5] != "-":
                _note_order(judgement, number, text)
        if name is not None and name < cells and (text := row[name].strip()):
            judgement.named += 1
            judgement.point_zero += text[-2:] == ".0" and _POINT_ZERO.fullmatch(text) is not None
        if delimiter and ("\n" in (text := "".join(row)) or "\r" in text):
            _check_quotes(number, row, dates, delimiter)
    return judgement


def _note_order(judgement: Judgement, number: int, text: str) -> None:
    order = date_order(text)
    if order == "day":
        judgement.day_first_row = judgement.day_first_row or number
    elif order == "month" and not judgement.month_first_row:
        judgement.month_first_row, judgement.month_first_text = number, text.strip()


def _check_quotes(number: int, row: list[str], dates: list[int], delimiter: str) -> None:
    """Refuse the file where a cell holds a line that looks like a row."""
    for cell in row:
        if "\n" not in cell and "\r" not in cell:
            continue
        for line in cell.splitlines()[1:]:
            parts = line.split(delimiter)
            if any(place < len(parts) and _LIKE_A_DATE.match(parts[place]) for place in dates):
                raise BadFile(open_quote(number))


def open_quote(number: int) -> str:
    """Return the sentence about an unclosed quotation mark in or after a row."""
    return _(
        "A quotation mark is not closed in or after row %(number)s, so rows cannot be separated. "
        "Write each quotation mark inside a text twice, or send the file as .xlsx."
    ) % {"number": number}
