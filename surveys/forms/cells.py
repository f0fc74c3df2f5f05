"""The cells of an XLSForm: from a question and a column to the cell that a message names."""

import re
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.utility import xl_col_to_name

_QUOTED = re.compile(r"['“\"]([^'”\"]{1,80})['”\"]")
BEGIN = re.compile(r"^begin[ _](group|repeat|loop)$")
END = re.compile(r"^end[ _](group|repeat|loop)$")

_HEADERS = {
    "relevant": ("relevant", "relevance", "bind::relevant"),
    "constraint": ("constraint", "bind::constraint"),
    "calculate": ("calculation", "calculate", "bind::calculate"),
    "required": ("required", "bind::required"),
    "readonly": ("read_only", "readonly", "bind::readonly"),
    "repeat_count": ("repeat_count", "count", "jr:count", "control::jr:count", "body::jr:count"),
    "type": ("type", "command"),
    "name": ("name", "tag", "value"),
    "label": ("label", "caption"),
    "hint": ("hint",),
    "guidance_hint": ("guidance_hint",),
    "constraint_message": (
        *("constraint_message", "constraining_message", "bind::jr:constraintmsg"),
    ),
    "required_message": ("required_message", "requiredmsg", "bind::jr:requiredmsg"),
    "appearance": ("appearance", "control::appearance", "body::appearance"),
    "form_id": ("form_id", "id_string"),
    "form_title": ("form_title", "title"),
}
"""Our name of a column to the headers that pyxform takes for it; others are written one way."""


def _spelled(header: str) -> str:
    return header.strip().lower().replace(" ", "_")


def _matches(header: str, wanted: str, language: str) -> bool:
    """Return whether a header names the column ``wanted``, in ``language`` if one is given."""
    spelled = _spelled(header)
    if not language:
        return spelled == wanted or (":" not in wanted and spelled.split(":")[0] == wanted)
    return spelled in {f"{wanted}::{_spelled(language)}", f"{wanted}:{_spelled(language)}"}


@dataclass
class Sheets:
    """The cells of an XLSForm, to find the one that a message is about."""

    headers: dict[str, list[str]] = field(default_factory=dict)
    """headers of a sheet from its first column on; "" where a column has none"""
    rows: dict[str, int] = field(default_factory=dict)
    """path of a question to its row on the survey sheet"""
    raw: list[dict[str, Any]] = field(default_factory=list)
    """the survey sheet as it was read, to find what a message quotes"""
    shift: int = 0
    """columns before the first: CSV and Markdown have the sheet's name there"""

    def cell(self, sheet: str, row: int | str, column: str, language: str = "") -> str:
        """Return the name of a cell, such as ``B7``.

        Return only the row when the column is not on the sheet.
        """
        letter = self.column(sheet, column, language)
        return f"{letter}{row}" if letter else str(row)

    def column(self, sheet: str, name: str, language: str = "") -> str:
        """Return the letter of a column, such as ``B``; "" when no header of the sheet means it."""
        headers = self.headers.get(sheet, [])
        name = name.lower()
        for wanted in _HEADERS.get(name, (name, f"bind::{name}", f"body::{name}")):
            for tongue in (language, "") if language else ("",):
                for index, header in enumerate(headers):
                    if _matches(header, wanted, tongue):
                        return str(xl_col_to_name(index + self.shift))
        return ""

    def quoted(self, message: str) -> tuple[int, str] | None:
        """Return the row and column of the first survey cell that ``message`` quotes."""
        for words in _QUOTED.findall(message):
            for number, row in enumerate(self.raw, start=2):
                for column, value in row.items():
                    if str(value).strip() == words:
                        return number, column
        return None

    def place(self, path: str, column: str, language: str = "") -> tuple[str, str]:
        """Return sheet and cell of a question; its path when it is not on the sheet."""
        row = self.rows.get(path.replace("orx:", ""))
        if row is None and path.endswith("_count"):
            # pyxform makes a calculated question of an expression in repeat_count
            row, column = self.rows.get(path.removesuffix("_count")), "repeat_count"
        if row is None and path.rpartition("/")[2] == "instanceName":
            cell = self.cell("settings", 2, "instance_name")
            return "settings", cell
        if row is None:
            return "", path or "settings"
        return "survey", self.cell("survey", row, column, language)


def paths(rows: list[dict[str, Any]], root: str) -> dict[str, int]:
    """Return the row of each question by its path (row 1 is the header)."""
    row_of: dict[str, int] = {}
    inside = [root]
    for number, row in enumerate(rows, start=2):
        kind = str(row.get("type") or row.get("command") or "").strip().lower()
        name = str(row.get("name") or row.get("tag") or "").strip()
        if END.match(kind):
            if len(inside) > 1:
                inside.pop()
            continue
        path = "/" + "/".join([*inside, name or kind])
        row_of.setdefault(path, number)
        if BEGIN.match(kind):
            inside.append(name)
    return row_of
