"""Reading an XLSForm: pyxform does the work, this module says where and what in words."""

import io
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from billiard.exceptions import SoftTimeLimitExceeded
from django.utils.translation import gettext as _

from surveys.forms import cells, limits
from surveys.forms.cells import Sheets
from surveys.forms.limits import refuse
from surveys.forms.problems import FormProblems, Problem, framed

if TYPE_CHECKING:  # it takes half a second that every start would pay
    from pyxform.errors import ErrorCode, PyXFormError

TYPES = {"xlsx": ".xlsx", "xlsm": ".xlsm", "xls": ".xls", "csv": ".csv", "md": ".md"}
_SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")
_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"On the '(\w+)' sheet,? ?")
_COLUMN = re.compile(r"the '([\w:]+)' value")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Converted:
    """An XForm made from an XLSForm, with pyxform's warnings and the cells it came from."""

    xml: bytes
    warnings: list[str]
    sheets: Sheets


def read(
    content: bytes, kind: str, *, default_version: str = "", default_form_id: str = ""
) -> Converted:
    """Convert an XLSForm (``kind`` of ``TYPES``). Raises FormProblems, each with its cell.

    ``default_version`` and ``default_form_id`` are written where the settings name none.
    """
    from pyxform.xls2xform import convert

    sheets = Sheets(shift=1 if kind in {"csv", "md"} else 0)
    workbook = _workbook(content, kind)
    _learn(sheets, workbook, content, kind)
    _check(sheets, workbook)
    if default_version:
        _default(workbook, "version", default_version)
    if default_form_id and not _set(workbook, "id_string"):
        _default(workbook, "form_id", default_form_id)
    source = {k: v for k, v in vars_of(workbook).items() if v}
    warnings: list[str] = []
    converted = _guarded(
        lambda: convert(source, warnings=warnings, form_name=None),
        sheets,
        _("The form cannot be read: something in it is not as an XLSForm should be."),
    )
    xml = converted.xform.encode()
    if len(xml) > limits.MAX_BYTES:
        raise refuse(_("The form is too large: use fewer questions, choices or languages."))
    root = re.search(r"<instance>\s*<([\w.-]+)", converted.xform)
    sheets.rows = cells.paths(workbook.survey or [], root[1] if root else "data")
    return Converted(xml, warnings, sheets)


def _workbook(content: bytes, kind: str) -> Any:
    """Return pyxform's sheets of a file whose size was checked. Raises FormProblems."""
    from pyxform.xls2xform import get_xlsform

    limits.check_bytes(len(content))
    if kind in {"xlsx", "xlsm"}:
        limits.check_workbook(content)
    source: Any = _text(content) if kind in {"csv", "md"} else io.BytesIO(content)
    if kind == "xls" and not content.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse(_("This is not an Excel workbook of the old kind (.xls)."))
    return _guarded(
        lambda: get_xlsform(source, file_type=TYPES[kind]),
        Sheets(),
        _("The file cannot be read: save it again, as .xlsx or as CSV UTF-8."),
    )


def _guarded(work: Callable[[], Any], sheets: Sheets, otherwise: str) -> Any:
    """Call pyxform on a foreign file; its failures become FormProblems.

    ``otherwise`` is the sentence for a failure that pyxform does not explain.
    """
    from pyxform.errors import PyXFormError

    try:
        return work()
    except PyXFormError as trouble:
        raise FormProblems([problem_of(trouble, sheets)]) from trouble
    except RecursionError as trouble:
        raise refuse(_("The form is nested too deeply.")) from trouble
    except SoftTimeLimitExceeded:
        raise
    except Exception as trouble:  # readers of foreign files raise any exception
        _log.warning("An uploaded form cannot be read", exc_info=True)
        raise refuse(otherwise) from trouble


def _text(content: bytes) -> bytes:
    """Return the UTF-8 of a text file, which may be UTF-16 with its mark. Raises FormProblems."""
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as trouble:
        sentence = _(
            "The letters of this file cannot be read: it is not in UTF-8. Save it as “CSV UTF-8” "
            "or as .xlsx and send it again."
        )
        raise refuse(sentence) from trouble
    if "\0" in text:
        raise refuse(_("This is not a text file: it holds the character NUL."))
    return text.encode()


def vars_of(workbook: Any) -> dict[str, Any]:
    """Return pyxform's workbook as the dictionary its converter takes."""
    names = [*workbook.__slots__] if hasattr(workbook, "__slots__") else [*vars(workbook)]
    return {name: getattr(workbook, name) for name in names}


def _set(workbook: Any, name: str) -> bool:
    from pyxform import aliases

    spelled = {name, *(k for k, v in aliases.settings_header.items() if v == name)}
    row = (workbook.settings or [{}])[0]
    return any(str(row.get(key) or "").strip() for key in row if _plain(key) in spelled)


def _plain(header: str) -> str:
    return header.strip().lower().replace(" ", "_")


def _default(workbook: Any, name: str, value: str) -> None:
    if not workbook.settings:
        workbook.settings = [{}]
        workbook.settings_header = [{}]
    if not str(workbook.settings[0].get(name) or "").strip():
        workbook.settings[0][name] = value
        workbook.settings_header[0].setdefault(name, None)


def _learn(sheets: Sheets, workbook: Any, content: bytes, kind: str) -> None:
    sheets.raw = list(workbook.survey or [])
    for name in _SHEETS:
        header = getattr(workbook, f"{name}_header", None)
        if header:
            sheets.headers[name] = ["" if h == "None" else h for h in header[0]]
    if kind in {"xlsx", "xlsm"}:
        # pyxform leaves out columns without a header; the letters of cells count them
        sheets.headers |= _headers(content)


def _headers(content: bytes) -> dict[str, list[str]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    headers = {}
    try:
        for sheet in book.worksheets:
            name = sheet.title.lower()
            if name in _SHEETS or len(book.worksheets) == 1:
                name = name if name in _SHEETS else "survey"
                row = next(sheet.iter_rows(max_row=1, max_col=limits.MAX_COLUMNS), ())
                headers[name] = [str(c.value or "").strip() for c in row]
    finally:
        book.close()
    return headers


def _check(sheets: Sheets, workbook: Any) -> None:
    """Check sizes, and letters that no XForm can hold. Raises FormProblems naming the cell."""
    survey, choices = list(workbook.survey or []), list(workbook.choices or [])
    widest = max((len(headers) for headers in sheets.headers.values()), default=0)
    limits.check_rows(survey, [*choices, *(workbook.external_choices or [])], widest)
    for name in _SHEETS:
        for number, row in enumerate(getattr(workbook, name, None) or [], start=2):
            for column, value in row.items():
                if isinstance(value, str) and _NOT_XML.search(value):
                    sentence = _("The cell holds a character that cannot be seen; write it again.")
                    raise refuse(sentence, name, sheets.cell(name, number, str(column)))


def problem_of(trouble: "PyXFormError", sheets: Sheets) -> Problem:
    """Return pyxform's error with its sheet and cell, in the reader's language where possible."""
    message = str(trouble)
    context = trouble.context or {}
    row = context.get("row") or _first(_ROW, message)
    sheet = context.get("sheet") or context.get("sheet_name") or _first(_SHEET, message)
    quoted = None if row else sheets.quoted(message)
    if quoted is not None and not sheet:
        row, context = quoted[0], {**context, "column": quoted[1]}
    if row and not sheet:
        sheet = "survey"
    column = context.get("column") or _first(_COLUMN, message) or "type"
    cell = sheets.cell(str(sheet), row, str(column)) if row else ""
    ours = _sentence(trouble.code, context)
    plain = _SHEET.sub("", _ROW.sub("", message)).strip()
    return Problem(str(sheet or ""), cell, ours or framed(plain))


def _first(pattern: re.Pattern[str], message: str) -> str:
    match = pattern.search(message)
    return match[1] if match else ""


def _sentence(code: "ErrorCode | None", context: dict[str, Any]) -> str:
    """Return our sentence for the most frequent mistakes; "" for the others."""
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
    placeholders = {"value": "", "q": "", "other": "", "header": "", "missing": "", **context}
    sentence = words.get(code.name, "")
    return sentence % placeholders if sentence else ""
