"""Reading an XLSForm: pyxform does the work, this module says where and what in words."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from surveys.forms.problems import FormProblems, Problem, said

if TYPE_CHECKING:  # it takes half a second that every start would pay
    from pyxform.errors import ErrorCode, PyXFormError

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
TYPES = {"xlsx": ".xlsx", "xls": ".xls", "csv": ".csv", "md": ".md"}
_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"On the '(\w+)' sheet,? ?")
_COLUMN = re.compile(r"the '([\w:]+)' value")
_QUOTED = re.compile(r"['“\"]([^'”\"]{1,80})['”\"]")
_BEGIN = re.compile(r"^begin[ _](group|repeat|loop)$")
_END = re.compile(r"^end[ _](group|repeat|loop)$")


@dataclass
class Sheets:
    """The cells of an XLSForm, to name the one that is meant."""

    headers: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    """path of a question to its row on the survey sheet"""
    raw: list[dict[str, Any]] = field(default_factory=list)
    """the survey sheet as it was read, to find what a message quotes"""
    shift: int = 0
    """columns before the first: a CSV has the sheet's name there"""

    def cell(self, sheet: str, row: int | str, column: str) -> str:
        """``B7``; only the row when the column is not on the sheet."""
        found = self.column(sheet, column)
        return f"{found}{row}" if found else str(row)

    def column(self, sheet: str, name: str) -> str:
        names = self.headers.get(sheet, [])
        for wanted in (name, f"bind::{name}", f"body::{name}"):
            for index, header in enumerate(names):
                clean = header.split("::")[0].strip() if "::" not in wanted else header
                if clean.lower() == wanted or header.lower() == wanted:
                    return str(xl_col_to_name(index + self.shift))
        if name == "calculate":
            return self.column(sheet, "calculation")
        return ""

    def quoted(self, message: str) -> tuple[int, str] | None:
        """Row and column of the first survey cell that ``message`` quotes."""
        for words in _QUOTED.findall(message):
            for number, row in enumerate(self.raw, start=2):
                for column, value in row.items():
                    if str(value).strip() == words:
                        return number, column
        return None

    def place(self, path: str, column: str) -> tuple[str, str]:
        """Sheet and cell of a question; its path when the sheet does not show it."""
        row = self.rows.get(path)
        if row is None:
            return "", path or "settings"
        return "survey", self.cell("survey", row, column)


@dataclass(frozen=True)
class Converted:
    """An XForm made from an XLSForm, with pyxform's warnings and the cells it came from."""

    xml: bytes
    warnings: list[str]
    sheets: Sheets


def _guard(content: bytes, kind: str) -> None:
    """Refuse what would not fit in memory once unpacked."""
    too_big = len(content) > MAX_BYTES
    if kind == "xlsx" and not too_big:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                too_big = sum(i.file_size for i in archive.infolist()) > MAX_UNPACKED
        except zipfile.BadZipFile as trouble:
            sentence = _("This is not an Excel workbook.")
            raise FormProblems([Problem("", "", sentence)]) from trouble
    if too_big:
        raise FormProblems([Problem("", "", _("The file is too large for a form."))])


def read(content: bytes, kind: str, *, default_version: str = "") -> Converted:
    """Convert an XLSForm (``kind`` of ``TYPES``). Raises FormProblems, each with its cell.

    ``default_version`` is written where the settings name no version.
    """
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert, get_xlsform

    _guard(content, kind)
    warnings: list[str] = []
    sheets = Sheets(shift=1 if kind == "csv" else 0)
    try:
        workbook = get_xlsform(_source(content, kind), file_type=TYPES[kind])
        _learn(sheets, workbook)
        if default_version:
            _default_version(workbook, default_version)
        source = {k: v for k, v in vars_of(workbook).items() if v}
        result = convert(source, warnings=warnings, form_name=None)
    except PyXFormError as trouble:
        raise FormProblems([problem_of(trouble, sheets)]) from trouble
    except RecursionError as trouble:
        raise FormProblems([Problem("", "", _("The form is nested too deeply."))]) from trouble
    root = re.search(r"<instance>\s*<([\w.-]+)", result.xform)
    sheets.rows = _paths(workbook.survey or [], root[1] if root else "data")
    return Converted(result.xform.encode(), warnings, sheets)


def _source(content: bytes, kind: str) -> Any:
    if kind in {"csv", "md"}:
        return content.decode("utf-8-sig")
    return io.BytesIO(content)


def vars_of(workbook: Any) -> dict[str, Any]:
    """pyxform's workbook as the dictionary its converter takes."""
    names = [*workbook.__slots__] if hasattr(workbook, "__slots__") else [*vars(workbook)]
    return {name: getattr(workbook, name) for name in names}


def _default_version(workbook: Any, version: str) -> None:
    if not workbook.settings:
        workbook.settings = [{}]
        workbook.settings_header = [{}]
    if not str(workbook.settings[0].get("version") or "").strip():
        workbook.settings[0]["version"] = version
        workbook.settings_header[0].setdefault("version", None)


def _learn(sheets: Sheets, workbook: Any) -> None:
    sheets.raw = list(workbook.survey or [])
    for name in ("survey", "choices", "settings"):
        header = getattr(workbook, f"{name}_header", None)
        if header:
            sheets.headers[name] = list(header[0])


def _paths(rows: list[dict[str, Any]], root: str) -> dict[str, int]:
    """Path of each question to the row it stands on (row 1 is the header)."""
    found: dict[str, int] = {}
    inside = [root]
    for number, row in enumerate(rows, start=2):
        kind = str(row.get("type") or "").strip().lower()
        name = str(row.get("name") or "").strip()
        if _END.match(kind):
            if len(inside) > 1:
                inside.pop()
            continue
        path = "/" + "/".join([*inside, name or kind])
        found.setdefault(path, number)
        if _BEGIN.match(kind):
            inside.append(name)
    return found


def problem_of(trouble: "PyXFormError", sheets: Sheets) -> Problem:
    """pyxform's error with its sheet and cell, in the reader's language where we can."""
    message = str(trouble)
    context = trouble.context or {}
    row = context.get("row") or _first(_ROW, message)
    sheet = context.get("sheet") or context.get("sheet_name") or _first(_SHEET, message)
    found = None if row else sheets.quoted(message)
    if found is not None and not sheet:
        row, context = found[0], {**context, "column": found[1]}
    if row and not sheet:
        sheet = "survey"
    column = context.get("column") or _first(_COLUMN, message) or "type"
    cell = sheets.cell(str(sheet), row, str(column)) if row else ""
    ours = _sentence(trouble.code, context)
    plain = _SHEET.sub("", _ROW.sub("", message)).strip()
    return Problem(str(sheet or ""), cell, ours or said(plain))


def _first(pattern: re.Pattern[str], message: str) -> str:
    match = pattern.search(message)
    return match[1] if match else ""


def _sentence(code: "ErrorCode | None", context: dict[str, Any]) -> str:
    """Our words for the mistakes that people make most; "" for the others."""
    if code is None:
        return ""
    words = {
        "NAMES_001": _("The name “%(value)s” is used twice in the same group."),
        "NAMES_004": _("The name “%(value)s” of a repeat is used twice."),
        "NAMES_006": _("A choice has no name."),
        "NAMES_007": _("Two choices of one list have the same name."),
        "NAMES_008": _(
            "This is not a name: begin with a letter, then letters, digits, “_”, “-” or “.”."
        ),
        "LABEL_001": _("A choice has no label."),
        "PYREF_001": _("A reference must look like ${name}."),
        "PYREF_003": _("There is no question named “%(q)s”."),
        "PYREF_004": _("The name “%(q)s” is used more than once, so ${%(q)s} is not clear."),
        "SURVEY_001": _("This end has no beginning."),
        "SURVEY_002": _("This beginning has no end."),
        "HEADER_001": _("The sheet has no header row."),
        "HEADER_002": _("Two columns mean the same: “%(other)s” and “%(header)s”."),
        "HEADER_003": _("A column is missing: %(missing)s."),
    }
    known = {"value": "", "q": "", "other": "", "header": "", "missing": "", **context}
    found = words.get(code.name, "")
    return found % known if found else ""
