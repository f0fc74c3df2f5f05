"""The limits of a form's size, checked before anything large is allocated.

The largest public survey forms we know of (censuses, Demographic and Health Surveys) have about
2,000 questions and 20,000 choices; every village of Cambodia is a list of 14,600.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from lxml import etree

from surveys.forms.problems import FormProblems, Problem

MAX_BYTES = 10 * 1024 * 1024
"""of the uploaded file, and of the XForm made of it"""
MAX_UNPACKED = 100 * 1024 * 1024
MAX_CELLS = 1_000_000
"""cells with a value on one sheet of a workbook"""
MAX_COLUMNS = 500
MAX_QUESTIONS = 3_000
"""rows of the survey sheet"""
MAX_CHOICES = 50_000
MAX_DEPTH = 20
"""groups and repeats inside each other"""
MAX_EXPRESSIONS = 10_000
MAX_EXPRESSION = 10_000
"""letters of one expression"""
MAX_NESTED_BRACKETS = 100

_PARTS = re.compile(r"\.(xml|rels)$", re.IGNORECASE)
_CELL = re.compile(r"^([A-Z]{1,3})(\d{1,7})$")
_BEGIN = re.compile(r"^begin[ _](group|repeat|loop)$")
_END = re.compile(r"^end[ _](group|repeat|loop)$")


def refuse(sentence: str, sheet: str = "", cell: str = "") -> FormProblems:
    """Return the exception with one sentence."""
    return FormProblems([Problem(sheet, cell, sentence)])


def check_bytes(size: int) -> None:
    """Raise FormProblems for a file that is too large or empty."""
    if size > MAX_BYTES:
        sentence = _("The file is too large for a form: at most %(most)s MB are read.")
        raise refuse(sentence % {"most": MAX_BYTES // (1024 * 1024)})
    if size == 0:
        raise refuse(_("The file is empty."))


def check_workbook(content: bytes) -> None:
    """Check the sizes of an XLSX before a library reads it. Raises FormProblems."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > 5000:
                sentence = _(
                    "The workbook is too large once unpacked: at most %(most)s MB are read."
                )
                raise refuse(sentence % {"most": MAX_UNPACKED // (1024 * 1024)})
            if "xl/workbook.xml" not in {p.filename for p in parts}:
                raise refuse(_("This is not an Excel workbook."))
            for part in parts:
                if _PARTS.search(part.filename):
                    with archive.open(part) as source:
                        _check_part(source)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as trouble:
        # RuntimeError: encrypted with a password; NotImplementedError: an unknown compression
        sentence = _("This is not an Excel workbook, or it is damaged or has a password.")
        raise refuse(sentence) from trouble
    except etree.XMLSyntaxError as trouble:
        raise refuse(_("The workbook is damaged: save it again as .xlsx.")) from trouble


class _Sheet:
    """Counts the cells with a value of one part of a workbook while it is parsed."""

    def __init__(self) -> None:
        self.cells = 0
        self._at = ""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise refuse(
            _("The workbook holds XML entities, which are not read: save it again as .xlsx.")
        )

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "c":
            self._at = attributes.get("r", "")
        elif name in {"v", "is", "si"}:
            self.cells += 1
            if self.cells > MAX_CELLS:
                sentence = _("A sheet has too many cells: at most %(most)s are read.")
                raise refuse(sentence % {"most": f"{MAX_CELLS:,}"})
            self._check_column()

    def _check_column(self) -> None:
        match = _CELL.match(self._at)
        if match is None:
            return
        number = 0
        for letter in match[1]:
            number = number * 26 + ord(letter) - 64
        if number > MAX_COLUMNS:
            sentence = _("The sheet is too wide: at most %(most)s columns are read.")
            raise refuse(sentence % {"most": MAX_COLUMNS}, cell=self._at)

    def end(self, tag: str) -> None:
        """Nothing happens where an element ends."""

    def data(self, text: str) -> None:
        """Ignore the text of cells."""

    def close(self) -> None:
        """Nothing is kept."""


def _check_part(source: IO[bytes]) -> None:
    parser = etree.XMLParser(
        target=_Sheet(), resolve_entities=False, no_network=True, huge_tree=True
    )
    while chunk := source.read(1 << 16):
        parser.feed(chunk)
    parser.close()


def check_rows(survey: Iterable[Mapping[str, Any]], choices: Iterable[Any], headers: int) -> None:
    """Count questions, choices, columns and nesting. Raises FormProblems naming the first row."""
    if headers > MAX_COLUMNS:
        sentence = _("The sheet is too wide: at most %(most)s columns are read.")
        raise refuse(sentence % {"most": MAX_COLUMNS})
    depth = questions = 0
    for number, row in enumerate(survey, start=2):
        kind = str(row.get("type") or "").strip().lower()
        questions += bool(row)
        if _BEGIN.match(kind):
            depth += 1
            if depth > MAX_DEPTH:
                sentence = _("Groups lie too deep inside each other: at most %(most)s levels.")
                raise refuse(sentence % {"most": MAX_DEPTH}, "survey", str(number))
        elif _END.match(kind):
            depth -= 1
        if questions > MAX_QUESTIONS:
            sentence = _("The form has too many rows: at most %(most)s are read.")
            raise refuse(sentence % {"most": f"{MAX_QUESTIONS:,}"}, "survey", str(number))
    if sum(1 for choice in choices if choice) > MAX_CHOICES:
        sentence = _(
            "The form has too many choices: at most %(most)s. Put them into a CSV file of its own."
        )
        raise refuse(sentence % {"most": f"{MAX_CHOICES:,}"}, "choices")


def check_compiled(compiled: Mapping[str, Any]) -> None:
    """Check the same limits for a form that came as an XForm. Raises FormProblems."""
    if len(compiled["binds"]) > 2 * MAX_QUESTIONS:
        sentence = _("The form has too many questions: at most %(most)s.")
        raise refuse(sentence % {"most": f"{MAX_QUESTIONS:,}"})
    choices = sum(len(rows) for rows in compiled["lists"].values())
    if choices > MAX_CHOICES:
        sentence = _(
            "The form has too many choices: at most %(most)s. Put them into a CSV file of its own."
        )
        raise refuse(sentence % {"most": f"{MAX_CHOICES:,}"})
    if _depth(compiled["body"]) > MAX_DEPTH:
        sentence = _("Groups lie too deep inside each other: at most %(most)s levels.")
        raise refuse(sentence % {"most": MAX_DEPTH})


def _depth(items: list[dict[str, Any]]) -> int:
    return max((1 + _depth(i["children"]) for i in items if i["kind"] != "question"), default=0)


def too_long(expression: str) -> bool:
    """Return whether an expression is too long or has too many brackets to be parsed."""
    if len(expression) > MAX_EXPRESSION:
        return True
    depth = deepest = 0
    for letter in expression:
        if letter in "([":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in ")]":
            depth -= 1
    return deepest > MAX_NESTED_BRACKETS
